/** Correlations in the alerter: alerts of matches, silence of base rules, and the same alerts after kill -9 as without it. */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '@vong/platform/clock';
import { identityModule } from '@vong/platform/identity';
import { liveModule } from '@vong/platform/live';
import { openLog } from '@vong/platform/log';
import { openTestState } from '@vong/platform/state/testing';
import type { Signal } from '../../contracts.ts';
import type { RuleText } from '../../detector/index.ts';
import { alertsModule, type AlertTables } from '../index.ts';
import { drained, openBench, send, signalOf, START, startAlerter, type Bench, type SignalParts } from './setup.ts';

const RULES = `title: Failed
id: failed
name: failed
level: low
logsource: {product: linux}
detection: {s: {a: b}, condition: s}
---
title: Succeeded
id: succeeded
logsource: {product: linux}
detection: {s: {a: c}, condition: s}
---
title: Many failed
id: many
level: medium
correlation: {type: event_count, rules: [failed], group-by: [User], timespan: 10m, condition: {gte: 3}}
---
title: Many failed, then one succeeded
id: brute
level: high
tags: [attack.t1110]
correlation: {type: temporal_ordered, rules: [many, succeeded], group-by: [User], timespan: 10m}
`;
const IDS = ['failed', 'succeeded', 'many', 'brute'];
const texts = (ids: readonly string[] = IDS, yaml = RULES): RuleText[] =>
  ids.map((id) => ({ id, file: 'brute.yml', version: `version-${id}`, yaml }));

function correlated(rule: string, second: number, { user = 'binh', host = 'may-1', ...parts }: Partial<SignalParts> = {}): Signal {
  const signal = signalOf({ event: `${rule} ${user} ${second} ${host}`, rule, user, host, happened: START + second * 1000, ...parts });
  return { ...signal, correlated: { fields: { User: user }, silent: true } };
}

async function alertsOf({ state }: Pick<Bench, 'state'>) {
  const db = state.system<AlertTables>();
  const alerts = await db
    .selectFrom('alerts')
    .select(['id', 'grp', 'rule_id', 'count', 'first', 'last', 'host', 'user_name', 'severity'])
    .orderBy('id')
    .execute();
  const events = await db.selectFrom('alert_events').select(['alert_id', 'event_id']).orderBy('alert_id').orderBy('event_id').execute();
  const why = await db.selectFrom('alert_correlations').selectAll().orderBy('alert_id').execute();
  return { alerts, events, why };
}

function rulebookOf(correlated: () => Promise<RuleText[]>) {
  return { correlated, onChange: () => () => undefined };
}

async function after(signals: readonly Signal[], rules = texts()) {
  await using bench = await openBench();
  const alerter = startAlerter(bench, { rulebook: rulebookOf(async () => rules) });
  for (const signal of signals) await send(bench.log, [signal]);
  await drained(alerter);
  await alerter.stop();
  return await alertsOf(bench);
}

