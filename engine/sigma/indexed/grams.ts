/**
 * Literals anywhere in a text, all of them in one pass or two. A literal of n units holds n - size + 1 groups of `size` units in a
 * row; when as many of them lead to it as places are passed over, one of them ends at a place that is looked at. A bit per hash
 * tells whether any literal may be there: that table is small enough for the nearest cache. Short literals have a pass of their own.
 */
import { type Bytes, GramTable, type Needle } from './gram-table.ts';
import { CLASSES } from './units.ts';

export { GramCounts } from './gram-table.ts';

export type Hit = (entry: number, start: number) => void;

/** Literals shorter than this are looked for at every place. */
const SHORT = 4;

export class GramScanner {
  private readonly passes: readonly GramTable[];

  constructor(needles: readonly Needle[], counts: GramTable['counts']) {
    const short = needles.filter(({ literal }) => literal.length < SHORT);
    const long = needles.filter(({ literal }) => literal.length >= SHORT);
    this.passes = [short, long].filter((list) => list.length > 0).map((list) => new GramTable(list, counts));
  }

  /** Calls `hit` with an entry and where its literal would have to start; the caller compares. */
  scan(text: string, hit: Hit): void {
    for (const table of this.passes) {
      const { size } = table;
      if (size === 4) fours(text, table, hit);
      else if (size === 3) threes(text, table, hit);
      else slide(text, table, hit);
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
  const { bytes, from, to } = place;
  const { bits, shift, mask, step } = table;
  for (let end = from + step + 2; end < to; end += step) {
    let value = CLASSES[bytes[end - 3] ?? 0] ?? 0;
    value = (value << shift) ^ (CLASSES[bytes[end - 2] ?? 0] ?? 0);
    value = (value << shift) ^ (CLASSES[bytes[end - 1] ?? 0] ?? 0);
    value = ((value << shift) ^ (CLASSES[bytes[end] ?? 0] ?? 0)) & mask;
    if ((((bits[value >> 3] ?? 0) >> (value & 7)) & 1) !== 0) table.inBytes(value, end, place, hit);
  }
}

function threesOfBytes(place: Bytes, table: GramTable, hit: Hit): void {
  const { bytes, from, to } = place;
  const { bits, shift, mask, step } = table;
  for (let end = from + step + 1; end < to; end += step) {
    let value = CLASSES[bytes[end - 2] ?? 0] ?? 0;
    value = (value << shift) ^ (CLASSES[bytes[end - 1] ?? 0] ?? 0);
    value = ((value << shift) ^ (CLASSES[bytes[end] ?? 0] ?? 0)) & mask;
    if ((((bits[value >> 3] ?? 0) >> (value & 7)) & 1) !== 0) table.inBytes(value, end, place, hit);
  }
}

/** Groups of one, two or three units, the shorter ones under every hash that ends in theirs. */
function slideBytes(place: Bytes, table: GramTable, hit: Hit): void {
  const { bytes, from, to } = place;
  const { bits, shift, mask } = table;
  let value = 0;
  for (let at = from; at < to; at++) {
    value = ((value << shift) ^ (CLASSES[bytes[at] ?? 0] ?? 0)) & mask;
    if ((((bits[value >> 3] ?? 0) >> (value & 7)) & 1) !== 0) table.inBytes(value, at, place, hit);
  }
}

function fours(text: string, table: GramTable, hit: Hit): void {
  const { bits, shift, mask, step } = table;
  const { length } = text;
  for (let end = step + 2; end < length; end += step) {
    let value = CLASSES[text.charCodeAt(end - 3)] ?? 0;
    value = (value << shift) ^ (CLASSES[text.charCodeAt(end - 2)] ?? 0);
    value = (value << shift) ^ (CLASSES[text.charCodeAt(end - 1)] ?? 0);
    value = ((value << shift) ^ (CLASSES[text.charCodeAt(end)] ?? 0)) & mask;
    if ((((bits[value >> 3] ?? 0) >> (value & 7)) & 1) !== 0) table.inText(value, end, hit);
  }
}

function threes(text: string, table: GramTable, hit: Hit): void {
  const { bits, shift, mask, step } = table;
  const { length } = text;
  for (let end = step + 1; end < length; end += step) {
    let value = CLASSES[text.charCodeAt(end - 2)] ?? 0;
    value = (value << shift) ^ (CLASSES[text.charCodeAt(end - 1)] ?? 0);
    value = ((value << shift) ^ (CLASSES[text.charCodeAt(end)] ?? 0)) & mask;
    if ((((bits[value >> 3] ?? 0) >> (value & 7)) & 1) !== 0) table.inText(value, end, hit);
  }
}

function slide(text: string, table: GramTable, hit: Hit): void {
  const { bits, shift, mask } = table;
  const { length } = text;
  let value = 0;
  for (let at = 0; at < length; at++) {
    value = ((value << shift) ^ (CLASSES[text.charCodeAt(at)] ?? 0)) & mask;
    if ((((bits[value >> 3] ?? 0) >> (value & 7)) & 1) !== 0) table.inText(value, at, hit);
  }
}
