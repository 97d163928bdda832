import type { CorrelatorStats } from 'sigma-rules-ts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ManualClock } from '@vong/platform/clock';
import type { State } from '@vong/platform/state';
import { openTestState } from '@vong/platform/state/testing';
import { CorrelationReporter, correlationReportsModule, reportedCorrelations } from './shared-correlations.ts';

const NONE = { late: 0, withoutGroup: 0, withoutValue: 0, evictedGroups: 0, evictedEvents: 0, matches: 0 };
let state: State;
let clock: ManualClock;
beforeEach(async () => {
  clock = new ManualClock(1_800_000_000_000);
  state = await openTestState({ modules: [correlationReportsModule], clock });
});
afterEach(async () => await state.close());

function alerter(figures: readonly CorrelatorStats[]): CorrelationReporter {
  return new CorrelationReporter({ state, clock }, () => figures);
}

const shown = async (): Promise<CorrelatorStats[]> =>
  (await reportedCorrelations({ state, clock })).toSorted((a, b) => a.correlation.localeCompare(b.correlation));

it('is the sum of what the alerters hold, each as it last said', async () => {
  expect(await shown()).toEqual([]);
  const first = [{ ...NONE, correlation: 'brute', groups: 2, events: 7, late: 1 }];
  const second = [
    { ...NONE, correlation: 'brute', groups: 3, events: 5, evictedGroups: 4 },
    { ...NONE, correlation: 'spray', groups: 1, events: 1 },
  ];
  const alerters = [alerter(first), alerter(second)];
  for (let round = 0; round < 2; round++) for (const each of alerters) await each.report();
  const both = { ...NONE, correlation: 'brute', groups: 5, events: 12, late: 1, evictedGroups: 4 };
  expect(await shown()).toEqual([both, second[1]]);
  first.splice(0, 1, { ...NONE, correlation: 'brute', groups: 1, events: 1 });
  await alerters[0]!.report();
  expect(await shown()).toEqual([{ ...both, groups: 4, events: 6, late: 0 }, second[1]]);
});

it('is without an alerter that left, at once, and without one that died, after 15 s', async () => {
  const [leaving, dying, living] = ['a', 'b', 'c'].map((correlation) => alerter([{ ...NONE, correlation, groups: 1, events: 1 }]));
  for (const each of [leaving, dying, living]) await each!.report();
  await leaving!.leave();
  const names = async (): Promise<string[]> => (await shown()).map(({ correlation }) => correlation);
  expect(await names()).toEqual(['b', 'c']);
  clock.advance(15_000);
  await living!.report();
  expect(await names()).toEqual(['b', 'c']);
  clock.advance(1);
  expect(await names()).toEqual(['c']);
});
