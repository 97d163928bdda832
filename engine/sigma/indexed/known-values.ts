/**
 * What is already known of a field's values. Logs repeat themselves: on recorded Windows events nine of ten values of a field were
 * seen a short while ago (the same images, users, parents). What a scan finds in a text, and what a test says of it, depends on the
 * text alone, so both are kept for the values seen last. A table of fixed places, each holding the last value that fell there;
 * values are compared byte by byte, so a hash that meets another costs time only.
 */
import type { Bytes } from './gram-table.ts';
import type { Atom } from './node.ts';

const FIRST_PLACES = 64;
const MOST_PLACES = 2048;
/** Bytes of the values of a table per place, on average; longer values are not kept. */
const BYTES_PER_PLACE = 96;
const LONGEST = 1024;
/** What a place takes beside its value and answers: where the value stands, and the list of what was found in it. */
const OTHER_BYTES = 64;
/** Answers take two bits each, sixteen in a word; so many words a place at first and at most. */
const IN_A_WORD = 16;
const FIRST_WORDS = 2;
const MOST_WORDS = 128;

/** A test whose answers are to be kept. */
export interface Memo {
  /** Among the tests of its field, given out when it is first asked. */
  number: number;
}

/** Not given out yet; none left. */
const UNKNOWN = -2;
const TOO_MANY = -1;

export function newMemo(): Memo {
  return { number: UNKNOWN };
}

/** Bytes that all tables of a rule set may still take: kinds of events and their values are for senders to make up. */
export interface Memory {
  left: number;
}

export class KnownValues {
  /** By entry: the witnesses found in the value; undefined before it was scanned. */
  found: (readonly Atom[] | undefined)[] = [];
  private readonly memory: Memory;
  /** Places less one; a table that was never used has none. */
  private mask = -1;
  private starts = new Int32Array();
  /** -1: free. */
  private lengths = new Int32Array();
  private words = FIRST_WORDS;
  private answers = new Uint32Array();
  private store = new Uint8Array();
  private stored = new DataView(this.store.buffer);
  private end = 0;
  private replaced = 0;
  private tests = 0;

  constructor(memory: Memory) {
    this.memory = memory;
  }

  /** The entry of the value, now made if there was none; -1 for a value that is not kept. */
  enter(value: Bytes): number {
    const length = value.to - value.from;
    if (length > LONGEST) return -1;
    if (this.mask < 0) this.renew();
    if (this.mask < 0) return -1;
    const hash = hashOf(value);
    const entry = hash & this.mask;
    if (this.lengths[entry] === length && this.holds(entry, value)) return entry;
    return this.put(value, hash);
  }

  /** As `answer`, for a test that may have no number yet, or none at all. */
  recall(entry: number, memo: Memo): number {
    if (memo.number === UNKNOWN) memo.number = this.number();
    return memo.number === TOO_MANY ? -1 : this.answer(entry, memo.number);
  }

  keep(entry: number, memo: Memo, passes: boolean): void {
    if (memo.number !== TOO_MANY) this.learn(entry, memo.number, passes);
  }

  /** A number for a test whose answers are to be kept; -1 when there are too many. */
  number(): number {
    if (this.tests === MOST_WORDS * IN_A_WORD) return -1;
    if (this.tests === this.words * IN_A_WORD && !this.widen()) return -1;
    return this.tests++;
  }

  /** 1: the value of the entry passes the test with this number, 0: it does not, -1: not known yet. */
  answer(entry: number, number: number): number {
    return (((this.answers[entry * this.words + (number >> 4)] ?? 0) >>> ((number & 15) * 2)) & 3) - 1;
  }

  learn(entry: number, number: number, passes: boolean): void {
    const word = entry * this.words + (number >> 4);
    this.answers[word] = (this.answers[word] ?? 0) | ((passes ? 2 : 1) << ((number & 15) * 2));
  }

  private holds(entry: number, { bytes, view, from }: Bytes): boolean {
    const { store, stored } = this;
    const start = this.starts[entry] ?? 0;
    const length = this.lengths[entry] ?? 0;
    let at = 0;
    for (; at + 4 <= length; at += 4) if (stored.getUint32(start + at, true) !== view.getUint32(from + at, true)) return false;
    for (; at < length; at++) if (store[start + at] !== bytes[from + at]) return false;
    return true;
  }

  private put({ bytes, from, to }: Bytes, hash: number): number {
    const length = to - from;
    if (this.replaced > this.mask || this.end + length > this.store.length) this.renew();
    const entry = hash & this.mask;
    if ((this.lengths[entry] ?? -1) >= 0) this.replaced++;
    this.starts[entry] = this.end;
    this.lengths[entry] = length;
    for (let at = 0; at < length; at++) this.store[this.end + at] = bytes[from + at] ?? 0;
    this.end += length;
    this.found[entry] = undefined;
    this.answers.fill(0, entry * this.words, (entry + 1) * this.words);
    return entry;
  }

  /** Makes room for answers to twice as many tests. */
  private widen(): boolean {
    const { answers, words } = this;
    if (!this.take(answers.byteLength)) return false;
    this.words = words * 2;
    this.answers = new Uint32Array(answers.length * 2);
    for (let place = 0; place <= this.mask; place++)
      this.answers.set(answers.subarray(place * words, (place + 1) * words), place * this.words);
    return true;
  }

  private take(bytes: number): boolean {
    if (this.memory.left < bytes) return false;
    this.memory.left -= bytes;
    return true;
  }

  /** Begins anew, with more room up to the most there is. */
  private renew(): void {
    const before = this.mask + 1;
    const places = Math.min(MOST_PLACES, Math.max(FIRST_PLACES, before * 2));
    this.end = this.replaced = 0;
    if (places === before || !this.take((places - before) * (BYTES_PER_PLACE + OTHER_BYTES + this.words * 4))) {
      this.lengths.fill(-1);
      return;
    }
    this.found = Array.from<readonly Atom[] | undefined>({ length: places });
    this.mask = places - 1;
    this.starts = new Int32Array(places);
    this.lengths = new Int32Array(places).fill(-1);
    this.answers = new Uint32Array(places * this.words);
    this.store = new Uint8Array(places * BYTES_PER_PLACE);
    this.stored = new DataView(this.store.buffer);
  }
}

function hashOf({ bytes, view, from, to }: Bytes): number {
  let value = to - from;
  let at = from;
  for (; at + 4 <= to; at += 4) value = Math.imul(value ^ view.getUint32(at, true), 0x85ebca6b) ^ (value >>> 13);
  for (; at < to; at++) value = Math.imul(value ^ (bytes[at] ?? 0), 0x85ebca6b) ^ (value >>> 13);
  return value ^ (value >>> 16);
}
