import { assert, asyncProperty, constantFrom, integer, array, record as recordOf } from 'fast-check';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { expect, it, describe } from 'vitest';
import type { AlertTables } from '../schema.ts';
import { drained, openBench, send, signalOf, startAlerter, START, type Bench, type SignalParts } from './setup.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;

async function alertsOf(bench: Bench) {
  const rows = await bench.state.system<AlertTables>().selectFrom('alerts').selectAll().orderBy('id').execute();
  return rows.map(({ id, grp, count, first, last, status, severity }) => ({ id, grp, count, first, last, status, severity }));
}

async function linksOf(bench: Bench) {
  const rows = await bench.state.system<AlertTables>().selectFrom('alert_events').selectAll().orderBy('signal_id').execute();
  return rows.map(({ signal_id, alert_id, event_id }) => ({ signal_id, alert_id, event_id }));
}

async function alerted(bench: Bench, parts: readonly SignalParts[]): Promise<void> {
  await send(bench.log, parts.map(signalOf));
  const alerter = startAlerter(bench);
  await drained(alerter);
  await alerter.stop();
}

function countIn(body: string): number {
  return Number(/"count":(\d+)/.exec(body)?.[1]);
}

describe('grouping', () => {
  it('joins signals of one group within the window into one alert that links every event', async () => {
    await using bench = await openBench();
    await alerted(
      bench,
      Array.from({ length: 250 }, (_, i) => ({ event: `e${i}`, happened: START + i * 50 * MINUTE })),
    );
    const [alert, ...others] = await alertsOf(bench);
    expect(others).toEqual([]);
    expect(alert).toMatchObject({ count: 250, first: START, last: START + 249 * 50 * MINUTE, status: 'open', severity: 4 });
    expect(new Set((await linksOf(bench)).map((link) => link.event_id)).size).toBe(250);
  });

  it('opens another alert beyond the window, and for another rule, agency, host or user', async () => {
    await using bench = await openBench();
    await alerted(bench, [
      { event: 'a' },
      { event: 'b', happened: START + HOUR },
      { event: 'c', happened: START + 2 * HOUR + 1 },
      { event: 'a', rule: 'rule-2' },
      { event: 'd', agency: 'bca' },
      { event: 'e', host: 'may-2' },
      { event: 'f', user: 'an' },
    ]);
    expect((await alertsOf(bench)).map((alert) => alert.count).toSorted((a, b) => b - a)).toEqual([2, 1, 1, 1, 1, 1]);
  });

  it('joins an event that comes late to the alert it belongs to, and moves its first time', async () => {
    await using bench = await openBench();
    await alerted(bench, [{ event: 'a' }, { event: 'b', happened: START + 5 * HOUR }, { event: 'c', happened: START - 30 * MINUTE }]);
    expect(await alertsOf(bench)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ count: 2, first: START - 30 * MINUTE, last: START }),
        expect.objectContaining({ count: 1, first: START + 5 * HOUR }),
      ]),
    );
  });

  it('joins an acknowledged alert and never a closed one', async () => {
    await using bench = await openBench();
    await alerted(bench, [{ event: 'a' }]);
    const alerts = bench.state.system<AlertTables>();
    await alerts.updateTable('alerts').set({ status: 'acknowledged' }).execute();
    await alerted(bench, [{ event: 'b' }]);
    expect(await alertsOf(bench)).toMatchObject([{ count: 2, status: 'acknowledged' }]);
    await alerts.updateTable('alerts').set({ status: 'closed' }).execute();
    await alerted(bench, [{ event: 'c' }, { event: 'd' }]);
    const after = await alertsOf(bench);
    expect(after).toHaveLength(2);
    expect(after).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ count: 2, status: 'closed' }),
        expect.objectContaining({ count: 2, status: 'open' }),
      ]),
    );
  });

  it('counts a signal once however often it comes', async () => {
    await using bench = await openBench();
    const parts = [{ event: 'a' }, { event: 'b' }, { event: 'a' }];
    await alerted(bench, parts);
    await alerted(bench, parts);
    expect(await alertsOf(bench)).toMatchObject([{ count: 2 }]);
  });

  it('pushes one change per alert and transaction, with the alert as it then is', async () => {
    await using bench = await openBench();
    await alerted(bench, [{ event: 'a' }, { event: 'b' }, { event: 'c', host: 'may-2' }]);
    const changes = await bench.state.system<AlertTables>().selectFrom('changes').selectAll().execute();
    expect(changes.map((change) => countIn(change.body)).toSorted((a, b) => a - b)).toEqual([1, 2]);
  });
});

describe('names that senders make up', () => {
  it('of any length and with any character make alerts like others, that later events join', async () => {
    await using bench = await openBench();
    const long = Array.from({ length: 4096 }, (_, i) => String.fromCodePoint(0x4e00 + ((i * 7919) % 20_000))).join('');
    const names = [long, `${long.slice(0, 4095)}\u{1f422}`.slice(0, 4096), 'm\0y', '\ud800', String.raw`\x00`, "'; --"];
    for (const event of ['a', 'b'])
      await alerted(
        bench,
        names.map((name, i) => ({ event: `${event}${i}`, host: name, user: name })),
      );
    const rows = await bench.state.system<AlertTables>().selectFrom('alerts').select(['host', 'user_name', 'count']).execute();
    expect(rows.map(({ count }) => count)).toEqual(names.map(() => 2));
    expect(new Set(rows.map(({ host }) => host))).toEqual(new Set([long.slice(0, 512), 'm\ufffdy', '\ufffd', String.raw`\x00`, "'; --"]));
    expect(rows.every((row) => row.host === row.user_name)).toBe(true);
  });
});

