/**
 * Literals anywhere in a text, all of them in one pass or a few. A literal of n units holds n - size + 1 groups of `size` units in a
 * row; when as many of them lead to it as places are passed over, one of them ends at a place that is looked at. A bit per hash
 * tells whether any literal may be there: that table is small enough for the nearest cache. Short literals have a pass of their own,
 * and where there are many, those of middle length: longer ones let more places be passed over.
 */
import { type Bytes, GramTable, hashOf, type Needle } from './gram-table.ts';
import { CLASSES, LETTERS } from './units.ts';

export { GramCounts } from './gram-table.ts';

export type Hit = (entry: number, start: number) => void;

/** Literals shorter than this are looked for at every place. */
const SHORT = 4;
/** From this length on groups of four units are passed over in larger steps; a pass more is worth it for so many literals. */
const LONG = 8;
const MANY = 500;
const ROLL = 4;
const ROLLED = 0xfff;

export class GramScanner {
  private readonly passes: readonly GramTable[];

  constructor(needles: readonly Needle[], counts: GramTable['counts']) {
    const apart = needles.length > MANY ? LONG : SHORT;
    const kinds = Map.groupBy(needles, ({ literal }) => (literal.length < SHORT ? 0 : literal.length < apart ? 1 : 2));
    this.passes = [...kinds.values()].map((list) => new GramTable(list, counts));
  }

  /** Calls `hit` with an entry and where its literal would have to start; the caller compares. */
  scan(text: string, hit: Hit): void {
    for (const table of this.passes) {
      if (table.size === 2) slide(text, table, hit);
      else stride(text, table, hit);
    }
  }

  /** The same over ASCII bytes; places count from the bytes' own beginning. */
  scanBytes(place: Bytes, hit: Hit): void {
    for (const table of this.passes) {
      const { size } = table;
      if (size === 4) foursOfBytes(place, table, hit);
      else if (size === 3) threesOfBytes(place, table, hit);
      else slideBytes(place, table, hit);
    }
  }
}

function foursOfBytes(place: Bytes, table: GramTable, hit: Hit): void {
  const { view, from, to } = place;
  const { bits, shift, step } = table;
  for (let end = from + step + 2; end < to; end += step) {
    const gram = hashOf(view.getInt32(end - 3, true), shift);
    if ((((bits[gram >> 3] ?? 0) >> (gram & 7)) & 1) !== 0) table.inBytes(gram, end, place, hit);
  }
}

function threesOfBytes(place: Bytes, table: GramTable, hit: Hit): void {
  const { view, from, to } = place;
  const { bits, shift, step } = table;
  for (let end = from + step + 1; end < to; end += step) {
    // The byte before the three is read along with them: the four behind them might not all be there.
    const gram = hashOf(view.getInt32(end - 3, true) >>> 8, shift);
    if ((((bits[gram >> 3] ?? 0) >> (gram & 7)) & 1) !== 0) table.inBytes(gram, end, place, hit);
  }
}

/** Groups of one, two or three units, the shorter ones under every hash that ends in theirs. */
function slideBytes(place: Bytes, table: GramTable, hit: Hit): void {
  const { bytes, from, to } = place;
  const { bits } = table;
  let value = 0;
  for (let at = from; at < to; at++) {
    value = ((value << ROLL) ^ (CLASSES[bytes[at] ?? 0] ?? 0)) & ROLLED;
    if ((((bits[value >> 3] ?? 0) >> (value & 7)) & 1) !== 0) table.inBytes(value, at, place, hit);
  }
}

function stride(text: string, table: GramTable, hit: Hit): void {
  const { bits, shift, step, size } = table;
  const { length } = text;
  for (let end = step + size - 2; end < length; end += step) {
    let word = 0;
    for (let at = end; at > end - size; at--) word = (word << 8) | (LETTERS[text.charCodeAt(at)] ?? 0);
    const gram = hashOf(word, shift);
    if ((((bits[gram >> 3] ?? 0) >> (gram & 7)) & 1) !== 0) table.inText(gram, end, hit);
  }
}

function slide(text: string, table: GramTable, hit: Hit): void {
  const { bits } = table;
  const { length } = text;
  let value = 0;
  for (let at = 0; at < length; at++) {
    value = ((value << ROLL) ^ (CLASSES[text.charCodeAt(at)] ?? 0)) & ROLLED;
    if ((((bits[value >> 3] ?? 0) >> (value & 7)) & 1) !== 0) table.inText(value, at, hit);
  }
}
