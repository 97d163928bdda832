import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { fold, foldDashes } from '../match/fold.ts';
import { GramCounts, GramScanner } from './grams.ts';

const unit = fc.constantFrom('a', 'b', 'A', 'B', '-', '/', '\\', '.', ' ', '1', '[', '{', '~');
const letters = fc.string({ unit, minLength: 1, maxLength: 24 });
const text = fc.array(fc.oneof(letters, fc.constantFrom('–', 'K', 'đ', '😀')), { maxLength: 20 }).map((parts) => parts.join(''));

function scanned(needles: readonly { literal: string; dashed: boolean }[], value: string, ascii: boolean): Set<number> {
  const counts = new GramCounts();
  for (const { literal } of needles) counts.add(literal);
  const scanner = new GramScanner(
    needles.map(({ literal, dashed }, entry) => ({ literal, dashed, entry })),
    counts,
  );
  const found = new Set<number>();
  const folded = fold(value);
  const stands = (entry: number, start: number): void => {
    const { literal = '', dashed = false } = needles[entry] ?? {};
    if ((dashed ? foldDashes(folded) : folded).startsWith(literal, start)) found.add(entry);
  };
  if (!ascii) scanner.scan(value, stands);
  else {
    const bytes = new TextEncoder().encode(`"${value}"`);
    const place = { bytes, view: new DataView(bytes.buffer), from: 1, to: bytes.length - 1 };
    scanner.scanBytes(place, (entry, start) => stands(entry, start - 1));
  }
  return found;
}

const needle = fc.record({ literal: letters, dashed: fc.boolean() }).map(({ literal, dashed }) => ({
  literal: dashed ? foldDashes(fold(literal)) : fold(literal),
  dashed,
}));
// More than the scanner keeps in one table, too.
const needles = fc.oneof(
  fc.array(needle, { minLength: 1, maxLength: 12 }),
  fc
    .array(needle, { minLength: 1, maxLength: 6 })
    .map((list) => [...list, ...Array.from({ length: 600 }, (_, n) => ({ literal: `filler number ${n}`, dashed: false }))]),
);

it('finds every literal that a text holds, in bytes and in units', () => {
  fc.assert(
    fc.property(needles, text, (list, value) => {
      const folded = fold(value);
      const dashed = foldDashes(folded);
      const expected = list.flatMap(({ literal, dashed: dashes }, entry) => ((dashes ? dashed : folded).includes(literal) ? [entry] : []));
      expect([...scanned(list, value, false)].toSorted((a, b) => a - b)).toEqual(expected);
      // oxlint-disable-next-line no-control-regex -- ASCII
      if (/^[\0-\u007f]*$/.test(value)) expect([...scanned(list, value, true)].toSorted((a, b) => a - b)).toEqual(expected);
    }),
    { numRuns: 400 },
  );
});
