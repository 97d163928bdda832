/** The states of an expression's program as numbers in arrays: what a walk reads, and nothing else. */
import type { Assertion, CharSet } from './ast.ts';
import type { Classes } from './classes.ts';
import type { Nfa } from './nfa.ts';

export const MATCH = 0;
export const SPLIT = 1;
export const ASSERT = 2;
/** Goes on for the classes from `first` to `last`. */
export const RANGE = 3;
/** Goes on for the classes whose bit is set in row `first` of `bits`. */
export const BITS = 4;

/** Elements of all rows of bits together: 1 MB. */
const MOST_WORDS = 262_144;
const ASSERTIONS: readonly Assertion[] = ['start', 'end', 'line-start', 'line-end', 'word', 'not-word', 'very-end'];

export interface Program {
  readonly start: number;
  readonly size: number;
  readonly kinds: Uint8Array;
  readonly next: Int32Array;
  /** The other way of a split; the assertion of an assertion; the first class or the row of a set. */
  readonly first: Int32Array;
  readonly last: Int32Array;
  readonly bits: Int32Array;
  /** Elements of `bits` in a row. */
  readonly words: number;
}

export function toProgram({ states, start }: Nfa, classes: Classes): Program {
  const size = states.length;
  const words = (classes.count + 31) >> 5;
  const program = { kinds: new Uint8Array(size), next: new Int32Array(size), first: new Int32Array(size), last: new Int32Array(size) };
  const { kinds, next, first, last } = program;
  const rows = new Rows(classes, words);
  for (const [at, state] of states.entries()) {
    if (state.kind === 'match') continue;
    next[at] = state.next;
    if (state.kind === 'split') {
      kinds[at] = SPLIT;
      first[at] = state.other;
    } else if (state.kind === 'assert') {
      kinds[at] = ASSERT;
      first[at] = ASSERTIONS.indexOf(state.what);
    } else if (state.set.length === 2) {
      kinds[at] = RANGE;
      first[at] = classes.of(state.set[0] ?? 0);
      last[at] = classes.of(state.set[1] ?? 0);
    } else {
      kinds[at] = BITS;
      first[at] = rows.of(state.set);
    }
  }
  return { ...program, start, size, words, bits: rows.done() };
}

/** Classes of sets as rows of bits, one for equal sets. */
class Rows {
  private readonly bySet = new Map<CharSet, number>();
  private readonly byText = new Map<string, number>();
  private readonly rows: Int32Array[] = [];
  private readonly classes: Classes;
  private readonly words: number;

  constructor(classes: Classes, words: number) {
    this.classes = classes;
    this.words = words;
  }

  of(set: CharSet): number {
    const known = this.bySet.get(set);
    if (known !== undefined) return known;
    const text = set.join();
    const row = this.byText.get(text) ?? this.rows.push(this.bitsOf(set)) - 1;
    if (this.rows.length * this.words > MOST_WORDS) throw new Error('it is too large: it has too many character classes');
    this.byText.set(text, row);
    this.bySet.set(set, row);
    return row;
  }

  done(): Int32Array {
    const all = new Int32Array(this.rows.length * this.words);
    for (const [index, row] of this.rows.entries()) all.set(row, index * this.words);
    return all;
  }

  private bitsOf(set: CharSet): Int32Array {
    const row = new Int32Array(this.words);
    for (let at = 0; at + 1 < set.length; at += 2)
      for (let one = this.classes.of(set[at] ?? 0), to = this.classes.of(set[at + 1] ?? 0); one <= to; one++)
        row[one >> 5] = (row[one >> 5] ?? 0) | (1 << (one & 31));
    return row;
  }
}

export function assertionOf(number: number): Assertion {
  return ASSERTIONS[number] ?? 'start';
}
