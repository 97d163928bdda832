/** From a hash of a few units to the literals that hold them there. */
import type { Hit } from './grams.ts';
import { CLASSES } from './units.ts';

/** A text as ASCII bytes. */
export interface Bytes {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
}

export interface Needle {
  readonly literal: string;
  readonly entry: number;
}

/** How often four-unit groups occur in the literals of all rules: what many rules look for is frequent in events, too. */
export class GramCounts {
  private readonly counts = new Uint32Array(65_536);

  add(literal: string): void {
    for (let end = 3; end < literal.length; end++) {
      const gram = hash(literal, end, { size: 4, shift: 4 }) & 0xffff;
      this.counts[gram] = (this.counts[gram] ?? 0) + 1;
    }
  }

  of(literal: string, end: number): number {
    return end < 3 ? 0 : (this.counts[hash(literal, end, { size: 4, shift: 4 }) & 0xffff] ?? 0);
  }
}

/** Of the `size` units that end at `end`. */
function hash(text: string, end: number, { size, shift }: { readonly size: number; readonly shift: number }): number {
  let value = 0;
  for (let at = Math.max(0, end - size + 1); at <= end; at++) value = (value << shift) ^ (CLASSES[text.charCodeAt(at)] ?? 0);
  return value;
}

export class GramTable {
  readonly counts: GramCounts;
  /** Units in a group: 4 or 3 where every `step`-th place is looked at, less where every place is. */
  readonly size: number;
  readonly step: number;
  readonly shift: number;
  readonly mask: number;
  readonly bits: Uint8Array;
  private readonly head = new Map<number, number>();
  private readonly next: number[] = [0];
  private readonly entries: number[] = [0];
  /** From the start of the literal to the last unit of its group. */
  private readonly ends: number[] = [0];
  /** Another unit of the literal, from its start, and its class: most chance hits end there. */
  private readonly probes: number[] = [0];
  private readonly classes: number[] = [0];

  constructor(needles: readonly Needle[], counts: GramCounts) {
    this.counts = counts;
    const shortest = needles.reduce((least, { literal }) => Math.min(least, literal.length), Infinity);
    this.size = shortest >= 7 ? 4 : shortest >= 4 ? 3 : 2;
    this.step = this.size === 2 ? 1 : Math.min(shortest - this.size + 1, 16);
    const many = needles.length * this.step > 4096;
    this.shift = this.size === 2 ? 4 : this.size === 3 ? (many ? 5 : 4) : many ? 4 : 3;
    const width = this.size === 2 ? 12 : many ? 18 : this.size === 3 ? 16 : 15;
    this.mask = (1 << width) - 1;
    this.bits = new Uint8Array((this.mask + 1) / 8);
    for (const needle of needles) {
      if (this.size === 2) this.addShort(needle);
      else this.add(needle);
    }
  }

  inBytes(gram: number, end: number, { bytes, from }: Bytes, hit: Hit): void {
    const { next, entries, ends, probes, classes } = this;
    for (let one = this.head.get(gram) ?? 0; one !== 0; one = next[one] ?? 0) {
      const start = end - (ends[one] ?? 0);
      if (start >= from && CLASSES[bytes[start + (probes[one] ?? 0)] ?? 0] === classes[one]) hit(entries[one] ?? 0, start);
    }
  }

  inText(gram: number, end: number, hit: Hit): void {
    const { next, entries, ends } = this;
    for (let one = this.head.get(gram) ?? 0; one !== 0; one = next[one] ?? 0) {
      const start = end - (ends[one] ?? 0);
      if (start >= 0) hit(entries[one] ?? 0, start);
    }
  }

  /** One to three units, looked for at every place: what stands before them in the hash may be anything. */
  private addShort({ literal, entry }: Needle): void {
    const { length } = literal;
    // The hash after a text that ends in these units ends in these bits.
    const fixed = (1 << (length * 4)) - 1;
    const known = hash(literal, length - 1, { size: length, shift: this.shift }) & fixed;
    for (let above = 0; above <= this.mask; above += fixed + 1) this.put(known | above, { entry, end: length - 1, probe: 0, literal });
  }

  /** Puts `step` groups in a row, so that one of them ends at a place looked at: those rarest in rules. */
  private add({ literal, entry }: Needle): void {
    const { size, step } = this;
    let best = size - 1;
    let least = Infinity;
    for (let first = size - 1; first + step - 1 < literal.length; first++) {
      let worst = 0;
      for (let end = first; end < first + step; end++) worst = Math.max(worst, this.counts.of(literal, end));
      if (worst < least) [best, least] = [first, worst];
    }
    for (let end = best; end < best + step; end++) {
      const probe = end - size >= 0 ? end - size : Math.min(end + 1, literal.length - 1);
      this.put(hash(literal, end, this) & this.mask, { entry, end, probe, literal });
    }
  }

  private put(gram: number, one: { readonly entry: number; readonly end: number; readonly probe: number; readonly literal: string }): void {
    this.bits[gram >> 3] = (this.bits[gram >> 3] ?? 0) | (1 << (gram & 7));
    this.next.push(this.head.get(gram) ?? 0);
    this.entries.push(one.entry);
    this.ends.push(one.end);
    this.probes.push(one.probe);
    this.classes.push(CLASSES[one.literal.charCodeAt(one.probe)] ?? 0);
    this.head.set(gram, this.entries.length - 1);
  }
}
