import { expect, it } from 'vitest';
import { ManualClock } from '@vong/platform/clock';
import { StageLatencies } from '@vong/platform/metrics';
import { openTestState } from '@vong/platform/state/testing';
import { SharedStages, stagesModule, type StageTables } from './shared-stages.ts';

it('shows at the console what other processes measured, once, its own not twice, and keeps no old reports', async () => {
  const clock = new ManualClock(1_800_000_000_000);
  const state = await openTestState({ modules: [stagesModule], clock });
  const process = (instance: string, shows: boolean) => {
    const stages = new StageLatencies(clock);
    return { stages, shared: new SharedStages({ state, clock, stages, instance, shows }) };
  };
  const [detector, indexer, first, second] = [process('d', false), process('i', false), process('c1', true), process('c2', true)];
  for (const { shared } of [first, second]) await shared.exchange();
  detector.stages.record('detect', 'bo-a', 40);
  detector.stages.record('detect', 'bo-a', 60);
  // What a thread measured is passed on as well.
  indexer.stages.merge([['index', 'bo-b', [[50, 3]]]], { pass: true });
  first.stages.record('show', 'bo-a', 10);
  for (let round = 0; round < 3; round++) for (const { shared } of [detector, indexer, first, second]) await shared.exchange();
  const counts = ({ stages }: typeof first) =>
    stages.summary(() => true).flatMap(({ stage, agency, count }) => (agency === '*' ? [] : [[stage, agency, count]]));
  const expected = [
    ['detect', 'bo-a', 2],
    ['index', 'bo-b', 3],
    ['show', 'bo-a', 1],
  ];
  expect(counts(first).toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual(expected);
  expect(counts(second).toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual(expected);
  clock.advance(120_000);
  detector.stages.record('detect', 'bo-a', 1);
  await detector.shared.exchange();
  const left = await state.system<StageTables>().selectFrom('stage_reports').select('instance').execute();
  expect(left).toEqual([{ instance: 'd' }]);
  await state.close();
});
