import { describe, expect, it } from 'vitest';
import { ManualClock, systemClock } from '@vong/platform/clock';
import type { Scope } from '@vong/platform/identity';
import { Registry, StageLatencies } from '@vong/platform/metrics';
import type { StateModule } from '@vong/platform/state';
import { openTestState } from '@vong/platform/state/testing';
import type { DetectorStats } from '../detector/index.ts';
import { openBench, appendEvents } from '../detector/test/setup.ts';
import { topicsOf, groupLag, Pipeline, Shown } from './index.ts';

const scopeOf = (agencies: Scope['agencies']): Scope => ({
  actor: { kind: 'user', id: 'u', name: 'u' },
  role: 'analyst',
  agency: 'vn',
  agencies,
});
const ALL = scopeOf('all');

const alertsTable: StateModule = {
  name: 'alerts-double',
  scoped: ['alerts'],
  migrations: {
    '2026-11-22-double-01': {
      up: async (db) =>
        await db.schema
          .createTable('alerts')
          .addColumn('id', 'text', (c) => c.primaryKey())
          .addColumn('agency', 'text', (c) => c.notNull())
          .addColumn('received', 'bigint', (c) => c.notNull())
          .addColumn('alerted', 'bigint', (c) => c.notNull())
          .execute(),
    },
  },
};

async function openShown() {
  const clock = new ManualClock(1_800_000_000_000);
  const state = await openTestState({ modules: [alertsTable], clock });
  const stages = new StageLatencies(clock);
  const add = async (id: string, agency: string, alerted: number): Promise<void> => {
    const row = { id, agency, received: alerted - 40, alerted };
    await state.system<{ alerts: typeof row }>().insertInto('alerts').values(row).execute();
  };
  const counted = (stage: string) => stages.summary(() => true).find((row) => row.stage === stage && row.agency === '*')?.count ?? 0;
  const close = async (): Promise<void> => await state.close();
  return { state, clock, stages, add, counted, shown: new Shown({ state, clock, stages }), [Symbol.asyncDispose]: close };
}

describe('an alert on a screen', () => {
  it('counts once, whoever sees it and however often', async () => {
    await using bench = await openShown();
    await bench.add('a', 'bo-a', bench.clock.now() - 100);
    for (const scope of [ALL, scopeOf(new Set(['bo-a'])), ALL]) await bench.shown.record(['a', 'a'], scope);
    expect(bench.counted('show')).toBe(1);
    expect(bench.counted('total')).toBe(1);
    const row = bench.stages.summary(() => true).find(({ stage, agency }) => stage === 'show' && agency === 'bo-a');
    expect(row?.p50).toBeGreaterThan(90);
    expect(row?.p50).toBeLessThan(115);
  });

  it('does not count when it waited for a person, or when it is out of reach', async () => {
    await using bench = await openShown();
    await bench.add('old', 'bo-a', bench.clock.now() - 61_000);
    await bench.add('theirs', 'bo-b', bench.clock.now() - 100);
    await bench.shown.record(['old', 'theirs', 'nothing'], scopeOf(new Set(['bo-a'])));
    expect(bench.counted('show')).toBe(0);
  });

  it('is seen also while the state cannot be read, and then is no figure', async () => {
    await using bench = await openShown();
    await bench.state.close();
    await bench.shown.record(['a'], ALL);
    expect(bench.counted('show')).toBe(0);
  });
});

describe('lag', () => {
  it('is what a group has not committed: everything before the first commit, nothing at the end', async () => {
    await using bench = await openBench();
    expect(await groupLag(bench.log, 'g', 'events')).toBe(0);
    await appendEvents(bench.log, 0, 100);
    expect(await groupLag(bench.log, 'g', 'events')).toBe(100);
    const partitions = await bench.log.partitions('events');
    const ends = partitions.map(({ partition, endOffset }) => ({ group: 'g', topic: 'events' as const, partition, offset: endOffset }));
    await bench.log.commit(ends.slice(0, 1));
    expect(await groupLag(bench.log, 'g', 'events')).toBe(100 - (partitions[0]?.endOffset ?? 0));
    await bench.log.commit(ends);
    expect(await groupLag(bench.log, 'g', 'events')).toBe(0);
    expect(await groupLag(bench.log, 'another', 'events')).toBe(100);
  });
});

