/**
 * Linear-time matching: a deterministic automaton built as texts need it (lazily), with a bound on its states and on the work a
 * single text may cause. Answers only whether the expression matches somewhere.
 */
import { SigmaError } from '../errors.ts';
import { type CharSet, contains, pairs, type RegexNode, WORD } from './ast.ts';
import { buildNfa, type Nfa } from './nfa.ts';

const MOST_DFA_STATES = 2_000;
/** Cells of the table, and members of the sets behind its states, that one expression may keep: 0.6 MB in all. */
const MOST_CELLS = 100_000;
const MOST_MEMBERS = 50_000;
/** NFA states visited while building automaton states for one text: about a millisecond. */
export const WORK_PER_TEXT = 60_000;
const UNKNOWN = -1;
const MATCHED = -2;

/** What stands before or after a position. */
const EDGE = 0;
const LINE = 1;
const WORD_UNIT = 2;
const OTHER = 3;
/** A line break that ends the text: PCRE's `$` holds before it. */
const LAST_LINE = 4;
type Context = typeof EDGE | typeof LINE | typeof WORD_UNIT | typeof OTHER | typeof LAST_LINE;

export class LinearRegex {
  private readonly nfa: Nfa;
  private readonly bounds: Uint16Array;
  private readonly ascii = new Uint16Array(128);
  /** Columns of the table: one per class of units, then a last line break, then the end. */
  private readonly width: number;
  private readonly mostStates: number;
  private table: Int32Array;
  private sets: Int32Array[] = [];
  private contexts: Context[] = [];
  /** Automaton states by a hash of their set and context. */
  private readonly known = new Map<number, number[]>();
  private members = 0;
  private work = 0;
  /** Counts how often all states were forgotten. */
  private generation = 0;
  private readonly walker: Walker;

  constructor(tree: RegexNode) {
    this.nfa = buildNfa(tree);
    const sets = new Set<CharSet>([WORD, [10, 10]]);
    for (const state of this.nfa.states) if (state.kind === 'set') sets.add(state.set);
    const bounds = new Set<number>();
    for (const set of sets)
      for (const [from, to] of pairs(set)) {
        bounds.add(from);
        if (to < 0xffff) bounds.add(to + 1);
      }
    this.bounds = Uint16Array.from(bounds).sort();
    for (let unit = 0; unit < 128; unit++) this.ascii[unit] = this.search(unit);
    this.width = this.bounds.length + 3;
    this.mostStates = Math.min(MOST_DFA_STATES, Math.max(16, Math.floor(MOST_CELLS / this.width)));
    this.table = new Int32Array(16 * this.width);
    this.walker = new Walker(this.nfa);
    this.reset();
  }

  /** Work the last text caused, in NFA states visited. */
  get lastWork(): number {
    return this.work;
  }

  /** Throws `SIGMA_REGEX_BUDGET` when the text would cost more than its bound. */
  test(text: string): boolean {
    this.work = 0;
    let state = 0;
    const last = text.length - 1;
    for (let index = 0; index <= last; index++) {
      const unit = text.charCodeAt(index);
      let column = unit < 128 ? (this.ascii[unit] ?? 0) : this.search(unit);
      if (unit === 10 && index === last) column = this.width - 2;
      let next = this.table[state * this.width + column] ?? UNKNOWN;
      if (next === UNKNOWN) next = this.step(state, column, unit);
      if (next === MATCHED) return true;
      state = next;
    }
    const column = this.width - 1;
    const end = this.table[state * this.width + column] ?? UNKNOWN;
    return (end === UNKNOWN ? this.step(state, column, -1) : end) === MATCHED;
  }

