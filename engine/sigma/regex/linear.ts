/**
 * Linear-time matching: a deterministic automaton built as texts need it (lazily), with a bound on its states and on the work a
 * single text may cause. Answers only whether the expression matches somewhere.
 */
import { SigmaError } from '../errors.ts';
import { type CharSet, type RegexNode, WORD } from './ast.ts';
import { Classes } from './classes.ts';
import { buildNfa } from './nfa.ts';
import { type Program, toProgram } from './program.ts';
import { type Context, contextOf, EDGE, LAST_LINE, LINE, REACHED_MATCH, Walker } from './walk.ts';

const MOST_DFA_STATES = 2_000;
/** Cells of the table, and members of the sets behind its states, that one expression may keep: 0.6 MB in all. */
const MOST_CELLS = 100_000;
const MOST_MEMBERS = 50_000;
/** Cells that cost as much to fill or copy as one program state to visit. */
const CELLS_PER_VISIT = 32;
/** What building automaton states for one event may cost, in program states visited: calibrated to well below a millisecond. */
export const MOST_WORK = 80_000;
/** What a step costs beside the states it visits: finding or making the automaton state it leads to. */
const STEP = 150;
const UNKNOWN = -1;
const MATCHED = -2;
/** Places for the numbers of states, by a hash of their sets: more than twice as many as there are states. */
const SLOTS = 4_096;

export class LinearRegex {
  private readonly program: Program;
  private readonly classes: Classes;
  /** Columns of the table: one per class of units, then a last line break, then the end. */
  private readonly width: number;
  private readonly mostStates: number;
  /** Where each column leads from each state: to the start of a state's row, `UNKNOWN` or `MATCHED`. */
  private table = new Int32Array(0);
  private slots = new Int32Array(0);
  private sets: Int32Array[] = [];
  private contexts: Context[] = [];
  private hashes: number[] = [];
  private members = 0;
  private work = 0;
  /** Counts how often all states were forgotten. */
  private generation = 0;
  private walker: Walker | undefined;

  constructor(tree: RegexNode) {
    const nfa = buildNfa(tree);
    const sets = new Set<CharSet>([WORD, [10, 10]]);
    for (const state of nfa.states) if (state.kind === 'set') sets.add(state.set);
    this.classes = new Classes(sets);
    this.program = toProgram(nfa, this.classes);
    this.width = this.classes.count + 2;
    this.mostStates = Math.min(MOST_DFA_STATES, Math.max(16, Math.floor(MOST_CELLS / this.width)));
  }

  /** Work since `renew`, in program states visited. */
  get spent(): number {
    return this.work;
  }

  /** The work is counted from nothing again: another event begins. */
  renew(): void {
    this.work = 0;
  }

  /** Throws `SIGMA_REGEX_BUDGET` when all texts since `renew` would cost more than is allowed. */
  test(text: string): boolean {
    if (this.sets.length === 0) this.reset();
    const { classes, width } = this;
    const { latin } = classes;
    let { table } = this;
    let row = 0;
    const lastLine = text.charCodeAt(text.length - 1) === 10;
    // The loop that all of a long text goes through: nothing in it that can be outside.
    for (let index = 0, end = text.length - (lastLine ? 1 : 0); index < end; index++) {
      const unit = text.charCodeAt(index);
      const column = unit < 256 ? (latin[unit] ?? 0) : classes.of(unit);
      let next = table[row + column] ?? UNKNOWN;
      if (next < 0) {
        next = this.follow(row, column, unit);
        if (next === MATCHED) return true;
        table = this.table;
      }
      row = next;
    }
    if (lastLine) row = this.follow(row, width - 2, 10);
    return row === MATCHED || this.follow(row, width - 1, -1) === MATCHED;
  }

  private follow(row: number, column: number, unit: number): number {
    const next = this.table[row + column] ?? UNKNOWN;
    return next === UNKNOWN ? this.step(row, column, unit) : next;
  }

  private reset(): void {
    if (this.sets.length === 0) {
      this.table = new Int32Array(16 * this.width);
      this.slots = new Int32Array(SLOTS);
    }
    this.slots.fill(-1);
    this.table.fill(UNKNOWN);
    this.work += (this.table.length + SLOTS) / CELLS_PER_VISIT;
    this.sets = [];
    this.contexts = [];
    this.hashes = [];
    this.members = 0;
    this.generation++;
    this.intern(Int32Array.of(this.program.start), 1, EDGE);
  }

  /** Row of the automaton state for the first `count` of these program states, in ascending order, after this context. */
  private intern(states: Int32Array, count: number, context: Context): number {
    let hash: number = context;
    for (let at = 0; at < count; at++) hash = Math.imul(hash ^ (states[at] ?? 0), 0x9e3779b1) ^ (hash >>> 15);
    let slot = hash & (SLOTS - 1);
    for (let number = this.slots[slot] ?? -1; number >= 0; number = this.slots[slot] ?? -1) {
      if (this.hashes[number] === hash && this.contexts[number] === context && same(this.sets[number], states, count))
        return number * this.width;
      slot = (slot + 1) & (SLOTS - 1);
    }
    const full = this.sets.length >= this.mostStates || this.members + count > MOST_MEMBERS;
    if (full && this.sets.length > 1) {
      const kept = states.slice(0, count);
      this.reset();
      return this.intern(kept, count, context);
    }
    const number = this.sets.push(states.slice(0, count)) - 1;
    this.slots[slot] = number;
    this.contexts.push(context);
    this.hashes.push(hash);
    this.members += count;
    this.work += count;
    this.grow((number + 1) * this.width);
    return number * this.width;
  }

  private grow(cells: number): void {
    if (cells <= this.table.length) return;
    const larger = new Int32Array(this.table.length * 2).fill(UNKNOWN);
    larger.set(this.table);
    this.table = larger;
    this.work += larger.length / CELLS_PER_VISIT;
  }

  private step(row: number, column: number, unit: number): number {
    const { generation, width } = this;
    const number = row / width;
    const atEnd = column === width - 1;
    const before = this.contexts[number] ?? EDGE;
    const after: Context = atEnd ? EDGE : column === width - 2 ? LAST_LINE : contextOf(unit);
    this.walker ??= new Walker(this.program);
    const count = this.walker.walk(this.sets[number] ?? NONE, { before, after, unitClass: atEnd ? -1 : this.classes.of(unit) });
    this.work += this.walker.cost + STEP;
    if (this.work > MOST_WORK) throw new SigmaError('SIGMA_REGEX_BUDGET');
    let target = MATCHED;
    if (count !== REACHED_MATCH) target = atEnd ? row : this.intern(this.walker.reached, count, after === LAST_LINE ? LINE : after);
    // Its row is gone where all states were forgotten meanwhile.
    if (generation === this.generation) this.table[row + column] = target;
    return target;
  }
}

const NONE = new Int32Array(0);

function same(known: Int32Array | undefined, states: Int32Array, count: number): boolean {
  if (known === undefined || known.length !== count) return false;
  for (let at = 0; at < count; at++) if (known[at] !== states[at]) return false;
  return true;
}
