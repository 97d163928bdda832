/** Regular expressions: those that match nothing, cost too much, or were meant as wildcards. */
import { contains, type RegexNode } from '../regex/ast.ts';
import { compileRegex } from '../regex/compile.ts';
import { shortestMatch } from '../regex/cost.ts';
import { parseRegex } from '../regex/parse.ts';
import { compileRun } from '../regex/run.ts';
import { shorten } from './detections.ts';
import { itemsOf, type LintDetection, type LintDocument, type LintValue } from './document.ts';
import { fixWith } from './source.ts';

/** A command line of this length is long and not rare. */
const LONG_TEXT = 'a'.repeat(2_048);

export function checkRegexes(detections: readonly LintDetection[], document: LintDocument): void {
  for (const item of detections.flatMap(({ node }) => itemsOf(node)))
    for (const value of item.values) {
      const [test] = value.tests;
      if (test?.kind === 'regex') checkRegex(value, test, document);
    }
}

function checkRegex(
  value: LintValue,
  { pattern, flags }: { readonly pattern: string; readonly flags: string },
  document: LintDocument,
): void {
  const { place } = value;
  const shown = shorten(pattern);
  const tree = parseRegex(pattern, { i: flags.includes('i'), m: flags.includes('m'), s: flags.includes('s') });
  if (isImpossible(tree, { before: 0, after: 0 })) {
    document.report('impossible-regex', place, `${shown} can match no text.`);
    return;
  }
  const regex = compileRegex(pattern, flags);
  if (regex.literals === undefined && compileRun(tree) === undefined && !regex.isNative(LONG_TEXT))
    document.report('expensive-regex', place, `${shown} has no text that must be present, and can take many steps on a long value.`);
  if (someNode(tree, isRepeatedBackslash))
    document.report('wildcard-in-regex', place, `${shown}: "\\\\*" is any number of backslashes; any text is ".*", a star "\\*".`);
  if (/^(?:[\w\s/:;,=@#%&"'<>~`!-]|\\[\W_])+$/.test(pattern) && shortestMatch(tree) > 0) {
    document.report('needless-regex', place, `${shown} is plain text; "contains" says the same.`);
    return;
  }
  const bare = withoutOpenEnds(pattern);
  if (bare === pattern) return;
  const fix = bare === '' ? undefined : fixWith(`write ${shorten(bare)}`, document.source.replace(place, pattern, bare));
  document.report('open-regex', place, `${shown}: ".*" at an end changes nothing, an expression is looked for anywhere.`, fix);
}

/** Only where no alternative could be cut in two, and the dot is not an escaped one. */
function withoutOpenEnds(pattern: string): string {
  if (pattern.includes('|')) return pattern;
  const start = pattern.replace(/^(?:\.\*\??)+(?![*+?{])/, '');
  return start.replace(/(?<=(?:^|[^\\])(?:\\\\)*)(?:\.\*\??)+$/, '');
}

interface Around {
  /** Units that must be matched before and after the node. */
  readonly before: number;
  readonly after: number;
  /** Whether what comes next can begin with a line break. */
  readonly breakNext?: boolean;
}

/** True when the node can match nothing: an empty class, or a start that is not at the start, an end before more text. */
function isImpossible(node: RegexNode, around: Around): boolean {
  if (node.kind === 'set') return node.set.length === 0;
  if (node.kind === 'alt') return node.items.every((item) => isImpossible(item, around));
  if (node.kind === 'repeat') return node.min > 0 && isImpossible(node.item, around);
  if (node.kind === 'assert') {
    if (node.what === 'start') return around.before > 0;
    if (node.what === 'very-end') return around.after > 0;
    return node.what === 'end' && (around.after > 1 || (around.after === 1 && around.breakNext === false));
  }
  const lengths = node.items.map(shortestMatch);
  const sum = (from: number, to: number): number => lengths.slice(from, to).reduce((total, length) => total + length, 0);
  return node.items.some((item, index) =>
    isImpossible(item, {
      before: around.before + sum(0, index),
      after: around.after + sum(index + 1, lengths.length),
      ...breakAfter(node.items.slice(index + 1), around),
    }),
  );
}

function breakAfter(rest: readonly RegexNode[], around: Around): Pick<Around, 'breakNext'> {
  const [next] = rest;
  if (next === undefined) return around.breakNext === undefined ? {} : { breakNext: around.breakNext };
  const first = next.kind === 'repeat' && next.min > 0 ? next.item : next;
  return first.kind === 'set' ? { breakNext: contains(first.set, 10) } : {};
}

function isRepeatedBackslash(node: RegexNode): boolean {
  return node.kind === 'repeat' && node.min === 0 && node.max === Infinity && node.item.kind === 'set' && String(node.item.set) === '92,92';
}

function someNode(node: RegexNode, test: (node: RegexNode) => boolean): boolean {
  if (test(node)) return true;
  if (node.kind === 'cat' || node.kind === 'alt') return node.items.some((item) => someNode(item, test));
  return node.kind === 'repeat' && someNode(node.item, test);
}