describe('what is no signal', () => {
  it.each([
    ['no JSON', Buffer.from('{')],
    ['invalid UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['another shape', Buffer.from('{"id":1}')],
    ['ten thousand levels', Buffer.from('['.repeat(10_000) + ']'.repeat(10_000))],
    ['a prototype', Buffer.from('{"__proto__":{"id":"x"}}')],
  ])('is passed over: %s', async (_, value) => {
    await using bench = await openBench();
    await bench.log.append({ batches: [{ topic: 'signals', records: [{ key: 'k', value }] }] });
    await alerted(bench, [{ event: 'a' }]);
    expect(await alertsOf(bench)).toMatchObject([{ count: 1 }]);
  });

  it('is passed over when the log itself is damaged there', async () => {
    await using bench = await openBench();
    await send(bench.log, [signalOf({ event: 'a' })]);
    await send(bench.log, [signalOf({ event: 'b' })]);
    const raw = new DatabaseSync(join(bench.folder, 'log.db'));
    raw.exec('UPDATE batches SET crc = crc + 1 WHERE base = 0');
    raw.close();
    await alerted(bench, [{ event: 'c' }]);
    expect(await alertsOf(bench)).toMatchObject([{ count: 2 }]);
  });
});

describe('two alerters that both take a partition for theirs', () => {
  it('give the alerts of one', async () => {
    await using bench = await openBench();
    const alerters = [startAlerter(bench), startAlerter(bench)];
    for (let step = 0; step < 20; step++) {
      const parts = Array.from({ length: 15 }, (_, i) => ({ event: `e${step}-${i}`, host: `may-${i % 4}`, rule: `rule-${i % 3}` }));
      await send(bench.log, parts.map(signalOf));
    }
    for (const alerter of alerters) await drained(alerter);
    for (const alerter of alerters) await alerter.stop();
    const links = await linksOf(bench);
    expect(links).toHaveLength(300);
    const alerts = await alertsOf(bench);
    for (const { id, count } of alerts) expect(links.filter((link) => link.alert_id === id)).toHaveLength(count);
    await using single = await openBench();
    await send(
      single.log,
      Array.from({ length: 300 }, (_, i) => ({
        event: `e${Math.floor(i / 15)}-${i % 15}`,
        host: `may-${(i % 15) % 4}`,
        rule: `rule-${(i % 15) % 3}`,
      })).map(signalOf),
    );
    const alone = startAlerter(single);
    await drained(alone);
    await alone.stop();
    expect(alerts).toEqual(await alertsOf(single));
  });
});

describe('determinism', () => {
  const part = recordOf({
    number: integer({ min: 0, max: 60 }),
    minutes: integer({ min: -300, max: 300 }),
    host: constantFrom('may-1', 'may-2', 'may-3'),
    rule: constantFrom('rule-1', 'rule-2'),
  });
  const partsOf = array(part, { minLength: 1, maxLength: 120 });

  it('the same signals give the same alerts, sent in other steps and with the alerter stopped and started anywhere', async () => {
    const until = performance.now() + 20_000;
    await assert(
      asyncProperty(partsOf, array(integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 }), async (drawn, steps) => {
        // Not `interruptAfterTimeLimit`: it leaves the last one running beside the next test.
        if (performance.now() > until) return;
        const signals = drawn.map(({ number, minutes, host, rule }) =>
          signalOf({ event: `${host}-${number}`, happened: START + minutes * MINUTE, host, rule }),
        );
        await using once = await openBench();
        await send(once.log, signals);
        const alerter = startAlerter(once);
        await drained(alerter);
        await alerter.stop();
        await using cut = await openBench();
        for (let at = 0, step = 0; at < signals.length; step++) {
          const size = steps[step % steps.length]!;
          await send(cut.log, signals.slice(at, at + size));
          at += size;
          // Stopped wherever it happens to be: it may have seen all of this step, some of it or nothing.
          const short = startAlerter(cut);
          await short.stop();
        }
        const last = startAlerter(cut);
        await drained(last);
        await last.stop();
        expect(await alertsOf(cut)).toEqual(await alertsOf(once));
        expect(await linksOf(cut)).toEqual(await linksOf(once));
        const counts = new Map<string, number>();
        for (const link of await linksOf(cut)) counts.set(link.alert_id, (counts.get(link.alert_id) ?? 0) + 1);
        for (const alert of await alertsOf(cut)) expect(alert.count).toBe(counts.get(alert.id));
      }),
      { numRuns: 25 },
    );
  });

  it('a transaction that fails in the middle leaves nothing, and is done again', async () => {
    await using bench = await openBench();
    let failures = 3;
    const failing: Parameters<typeof startAlerter>[1] = {
      live: {
        record: () => (failures-- > 0 ? Promise.reject(new Error('no room')) : Promise.resolve()),
        announce: () => undefined,
      },
    };
    await send(bench.log, [signalOf({ event: 'a' }), signalOf({ event: 'b' })]);
    const alerter = startAlerter(bench, failing);
    await drained(alerter);
    await alerter.stop();
    expect(failures).toBeLessThan(0);
    expect(await alertsOf(bench)).toMatchObject([{ count: 2 }]);
  });

  it('its place is told to the log too, for retention', async () => {
    await using bench = await openBench();
    await alerted(bench, [{ event: 'a' }]);
    const committed = await bench.log.committed('alerter', 'signals');
    expect([...committed.values()].reduce((sum, offset) => sum + offset, 0)).toBe(1);
  });
});
