/** Taking the state of correlations back at a start: in slices, and before anything is evaluated. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Registry } from '@vong/platform/metrics';
import { expect, it } from 'vitest';
import type { Signal } from '../../contracts.ts';
import type { RuleText } from '../../detector/index.ts';
import type { AlertTables } from '../index.ts';
import { drained, openBench, send, signalOf, START, startAlerter } from './setup.ts';

const GROUPS = 4_500;
const FILE = `title: Failed
id: failed
logsource: {product: linux}
detection: {s: {a: b}, condition: s}
---
title: Many failed
id: many
correlation: {type: event_count, rules: [failed], group-by: [User], timespan: 10m, condition: {gte: 2}}
`;
const texts: RuleText[] = ['failed', 'many'].map((id) => ({ id, file: 'many.yml', version: '1', yaml: FILE }));
const rulebook = { correlated: async () => texts, onChange: () => () => undefined };
const failed = (n: number, second: number, fields: Record<string, unknown> = { User: `user ${n}` }): Signal => ({
  ...signalOf({ event: `${n} ${second}`, rule: 'failed', user: `user ${n}`, happened: START + second * 1000 }),
  correlated: { fields, silent: true },
});

/** Leaves every group behind in the state. */
async function fill(bench: Awaited<ReturnType<typeof openBench>>): Promise<void> {
  const first = startAlerter(bench, { rulebook });
  await send(
    bench.log,
    Array.from({ length: GROUPS }, (_, n) => failed(n, 0)),
  );
  await drained(first);
  await first.stop();
}

it('goes on where it was, the thread free between the slices, and nothing is evaluated before', { timeout: 60_000 }, async () => {
  await using bench = await openBench();
  await fill(bench);
  await send(bench.log, [failed(7, 1), failed(GROUPS - 1, 1)]);

  const again = startAlerter(bench, { rulebook });
  const alerts = async () => await bench.state.system<AlertTables>().selectFrom('alerts').selectAll().execute();
  let turns = 0;
  for (; again.correlations().length === 0; turns++) {
    expect(await alerts()).toEqual([]);
    await nextTurn();
  }
  expect(turns).toBeGreaterThan(4);
  await drained(again);
  await again.stop();
  expect(new Set((await alerts()).map(({ user_name, count }) => `${user_name}: ${count}`))).toEqual(
    new Set([`user ${GROUPS - 1}: 2`, 'user 7: 2']),
  );
});

it('stops at once while it takes the state back, and takes it back at the next start', { timeout: 60_000 }, async () => {
  await using bench = await openBench();
  await fill(bench);
  await send(bench.log, [failed(7, 1)]);
  const stopped = startAlerter(bench, { rulebook });
  await nextTurn();
  await stopped.stop();
  expect(stopped.correlations()).toEqual([]);
  const again = startAlerter(bench, { rulebook });
  await drained(again);
  await again.stop();
  expect(again.correlations()).toMatchObject([{ correlation: 'many', groups: GROUPS, matches: 1 }]);
});

it('tells what correlations hold, and counts what they could not take', async () => {
  await using bench = await openBench();
  const registry = new Registry();
  const alerter = startAlerter(bench, { rulebook, registry });
  await send(bench.log, [failed(1, 0), failed(1, 4000), failed(1, 60), failed(2, 0, {})]);
  await drained(alerter);
  await alerter.stop();
  expect(alerter.correlations()).toMatchObject([{ correlation: 'many', groups: 1, late: 1, withoutGroup: 1 }]);
  const text = await registry.metrics();
  expect(text).toContain('vong_correlation_late_events_total{rule="many"} 1');
  expect(text).toContain('vong_correlation_ungrouped_events_total{rule="many"} 1');
});
