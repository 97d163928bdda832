/**
 * Linear-time matching: a deterministic automaton built as texts need it (lazily), with a bound on its states and on the work a
 * single text may cause. Answers only whether the expression matches somewhere.
 */
import { SigmaError } from '../errors.ts';
import { type CharSet, contains, pairs, type RegexNode, WORD } from './ast.ts';
import { buildNfa, type Nfa } from './nfa.ts';

const MOST_DFA_STATES = 2_000;
/** NFA states visited while building automaton states for one text: about a millisecond. */
const WORK_PER_TEXT = 400_000;
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
  private table: Int32Array;
  private sets: Int32Array[] = [];
  private contexts: Context[] = [];
  private known = new Map<string, number>();
  private work = 0;
  private readonly mark: Int32Array;
  private stamp = 0;

  constructor(tree: RegexNode) {
    this.nfa = buildNfa(tree);
    const sets: CharSet[] = [WORD, [10, 10]];
    for (const state of this.nfa.states) if (state.kind === 'set') sets.push(state.set);
    this.bounds = Uint16Array.from(
      new Set(sets.flatMap((set) => pairs(set).flatMap(([from, to]) => (to < 0xffff ? [from, to + 1] : [from])))),
    ).sort();
    for (let unit = 0; unit < 128; unit++) this.ascii[unit] = this.search(unit);
    this.width = this.bounds.length + 3;
    this.mark = new Int32Array(this.nfa.states.length);
    this.table = new Int32Array(16 * this.width).fill(UNKNOWN);
    this.reset();
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
    this.table.fill(UNKNOWN);
    this.intern(Int32Array.of(this.nfa.start), EDGE);
  }

  /** Number of the automaton state for these NFA states after this context. */
  private intern(set: Int32Array, context: Context): number {
    const key = `${context}:${set.join()}`;
    const found = this.known.get(key);
    if (found !== undefined) return found;
    if (this.sets.length >= MOST_DFA_STATES) {
      this.reset();
      return this.intern(set, context);
    }
    const number = this.sets.push(set) - 1;
    this.contexts.push(context);
    this.known.set(key, number);
    if ((number + 1) * this.width > this.table.length) {
      const larger = new Int32Array(this.table.length * 2).fill(UNKNOWN);
      larger.set(this.table);
      this.table = larger;
    }
    return number;
  }

  private step(state: number, column: number, unit: number): number {
    const before = this.contexts[state] ?? EDGE;
    const after: Context = column === this.width - 1 ? EDGE : column === this.width - 2 ? LAST_LINE : contextOf(unit);
    const next = new Set<number>();
    const sets = this.sets;
    const result = this.walk(sets[state] ?? new Int32Array(0), { before, after, unit, next });
    const resets = this.sets.length >= MOST_DFA_STATES;
    const target = result
      ? MATCHED
      : column === this.width - 1
        ? state
        : this.intern(this.withStart(next), after === LAST_LINE ? LINE : after);
    if (!resets || result) this.table[state * this.width + column] = target;
    return target;
  }

  /** A match may begin anywhere, so the start joins every set. */
  private withStart(next: Set<number>): Int32Array {
    next.add(this.nfa.start);
    return Int32Array.from(next).sort();
  }

  /** Follows splits and assertions from `set`, collects where `unit` leads; true when the match state is reached. */
  private walk(set: Int32Array, place: { before: Context; after: Context; unit: number; next: Set<number> }): boolean {
    const stack = [...set];
    const stamp = ++this.stamp;
    for (let state = stack.pop(); state !== undefined; state = stack.pop()) {
      if (this.mark[state] === stamp) continue;
      this.mark[state] = stamp;
      if (++this.work > WORK_PER_TEXT) throw new SigmaError('SIGMA_REGEX_BUDGET');
      const node = this.nfa.states[state];
      if (node === undefined) continue;
      if (node.kind === 'match') return true;
      if (node.kind === 'split') stack.push(node.other, node.next);
      else if (node.kind === 'assert') {
        if (holds(node.what, place.before, place.after)) stack.push(node.next);
      } else if (place.unit >= 0 && contains(node.set, place.unit)) place.next.add(node.next);
    }
    return false;
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
