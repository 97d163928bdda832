import { describe, expect, it } from 'vitest';
import { roundTop, timeTicks } from './time-axis.ts';

const HOUR = 3_600_000;
// 22/11/2026 10:00 in Vietnam.
const TEN = Date.UTC(2026, 10, 22, 3);

describe('the time axis', () => {
  it('has its marks at round Vietnamese times', () => {
    expect(timeTicks(TEN + 60_000, TEN + 6 * HOUR, 6).map(({ label }) => label)).toEqual(['11:00', '12:00', '13:00', '14:00', '15:00']);
  });

  it('writes the date at midnight and when it steps by days', () => {
    expect(timeTicks(TEN, TEN + 24 * HOUR, 4).map(({ label }) => label)).toEqual(['12:00', '18:00', '23/11', '06:00']);
    expect(timeTicks(TEN, TEN + 7 * 24 * HOUR, 7)[0]?.label).toBe('23/11');
    expect(timeTicks(TEN, TEN + 300 * 24 * HOUR, 4)[0]?.label).toMatch(/^\d\d\/\d{4}$/);
  });

  it('never has more marks than there is room for', () => {
    for (let span = 10; span < 1e13; span *= 3) expect(timeTicks(0, span, 8).length).toBeLessThanOrEqual(9);
    expect(timeTicks(5, 5, 8)).toEqual([]);
  });
});

describe('the count axis', () => {
  it('ends at a round whole number not below the largest count', () => {
    expect([0, 1, 3, 12, 24, 25, 26, 999, 1001].map(roundTop)).toEqual([1, 1, 5, 20, 25, 25, 50, 1000, 2000]);
  });
});