describe('a correlation', () => {
  it('raises one alert with every event of the chain; the rules it is built of raise none', async () => {
    const found = await after([
      ...[0, 1, 2].map((second) => correlated('failed', second)),
      correlated('succeeded', 3),
      correlated('failed', 4),
    ]);
    expect(found.alerts).toMatchObject([
      { rule_id: 'brute', severity: 4, count: 4, host: 'may-1', user_name: 'binh', first: START, last: START + 3000 },
    ]);
    expect(found.events).toHaveLength(4);
    expect(JSON.parse(found.why[0]?.body ?? '')).toMatchObject({
      type: 'temporal_ordered',
      groupBy: [{ field: 'User', value: 'binh' }],
      timespan: 600_000,
      condition: 'gte: 2',
      rules: [
        { id: 'many', title: 'Many failed', count: 1 },
        { id: 'succeeded', title: 'Succeeded', count: 1 },
      ],
    });
  });
  it('names no host when its events are of several', async () => {
    const hosts = ['a', 'b', 'c'].map((host, second) => correlated('failed', second, { host }));
    const found = await after(hosts, texts(['failed', 'many']));
    // Without the outer correlation the inner one alerts, though it stands in the same file.
    expect(found.alerts).toMatchObject([{ rule_id: 'many', host: '', user_name: 'binh', count: 3 }]);
  });
  it('raises the same alerts in whatever order the events of its hosts come', async () => {
    const hosts = ['may-1', 'may-2', 'may-3'].map((host, n) =>
      [100, 140, 141, 1500, 3590, 3650].map((second) => correlated('failed', second + n, { host })),
    );
    const [one = [], two = [], three = []] = hosts;
    const orders = [
      hosts.flat(),
      [...three, ...one, ...two],
      hosts.flat().toReversed(),
      one.flatMap((_, i) => [three, one, two].map((h) => h[i]!)),
    ];
    const found = [];
    for (const order of orders) {
      const { why, ...rest } = await after(order, texts(['failed', 'many']));
      found.push({ ...rest, why: why.map(({ body, ...row }) => ({ ...row, body: JSON.parse(body) as unknown })) });
    }
    // A window that ends after the full hour reaches back into the match before.
    expect(new Set(found[0]?.alerts.map(({ host, count }) => `${host}${count}`))).toEqual(new Set(['15', '6']));
    for (const other of found.slice(1)) expect(other).toEqual(found[0]);
  });
  it('never joins events of two agencies', async () => {
    const agencies = ['vn', 'vn', 'vn.hn'].map((agency, second) => correlated('failed', second, { agency }));
    expect((await after(agencies, texts(['failed', 'many']))).alerts).toEqual([]);
  });
  it('is not led astray by a clock that is ahead', async () => {
    const ahead = correlated('failed', 0, { happened: START + 400 * 86_400_000 });
    const future = { ...ahead, event: { ...ahead.event, received: START } };
    expect((await after([future, correlated('failed', 1), correlated('failed', 2)], texts(['failed', 'many']))).alerts).toHaveLength(1);
  });
  it('takes an event once, though its signal comes twice', async () => {
    const signals = [0, 1].map((second) => correlated('failed', second));
    expect((await after([...signals, ...signals], texts(['failed', 'many']))).alerts).toEqual([]);
  });
  it('that is changed while signals flow starts anew, and others go on', async () => {
    await using bench = await openBench();
    let rules = texts(['failed', 'many']);
    let tell = (): void => undefined;
    const rulebook = { correlated: async () => rules, onChange: (listener: () => void) => ((tell = listener), () => undefined) };
    const alerter = startAlerter(bench, { rulebook });
    await send(bench.log, [correlated('failed', 0), correlated('failed', 1)]);
    await drained(alerter);
    rules = texts(['failed', 'many', 'brute', 'succeeded']);
    tell();
    await send(bench.log, [correlated('failed', 2), correlated('succeeded', 3)]);
    await drained(alerter);
    await alerter.stop();
    expect((await alertsOf(bench)).alerts).toMatchObject([{ rule_id: 'brute', count: 4 }]);
  });
});

describe('kill -9 at any moment', () => {
  it('changes no alert', { timeout: 120_000 }, async () => {
    const [killed, calm] = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'vong-correlation-'))) as [string, string];
    try {
      await fill(killed);
      cpSync(killed, calm, { recursive: true });
      expect(await run(calm)).toBe('drained');
      const kills = await killUntilDrained(killed, [5, 40, 90, 20, 150, 60]);
      expect(kills).toBeGreaterThan(2);
      const [found, expected] = [await read(killed), await read(calm)];
      expect(expected.alerts.length).toBeGreaterThan(10);
      expect(found).toEqual(expected);
    } finally {
      for (const folder of [killed, calm]) rmSync(folder, { recursive: true });
    }
  });
});

const child = fileURLToPath(new URL('./correlation-child.ts', import.meta.url));

/** Fifteen hundred signals of thirty users, somewhat out of order. */
async function fill(folder: string): Promise<void> {
  const log = openLog({
    path: join(folder, 'log.db'),
    topics: [{ name: 'signals', partitions: 1, retention: {} }],
    clock: new ManualClock(START),
  });
  const signals = Array.from({ length: 1500 }, (_, i) => {
    const second = i - ((i * 37) % 90);
    return correlated((i * 31) % 23 === 0 ? 'succeeded' : 'failed', second, {
      event: `event ${i}`,
      user: `user ${(i * 7919) % 29}`,
      host: `may-${i % 3}`,
    });
  });
  for (let from = 0; from < signals.length; from += 500) await send(log, signals.slice(from, from + 500));
  await log.close();
  writeFileSync(join(folder, 'rules.json'), JSON.stringify(texts()));
}

/** Runs the alerter in a process; killed `afterMs` after it started, if given. */
async function run(folder: string, afterMs?: number): Promise<'killed' | 'drained'> {
  const { promise, resolve, reject } = Promise.withResolvers<'killed' | 'drained'>();
  const running = spawn(process.execPath, [child, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  running.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (afterMs !== undefined && chunk.toString().includes('started')) setTimeout(() => running.kill('SIGKILL'), afterMs);
  });
  running.on('error', reject);
  running.on('close', () => resolve(said.includes('drained') ? 'drained' : 'killed'));
  return await promise;
}

async function killUntilDrained(folder: string, delays: readonly number[]): Promise<number> {
  for (let kills = 0; ; kills++) if ((await run(folder, delays[kills])) === 'drained') return kills;
}

async function read(folder: string) {
  const state = await openTestState({
    path: join(folder, 'state.db'),
    modules: [identityModule, liveModule, alertsModule],
    clock: new ManualClock(START),
  });
  try {
    return await alertsOf({ state });
  } finally {
    await state.close();
  }
}
