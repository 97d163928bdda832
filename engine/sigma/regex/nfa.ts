/** Thompson construction: the tree as a small program whose states a set can walk in step with the text. */
import type { Assertion, CharSet, RegexNode } from './ast.ts';

export const MOST_STATES = 20_000;

export interface Nfa {
  /** `set`: go to `next` on a unit of the set; `split`: both ways; `assert`: go on where it holds; `match`. */
  readonly states: readonly NfaState[];
  readonly start: number;
}
export type NfaState =
  | { readonly kind: 'set'; readonly set: CharSet; next: number }
  | { readonly kind: 'split'; next: number; other: number }
  | { readonly kind: 'assert'; readonly what: Assertion; next: number }
  | { readonly kind: 'match' };

export function buildNfa(node: RegexNode): Nfa {
  const states: NfaState[] = [{ kind: 'match' }];
  const add = (state: NfaState): number => {
    if (states.length >= MOST_STATES) throw new Error('it is too large: its quantifiers multiply');
    return states.push(state) - 1;
  };
  /** Builds `node` so that it goes on to `next`; returns where it begins. */
  const build = (item: RegexNode, next: number): number => {
    if (item.kind === 'set') return add({ kind: 'set', set: item.set, next });
    if (item.kind === 'assert') return add({ kind: 'assert', what: item.what, next });
    if (item.kind === 'cat') return item.items.reduceRight((after, part) => build(part, after), next);
    if (item.kind === 'alt')
      return item.items.map((branch) => build(branch, next)).reduce((other, begin) => add({ kind: 'split', next: begin, other }));
    let after = next;
    if (item.max === Infinity) {
      const loop: NfaState = { kind: 'split', next: 0, other: next };
      after = add(loop);
      loop.next = build(item.item, after);
    } else for (let count = item.min; count < item.max; count++) after = add({ kind: 'split', next: build(item.item, after), other: next });
    for (let count = 0; count < item.min; count++) after = build(item.item, after);
    return after;
  };
  return { start: build(node, 0), states };
}
