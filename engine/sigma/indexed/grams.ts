/**
 * Literals anywhere in a text, all of them in one pass: a hash of four units leads to the literals that hold those four. When all
 * literals are long, only every few positions need to be looked at.
 */
import { CLASSES } from './units.ts';

interface Needle {
  readonly literal: string;
  readonly entry: number;
}

/** How often four-unit groups occur in the literals of all rules: what many rules look for is frequent in events, too. */
export class GramCounts {
  private readonly counts = new Uint32Array(65_536);

  add(literal: string): void {
    for (let end = 3; end < literal.length; end++) {
      const gram = hash(literal, end, 4);
      this.counts[gram] = (this.counts[gram] ?? 0) + 1;
    }
  }

  of(literal: string, end: number): number {
    return this.counts[hash(literal, end, 4)] ?? 0;
  }
}

/** The hash after reading the unit at `end`: of the last four units, `shift` bits apart. */
function hash(text: string, end: number, shift: number): number {
  let value = 0;
  for (let at = Math.max(0, end - 3); at <= end; at++) value = (value << shift) ^ (CLASSES[text.charCodeAt(at)] ?? 0);
  return value & ((1 << (4 * shift)) - 1);
}

export class GramScanner {
  private readonly head: Int32Array;
  /** A bit per hash that leads somewhere: small enough for the nearest cache. */
  private readonly bits: Uint8Array;
  private readonly next: number[] = [0];
  private readonly entries: number[] = [0];
  /** From the start of the literal to the last unit of its group. */
  private readonly ends: number[] = [0];
  private readonly shift: number;
  private readonly mask: number;
  /** Positions are looked at this far apart. */
  private readonly step: number;

  constructor(needles: readonly Needle[], counts: GramCounts) {
    const shortest = needles.reduce((least, { literal }) => Math.min(least, literal.length), Infinity);
    this.step = shortest >= 7 ? Math.min(shortest - 3, 16) : 1;
    this.shift = needles.length * this.step > 96 ? 4 : 3;
    this.mask = (1 << (4 * this.shift)) - 1;
    this.head = new Int32Array(this.mask + 1);
    this.bits = new Uint8Array((this.mask + 1) / 8);
    for (const needle of needles) this.add(needle, counts);
  }

  private add({ literal, entry }: Needle, counts: GramCounts): void {
    const { length } = literal;
    if (length < 4) {
      // The hash of a longer text ends in these bits; what stands above them may be anything.
      const known = hash(literal, length - 1, this.shift) & ((1 << (length * this.shift)) - 1);
      for (let above = 0; above <= this.mask; above += 1 << (length * this.shift)) this.put(above | known, entry, length - 1);
      return;
    }
    let best = 3;
    let least = Infinity;
    for (let first = 3; first + this.step - 1 < length; first++) {
      let worst = 0;
      for (let end = first; end < first + this.step; end++) worst = Math.max(worst, counts.of(literal, end));
      if (worst < least) [best, least] = [first, worst];
    }
    for (let end = best; end < best + this.step; end++) this.put(hash(literal, end, this.shift), entry, end);
  }

  private put(gram: number, entry: number, end: number): void {
    this.next.push(this.head[gram] ?? 0);
    this.entries.push(entry);
    this.ends.push(end);
    this.head[gram] = this.entries.length - 1;
    this.bits[gram >> 3] = (this.bits[gram >> 3] ?? 0) | (1 << (gram & 7));
  }

  /** Calls `hit` with an entry and where its literal would have to start; the caller compares. */
  scan(text: string, hit: (entry: number, start: number) => void): void {
    if (this.step > 3) this.leap(text, hit);
    else this.slide(text, hit);
  }

  /** The same over ASCII bytes; `start` counts from the bytes' own beginning. */
  scanBytes(bytes: Uint8Array, from: number, to: number, hit: (entry: number, start: number) => void): void {
    const { shift, mask, bits, step } = this;
    if (step > 3) {
      for (let end = from + step + 2; end < to; end += step) {
        let value = CLASSES[bytes[end - 3] ?? 0] ?? 0;
        value = (value << shift) ^ (CLASSES[bytes[end - 2] ?? 0] ?? 0);
        value = (value << shift) ^ (CLASSES[bytes[end - 1] ?? 0] ?? 0);
        value = ((value << shift) ^ (CLASSES[bytes[end] ?? 0] ?? 0)) & mask;
        if ((((bits[value >> 3] ?? 0) >> (value & 7)) & 1) !== 0) this.report(value, end, from, hit);
      }
      return;
    }
    let value = 0;
    for (let at = from; at < to; at++) {
      value = ((value << shift) ^ (CLASSES[bytes[at] ?? 0] ?? 0)) & mask;
      if ((((bits[value >> 3] ?? 0) >> (value & 7)) & 1) !== 0) this.report(value, at, from, hit);
    }
  }

  private report(gram: number, end: number, from: number, hit: (entry: number, start: number) => void): void {
    const { next, entries, ends } = this;
    for (let one = this.head[gram] ?? 0; one !== 0; one = next[one] ?? 0) {
      const start = end - (ends[one] ?? 0);
      if (start >= from) hit(entries[one] ?? 0, start);
    }
  }

  private slide(text: string, hit: (entry: number, start: number) => void): void {
    const { head, shift, mask, next, entries, ends } = this;
    const { length } = text;
    let value = 0;
    for (let at = 0; at < length; at++) {
      value = ((value << shift) ^ (CLASSES[text.charCodeAt(at)] ?? 0)) & mask;
      for (let one = head[value] ?? 0; one !== 0; one = next[one] ?? 0) {
        const start = at - (ends[one] ?? 0);
        if (start >= 0) hit(entries[one] ?? 0, start);
      }
    }
  }

  private leap(text: string, hit: (entry: number, start: number) => void): void {
    const { head, shift, mask, next, entries, ends, step } = this;
    const { length } = text;
    // A literal holds `step` groups in a row that lead to it; one of them ends at a position looked at.
    for (let end = step + 2; end < length; end += step) {
      let value = CLASSES[text.charCodeAt(end - 3)] ?? 0;
      value = (value << shift) ^ (CLASSES[text.charCodeAt(end - 2)] ?? 0);
      value = (value << shift) ^ (CLASSES[text.charCodeAt(end - 1)] ?? 0);
      value = ((value << shift) ^ (CLASSES[text.charCodeAt(end)] ?? 0)) & mask;
      for (let one = head[value] ?? 0; one !== 0; one = next[one] ?? 0) {
        const start = end - (ends[one] ?? 0);
        if (start >= 0) hit(entries[one] ?? 0, start);
      }
    }
  }
}
