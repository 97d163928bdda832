import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyToMs, calendar, isoToMs } from './time.ts';

test('the calendar agrees with the platform on every day from year 1 to 9999, and refuses days that are none', () => {
  const days = fc.record({
    year: fc.integer({ min: 1, max: 9999 }),
    month: fc.integer({ min: 0, max: 13 }),
    day: fc.integer({ min: 0, max: 32 }),
  });
  fc.assert(
    fc.property(days, ({ year, month, day }) => {
      const date = new Date(0);
      const ms = date.setUTCFullYear(year, month - 1, day);
      const real = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
      expect(calendar(year, month, day)).toBe(real ? ms : undefined);
    }),
    { numRuns: 5_000 },
  );
});

test.each([
  ['2026-11-22T03:50:37.1239999Z', '2026-11-22T03:50:37.123Z'],
  ['2026-11-22 03:50:37', '2026-11-22T03:50:37.000Z'],
  ['2026-11-22T03:50:37,5+07:00', '2026-11-21T20:50:37.500Z'],
  ['2026-11-22T03:50:37.05-0330', '2026-11-22T07:20:37.050Z'],
])('%s is %s: finer digits are cut, zones applied', (text, expected) => {
  expect(new Date(isoToMs(text) ?? Number.NaN).toISOString()).toBe(expected);
});

test.each(['2026-02-30T00:00:00Z', '2026-11-22T24:00:00Z', '2026-11-22T03:50:37X', '2026/11/22 03:50:37', '2026-11-22', ''])(
  '%j is no time',
  (text) => {
    expect(isoToMs(text)).toBeUndefined();
  },
);

test('numbers are told apart by size', () => {
  const expected = Date.UTC(2026, 10, 22);
  for (const value of [expected / 1000, expected, expected * 1000, String(expected), expected / 1000 + 0.0001])
    expect(anyToMs(value)).toBe(expected);
  for (const value of [5, -1, null, {}, Number.NaN, 'x'.repeat(12)]) expect(anyToMs(value)).toBeUndefined();
});
