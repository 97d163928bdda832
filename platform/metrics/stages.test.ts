import { describe, expect, it } from 'vitest';
import { ManualClock } from '../clock/index.ts';
import { StageLatencies } from './stages.ts';

describe('stage latencies', () => {
  it('give percentiles within a tenth of the true value', () => {
    const stages = new StageLatencies(new ManualClock(1_800_000_000_000));
    for (let ms = 1; ms <= 1000; ms++) stages.record('detect', 'a', ms);
    const [row] = stages.summary(() => true);
    expect(row?.count).toBe(1000);
    expect(row?.p50).toBeGreaterThan(450);
    expect(row?.p50).toBeLessThan(550);
    expect(row?.p99).toBeGreaterThan(890);
    expect(row?.p99).toBeLessThan(1100);
  });

  it('forget what is older than five minutes', () => {
    const clock = new ManualClock(1_800_000_000_000);
    const stages = new StageLatencies(clock);
    stages.record('detect', 'a', 10);
    clock.advance(5 * 60_000);
    expect(stages.summary(() => true)).toEqual([]);
  });

  it('show a reader only the agencies in reach', () => {
    const stages = new StageLatencies(new ManualClock(1_800_000_000_000));
    stages.record('detect', 'a', 10);
    stages.record('detect', 'b', 5000);
    expect(stages.summary((agency) => agency === 'a').map((row) => [row.agency, row.count])).toEqual([
      ['*', 1],
      ['a', 1],
    ]);
  });

  it('merged from another thread equal those recorded here', () => {
    const clock = new ManualClock(1_800_000_000_000);
    const [there, here] = [new StageLatencies(clock), new StageLatencies(clock)];
    for (const ms of [0, 1, 7, 90, 90, 4000]) there.record('receive', 'a', ms);
    here.merge(there.takeDelta());
    expect(here.summary(() => true)).toEqual(there.summary(() => true));
    expect(there.takeDelta()).toEqual([]);
  });
});
