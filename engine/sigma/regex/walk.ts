/** One step of a set of program states: where a unit leads from all of them at once. */
import { type Assertion, contains, WORD } from './ast.ts';
import { ASSERT, assertionOf, MATCH, type Program, RANGE, SPLIT } from './program.ts';

/** What stands before or after a position. */
export const EDGE = 0;
export const LINE = 1;
export const WORD_UNIT = 2;
export const OTHER = 3;
/** A line break that ends the text: PCRE's `$` holds before it. */
export const LAST_LINE = 4;
export type Context = typeof EDGE | typeof LINE | typeof WORD_UNIT | typeof OTHER | typeof LAST_LINE;

export const REACHED_MATCH = -1;
/** Sets up to this size are sorted by insertion. */
const SMALL = 24;

export interface Place {
  readonly before: Context;
  readonly after: Context;
  /** The class of the unit that follows; -1 at the end. */
  readonly unitClass: number;
}

export class Walker {
  /** What the last walk cost: states looked at, led to, and put in order. */
  cost = 0;
  /** The states the last walk led to, in ascending order. */
  readonly reached: Int32Array;
  private readonly program: Program;
  private readonly marks: Int32Array;
  private readonly reachedMarks: Int32Array;
  private readonly stack: Int32Array;
  private stamp = 0;

  constructor(program: Program) {
    this.program = program;
    this.marks = new Int32Array(program.size);
    this.reachedMarks = new Int32Array(program.size);
    // A state is marked when it is taken: until then it may be there once for each state that leads to it.
    this.stack = new Int32Array(2 * program.size + 2);
    this.reached = new Int32Array(program.size);
  }

  /** Follows splits and assertions from `set`, and a unit of `unitClass`; how many states that leads to, or `REACHED_MATCH`. */
  walk(set: Int32Array, place: Place): number {
    const { marks, reached, reachedMarks, stack } = this;
    const { kinds, next, first, last, bits, words, start } = this.program;
    const { unitClass } = place;
    const stamp = this.nextStamp();
    let visited = 0;
    // A match may begin anywhere, so the start joins every set.
    reached[0] = start;
    reachedMarks[start] = stamp;
    let count = 1;
    for (let member = 0; member < set.length; member++) {
      let height = 1;
      stack[0] = set[member] ?? 0;
      while (height > 0) {
        const state = stack[--height] ?? 0;
        if (marks[state] === stamp) continue;
        marks[state] = stamp;
        visited++;
        const kind = kinds[state] ?? MATCH;
        const to = next[state] ?? 0;
        if (kind === SPLIT) {
          const other = first[state] ?? 0;
          if (marks[other] !== stamp) stack[height++] = other;
          if (marks[to] !== stamp) stack[height++] = to;
        } else if (kind === MATCH) {
          this.cost = visited;
          return REACHED_MATCH;
        } else if (kind === ASSERT) {
          if (holds(assertionOf(first[state] ?? 0), place.before, place.after)) stack[height++] = to;
        } else {
          if (unitClass < 0 || reachedMarks[to] === stamp) continue;
          const row = first[state] ?? 0;
          const leads =
            kind === RANGE
              ? unitClass >= row && unitClass <= (last[state] ?? 0)
              : ((bits[row * words + (unitClass >> 5)] ?? 0) & (1 << (unitClass & 31))) !== 0;
          if (!leads) continue;
          reachedMarks[to] = stamp;
          reached[count++] = to;
        }
      }
    }
    this.cost = visited + this.sort(count, stamp);
    return count;
  }

  /** Puts the states reached in order: by insertion where they are few, read off the marks where they are many. */
  private sort(count: number, stamp: number): number {
    const { reached, reachedMarks } = this;
    if (count <= SMALL) {
      for (let at = 1; at < count; at++) {
        const one = reached[at] ?? 0;
        let place = at;
        for (; place > 0 && (reached[place - 1] ?? 0) > one; place--) reached[place] = reached[place - 1] ?? 0;
        reached[place] = one;
      }
      return count >> 1;
    }
    if (count * 16 < reached.length) {
      reached.subarray(0, count).sort();
      return 4 * count;
    }
    for (let state = 0, at = 0; at < count; state++) if (reachedMarks[state] === stamp) reached[at++] = state;
    return reached.length >> 3;
  }

  private nextStamp(): number {
    if (++this.stamp === 0x7fffffff) {
      this.marks.fill(0);
      this.reachedMarks.fill(0);
      this.stamp = 1;
    }
    return this.stamp;
  }
}

export function contextOf(unit: number): Context {
  return unit === 10 ? LINE : contains(WORD, unit) ? WORD_UNIT : OTHER;
}

function holds(what: Assertion, before: Context, after: Context): boolean {
  if (what === 'start') return before === EDGE;
  if (what === 'very-end') return after === EDGE;
  if (what === 'end') return after === EDGE || after === LAST_LINE;
  if (what === 'line-start') return before === EDGE || before === LINE;
  if (what === 'line-end') return after === EDGE || after === LINE || after === LAST_LINE;
  const boundary = (before === WORD_UNIT) !== (after === WORD_UNIT);
  return what === 'word' ? boundary : !boundary;
}