  private search(unit: number): number {
    let low = 0;
    let high = this.bounds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.bounds[middle] ?? 0) <= unit) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private reset(): void {
    this.known.clear();
    this.sets = [];
    this.contexts = [];
    this.members = 0;
    this.generation++;
    this.table.fill(UNKNOWN);
    this.intern(Int32Array.of(this.nfa.start), EDGE);
  }

  /** Number of the automaton state for these NFA states, in ascending order, after this context. */
  private intern(set: Int32Array, context: Context): number {
    let hash: number = context;
    for (const member of set) hash = (Math.imul(hash, 31) + member) | 0;
    const alike = this.known.get(hash);
    for (const number of alike ?? []) if (this.contexts[number] === context && same(this.sets[number], set)) return number;
    if (this.sets.length >= this.mostStates || this.members + set.length > MOST_MEMBERS) {
      if (this.sets.length > 1) this.reset();
      return this.sets.length > 1 ? this.intern(set, context) : this.add(set, { context, hash });
    }
    return this.add(set, { context, hash });
  }

  private add(set: Int32Array, { context, hash }: { context: Context; hash: number }): number {
    const number = this.sets.push(set) - 1;
    this.contexts.push(context);
    this.members += set.length;
    const alike = this.known.get(hash);
    if (alike === undefined) this.known.set(hash, [number]);
    else alike.push(number);
    if ((number + 1) * this.width > this.table.length) {
      const larger = new Int32Array(this.table.length * 2).fill(UNKNOWN);
      larger.set(this.table);
      this.table = larger;
    }
    return number;
  }

  private step(state: number, column: number, unit: number): number {
    const { generation } = this;
    const atEnd = column === this.width - 1;
    const before = this.contexts[state] ?? EDGE;
    const after: Context = atEnd ? EDGE : column === this.width - 2 ? LAST_LINE : contextOf(unit);
    const next = this.walker.walk(this.sets[state] ?? NONE, { before, after, unit });
    this.work += this.walker.visited;
    if (this.work > WORK_PER_TEXT) throw new SigmaError('SIGMA_REGEX_BUDGET');
    let target = MATCHED;
    if (next !== undefined) target = atEnd ? state : this.intern(next, after === LAST_LINE ? LINE : after);
    if (generation === this.generation) this.table[state * this.width + column] = target;
    return target;
  }
}

const NONE = new Int32Array(0);

function same(a: Int32Array | undefined, b: Int32Array): boolean {
  if (a === undefined || a.length !== b.length) return false;
  for (let index = 0; index < b.length; index++) if (a[index] !== b[index]) return false;
  return true;
}

/** One step of the whole set of NFA states. */
class Walker {
  /** States the last walk looked at, and those it led to. */
  visited = 0;
  private readonly nfa: Nfa;
  private readonly mark: Int32Array;
  private readonly reached: Int32Array;
  private readonly stack: Int32Array;
  private readonly next: Int32Array;
  private stamp = 0;

  constructor(nfa: Nfa) {
    this.nfa = nfa;
    this.mark = new Int32Array(nfa.states.length);
    this.reached = new Int32Array(nfa.states.length);
    this.stack = new Int32Array(nfa.states.length);
    this.next = new Int32Array(nfa.states.length);
  }

  /** Follows splits and assertions from `set`, and gives where `unit` leads, in ascending order; undefined when the match state is reached. */
  walk(set: Int32Array, place: { before: Context; after: Context; unit: number }): Int32Array | undefined {
    const { mark, reached, stack, next } = this;
    const stamp = this.nextStamp();
    const { states, start } = this.nfa;
    let height = 0;
    let count = 0;
    this.visited = set.length;
    const push = (state: number): void => {
      if (mark[state] === stamp) return;
      mark[state] = stamp;
      stack[height++] = state;
      this.visited++;
    };
    // A match may begin anywhere, so the start joins every set.
    reached[start] = stamp;
    next[count++] = start;
    for (const state of set) push(state);
    while (height > 0) {
      const node = states[stack[--height] ?? 0];
      if (node === undefined) continue;
      if (node.kind === 'match') return undefined;
      if (node.kind === 'split') {
        push(node.other);
        push(node.next);
      } else if (node.kind === 'assert') {
        if (holds(node.what, place.before, place.after)) push(node.next);
      } else if (place.unit >= 0 && reached[node.next] !== stamp && contains(node.set, place.unit)) {
        reached[node.next] = stamp;
        next[count++] = node.next;
      }
    }
    return this.collect(count, stamp);
  }

  /** The states reached, in ascending order: sorted where they are few, read off the marks where they are many. */
  private collect(count: number, stamp: number): Int32Array {
    const { reached, next } = this;
    const sorted = next.slice(0, count);
    if (count * 16 < reached.length) return sorted.sort();
    for (let state = 0, at = 0; at < count; state++) if (reached[state] === stamp) sorted[at++] = state;
    return sorted;
  }

  private nextStamp(): number {
    if (++this.stamp === 0x7fffffff) {
      this.mark.fill(0);
      this.reached.fill(0);
      this.stamp = 1;
    }
    return this.stamp;
  }
}

function contextOf(unit: number): Context {
  return unit === 10 ? LINE : contains(WORD, unit) ? WORD_UNIT : OTHER;
}

function holds(what: string, before: Context, after: Context): boolean {
  if (what === 'start') return before === EDGE;
  if (what === 'very-end') return after === EDGE;
  if (what === 'end') return after === EDGE || after === LAST_LINE;
  if (what === 'line-start') return before === EDGE || before === LINE;
  if (what === 'line-end') return after === EDGE || after === LINE || after === LAST_LINE;
  const boundary = (before === WORD_UNIT) !== (after === WORD_UNIT);
  return what === 'word' ? boundary : !boundary;
}
