import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@vong/platform/clock';
import { openEventStore, type EcsEvent } from '@vong/platform/events';
import { openLog, partitionOf, type TopicConfig } from '@vong/platform/log';
import { Registry, StageLatencies } from '@vong/platform/metrics';
import { afterEach, expect, it, vi } from 'vitest';
import { createIndexer } from './index.ts';

const topics: readonly TopicConfig[] = [{ name: 'events', partitions: 3, retention: {} }];
const scope = { actor: { kind: 'user', id: 'u', name: 'u' }, role: 'analyst', agency: 'vn', agencies: 'all' } as const;
const made: string[] = [];

afterEach(async () => {
  for (const path of made.splice(0)) await rm(path, { recursive: true, force: true });
});

function record(n: number): { key: string; value: Uint8Array } {
  const at = new Date(1_800_000_000_000 + n).toISOString();
  const event: EcsEvent = {
    '@timestamp': at,
    event: { id: `e${n}`, kind: 'event', original: `line ${n}`, module: 'syslog', created: at, ingested: at },
    organization: { id: 'bo-a' },
    agent: { id: 'a', name: 'a', type: 'vong' },
  };
  return { key: `host-${n % 7}`, value: Buffer.from(JSON.stringify(event)) };
}

it('makes each event of the log searchable once, through stops and starts, and counts them', async () => {
  const path = await mkdtemp(join(tmpdir(), 'vong-indexer-'));
  made.push(path);
  const logPath = join(path, 'log.db');
  const log = openLog({ path: logPath, topics, clock: systemClock });
  const events = await openEventStore({ path: join(path, 'events') });
  const registry = new Registry();
  const stages = new StageLatencies(systemClock);
  const indexer = createIndexer({
    events,
    log: { kind: 'embedded', path: logPath, topics },
    registry,
    onStages: (delta) => stages.merge(delta),
    batchEvents: 70,
    batchMs: 5,
  });
  await indexer.start();
  const all = Array.from({ length: 600 }, (_, n) => record(n));
  for (let from = 0; from < 600; from += 200) {
    await log.append({ batches: [{ topic: 'events', records: all.slice(from, from + 200) }] });
    await vi.waitFor(async () => expect(await indexer.lag()).toBe(0), { timeout: 10_000, interval: 20 });
    await indexer.stop();
    await indexer.start();
  }
  // The same events again, under new offsets.
  await log.append({ batches: [{ topic: 'events', records: all.slice(0, 50) }] });
  await vi.waitFor(async () => expect((await indexer.counters()).duplicates).toBe(50), { timeout: 10_000, interval: 20 });
  expect(await events.count({ scope, query: '' })).toBe(600);
  const expected = new Map(
    [0, 1, 2].map((partition) => [partition, all.concat(all.slice(0, 50)).filter(({ key }) => partitionOf(key, 3) === partition).length]),
  );
  expect(new Map(await events.indexedUpTo())).toEqual(new Map([...expected].filter(([, count]) => count > 0)));
  expect(await registry.metrics()).toContain('vong_indexer_events_total');
  // Duplicates are not counted: they were searchable before.
  const measured = (): unknown => stages.summary(() => true).map(({ stage, agency, count }) => [stage, agency, count]);
  await vi.waitFor(
    () =>
      expect(measured()).toEqual([
        ['index', '*', 600],
        ['index', 'bo-a', 600],
      ]),
    { timeout: 5000, interval: 50 },
  );
  await indexer.stop();
  await events.close();
  await log.close();
});
