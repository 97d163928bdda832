/** Regular expressions as trees. Sets are sorted, disjoint, inclusive ranges of UTF-16 code units: `[from, to, from, to, …]`. */
export type CharSet = readonly number[];

export type RegexNode =
  | { readonly kind: 'set'; readonly set: CharSet }
  | { readonly kind: 'cat'; readonly items: readonly RegexNode[] }
  | { readonly kind: 'alt'; readonly items: readonly RegexNode[] }
  | { readonly kind: 'repeat'; readonly item: RegexNode; readonly min: number; readonly max: number; readonly lazy: boolean }
  | { readonly kind: 'assert'; readonly what: Assertion };

/** `end` is PCRE's `$`: at the end, or before a line break that ends the text. */
export type Assertion = 'start' | 'end' | 'line-start' | 'line-end' | 'word' | 'not-word' | 'very-end';

export const LAST_UNIT = 0xffff;
export const WORD: CharSet = [48, 57, 65, 90, 95, 95, 97, 122];
export const DIGIT: CharSet = [48, 57];
export const SPACE: CharSet = [9, 13, 32, 32];

/** Sorts and joins ranges. */
export function normalise(ranges: readonly (readonly [number, number])[]): CharSet {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0]);
  const result: number[] = [];
  for (const [from, to] of sorted) {
    const last = result.at(-1);
    if (last !== undefined && from <= last + 1) result[result.length - 1] = Math.max(last, to);
    else result.push(from, to);
  }
  return result;
}

export function pairs(set: CharSet): [number, number][] {
  const result: [number, number][] = [];
  for (let index = 0; index + 1 < set.length; index += 2) result.push([set[index] ?? 0, set[index + 1] ?? 0]);
  return result;
}

export function complement(set: CharSet): CharSet {
  const result: number[] = [];
  let next = 0;
  for (const [from, to] of pairs(set)) {
    if (from > next) result.push(next, from - 1);
    next = to + 1;
  }
  if (next <= LAST_UNIT) result.push(next, LAST_UNIT);
  return result;
}

export function contains(set: CharSet, unit: number): boolean {
  // The first range that does not end before the unit.
  let low = 0;
  let high = set.length >> 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((set[2 * middle + 1] ?? 0) < unit) low = middle + 1;
    else high = middle;
  }
  return 2 * low < set.length && unit >= (set[2 * low] ?? 0);
}

/** Adds the other case of every letter; a range beyond Latin letters is folded only where it is short. */
export function bothCases(set: CharSet): CharSet {
  const extra: [number, number][] = [];
  for (const [from, to] of pairs(set)) {
    if (to - from > 2_000) {
      for (let unit = 65; unit <= 90; unit++)
        if (contains(set, unit) || contains(set, unit + 32)) extra.push([unit, unit], [unit + 32, unit + 32]);
      continue;
    }
    for (let unit = from; unit <= to; unit++) {
      const character = String.fromCharCode(unit);
      for (const other of [character.toLowerCase(), character.toUpperCase()])
        if (other.length === 1) extra.push([other.charCodeAt(0), other.charCodeAt(0)]);
    }
  }
  return normalise([...pairs(set), ...extra]);
}