function statsOf(part: Partial<DetectorStats>): DetectorStats {
  return { events: 0, signals: 0, unreadable: 0, busyMs: 0, matches: [], costs: { events: 0, rules: [] }, stages: [], ...part };
}

async function pipelineOn(
  log: Awaited<ReturnType<typeof openBench>>['log'],
  recordMatches: (m: DetectorStats['matches']) => Promise<void>,
) {
  const metrics = new Registry();
  const stages = new StageLatencies(systemClock);
  const pipeline = new Pipeline({
    log,
    stages,
    metrics,
    rulebook: { recordMatches, recordCosts: async () => undefined, running: async () => 12 },
    events: { stats: async () => ({ events: 7, bytes: 70 }) },
    consumers: [{ group: 'g', topic: 'events', lag: async () => 42 }],
  });
  return { pipeline, metrics, stages };
}

describe('the pipeline', () => {
  it('adds up what detectors report and keeps matches until the rulebook has taken them', async () => {
    await using bench = await openBench();
    const taken: DetectorStats['matches'][number][][] = [];
    let full = true;
    const { pipeline, metrics } = await pipelineOn(bench.log, async (matches) => {
      if (full) throw new Error('the state is full');
      taken.push([...matches]);
    });
    pipeline.detected(statsOf({ events: 10, signals: 2, matches: [['r', 'bo-a', 2]] }));
    await expect(pipeline.flush()).rejects.toThrow('full');
    pipeline.detected(statsOf({ events: 5, signals: 1, unreadable: 1, busyMs: 500, matches: [['r', 'bo-a', 1]] }));
    full = false;
    await pipeline.flush();
    expect(taken).toEqual([[['r', 'bo-a', 3]]]);
    await pipeline.flush();
    expect(taken.flat()).toEqual([['r', 'bo-a', 3]]);
    const text = await metrics.metrics();
    for (const line of [
      'vong_detector_events_total 15',
      'vong_detector_signals_total 3',
      'vong_detector_unreadable_total 1',
      'vong_detector_busy_seconds_total 0.5',
      'vong_consumer_lag_records{group="g",topic="events"} 42',
    ])
      expect(text).toContain(`${line}\n`);
  });

  it('shows a reader the delays of the agencies in reach, and the lag of every consumer', async () => {
    await using bench = await openBench();
    const { pipeline, stages } = await pipelineOn(bench.log, async () => undefined);
    stages.record('detect', 'bo-a', 10);
    stages.record('detect', 'bo-b', 1000);
    const status = await pipeline.status(scopeOf(new Set(['bo-a'])));
    expect(status.stages.map(({ agency, count }) => [agency, count])).toEqual([
      ['*', 1],
      ['bo-a', 1],
    ]);
    expect(status).toMatchObject({ rules: 12, lag: [{ group: 'g', topic: 'events', records: 42 }] });
    const whole = await pipeline.status(ALL);
    expect(whole.stages).toHaveLength(3);
    // The volume of the whole node would tell of neighbours.
    expect([status.store, whole.store]).toEqual([
      { events: 0, bytes: 0 },
      { events: 7, bytes: 70 },
    ]);
  });
});

describe('the topics of one machine', () => {
  it('are limited as asked, and not at all when that is asked', () => {
    for (const limits of [
      { maxAgeMs: null, maxBytes: null },
      { maxAgeMs: 3_600_000, maxBytes: 1_000_000 },
    ]) {
      const topics = topicsOf(limits);
      expect(topics.map(({ name }) => name)).toEqual(['events', 'signals', 'dead-letters']);
      expect(topics[0]?.retention).toEqual(limits.maxAgeMs === null ? {} : limits);
    }
  });
});
