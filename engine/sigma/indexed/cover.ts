/**
 * Which tests stand watch over a rule: **if the rule matches, one of its witnesses has passed**. Only rules of which a witness
 * passed are evaluated.
 */
import type { Atom, Node } from './node.ts';

export interface Cover {
  readonly atoms: readonly Atom[];
  /** Guess of how often one of them passes, and what finding out costs. */
  readonly cost: number;
}

/** The cheapest cover of a tree; undefined when it may hold without any test passing (it rests on a `not`). */
export function coverOf(node: Node): Cover | undefined {
  if (node.kind === 'atom') return { atoms: [node.atom], cost: node.atom.cost };
  if (node.kind === 'not') return undefined;
  const covers = node.children.map(coverOf).filter((cover) => cover !== undefined);
  if (node.kind === 'and') return covers.length === 0 ? undefined : covers.reduce((best, cover) => (cover.cost < best.cost ? cover : best));
  // At least `count` of n hold, so among any n - count + 1 of them one does.
  const needed = node.children.length - (node.kind === 'count' ? node.count : 1) + 1;
  if (needed <= 0) return { atoms: [], cost: 0 };
  if (covers.length < needed) return undefined;
  const cheapest = covers.sort((a, b) => a.cost - b.cost).slice(0, needed);
  return { atoms: cheapest.flatMap((cover) => cover.atoms), cost: cheapest.reduce((sum, cover) => sum + cover.cost, 0) };
}

/** Texts so common in events that finding a part of them says little. */
const COMMON: readonly string[] = [
  'c:\\windows\\system32\\cmd.exe',
  'c:\\windows\\system32\\windowspowershell\\v1.0\\powershell.exe',
  'c:\\windows\\syswow64\\',
  'c:\\windows\\system32\\svchost.exe -k',
  'c:\\windows\\explorer.exe',
  'c:\\windows\\system32\\services.exe',
  'c:\\windows\\system32\\rundll32.exe',
  'c:\\program files (x86)\\microsoft',
  'c:\\program files\\',
  'c:\\users\\administrator\\appdata\\local\\temp\\',
  'c:\\programdata\\microsoft\\windows',
  'hklm\\software\\microsoft\\windows\\currentversion\\',
  'hklm\\system\\currentcontrolset\\services\\',
  '\\software\\microsoft\\windows nt\\currentversion\\',
  'nt authority\\system',
  'microsoft corporation',
  'microsoft® windows® operating system',
  'http://www.',
  'https://',
  '.dll',
  '.exe',
  '.com',
  '.ps1',
  '.tmp',
  ' /c ',
  ' -c ',
  'true',
  'false',
];
/** Those that nearly every event of some kind holds. */
const EVERYWHERE = 0.3;

/** How often a folded literal is found, as a guess between 0 and 1. */
export function frequencyOf(literal: string): number {
  if (literal.length < 2) return 0.5;
  if (COMMON.some((text) => text.includes(literal) || (literal.length < text.length + 3 && literal.includes(text)))) return EVERYWHERE;
  let weight = 0;
  for (const character of literal) weight += /[a-z]/.test(character) ? 0.55 : /[ \\.:/-]/.test(character) ? 0.35 : 0.8;
  return Math.max(1e-5, 0.4 * 10 ** -(weight / 2.2));
}
