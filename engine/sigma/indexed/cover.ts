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
