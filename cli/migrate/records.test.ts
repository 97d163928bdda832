import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock as clock } from '@vong/platform/clock';
import { openLog, partitionOf, type Log } from '@vong/platform/log';
import { afterEach, expect, it } from 'vitest';
import { appendRest, carryProducers, compareProducers, compareRecords, planTopic } from './records.ts';

const made: { logs: Log[]; folder: string }[] = [];

afterEach(async () => {
  for (const { logs, folder } of made.splice(0)) {
    for (const log of logs) await log.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

function twoLogs() {
  const folder = mkdtempSync(join(tmpdir(), 'vong-carry-'));
  const open = (name: string, partitions: number): Log =>
    openLog({ path: join(folder, name), topics: [{ name: 'events', partitions, retention: {} }], clock });
  const [source, target] = [open('node.db', 3), open('cluster.db', 5)];
  made.push({ logs: [source, target], folder });
  return { source, target, path: join(folder, 'node.db') };
}

const records = (from: number, count: number) =>
  Array.from({ length: count }, (_, n) => ({ key: `host-${(from + n) % 13}`, value: Buffer.from(`event ${from + n}`) }));

async function read(log: Log, offsets: ReadonlyMap<number, number> = new Map()): Promise<{ key: string; text: string }[]> {
  const all: { key: string; text: string }[] = [];
  for (const { partition } of await log.partitions('events')) {
    const page = await log.read({ topic: 'events', partition, offset: offsets.get(partition) ?? 0, maxRecords: 1e6 });
    all.push(...page.records.map(({ key, value }) => ({ key, text: Buffer.from(value).toString() })));
  }
  return all;
}

it('appends what was not read, in the order of each key, wherever it was broken off', async () => {
  const { source, target } = twoLogs();
  for (let from = 0; from < 4000; from += 700) await source.append({ batches: [{ topic: 'events', records: records(from, 700) }] });
  const next = new Map([
    [0, 100],
    [2, 900],
  ]);
  const plan = await planTopic('events', { source, target }, next);
  // What comes after the plan is not part of it.
  await source.append({ batches: [{ topic: 'events', records: records(9000, 50) }] });
  for (const stopAt of [1, 3, 4]) {
    let calls = 0;
    const dying: Log = {
      ...target,
      append: async (request) => {
        if (++calls > stopAt) throw new Error('killed');
        // Of the last, only the records of some partitions got there.
        const [batch] = request.batches;
        if (calls < stopAt || batch === undefined) return await target.append(request);
        return await target.append({
          batches: [{ topic: 'events', records: batch.records.filter(({ key }) => partitionOf(key, 5) < 2) }],
        });
      },
    };
    await expect(appendRest({ source, target: dying }, plan, () => undefined)).rejects.toThrow('killed');
    expect((await compareRecords({ source, target }, plan)).equal).toBe(false);
  }
  await appendRest({ source, target }, plan, () => undefined);
  await appendRest({ source, target }, plan, () => undefined);
  const compared = await compareRecords({ source, target }, plan);
  const wanted = (await read(source, next)).filter(({ text }) => Number(text.slice(6)) < 9000);
  const moved = await read(target);
  expect(compared).toMatchObject({ equal: true, source: { count: wanted.length } });
  const ofKey = (all: typeof moved, key: string) => all.filter((each) => each.key === key).map(({ text }) => text);
  for (let host = 0; host < 13; host++) expect(ofKey(moved, `host-${host}`)).toEqual(ofKey(wanted, `host-${host}`));
});

it('says that a topic holds something else, more, or in another order', async () => {
  const { source, target } = twoLogs();
  const [first, second] = [
    { key: 'k', value: Buffer.from('a') },
    { key: 'k', value: Buffer.from('b') },
  ];
  await source.append({ batches: [{ topic: 'events', records: [first, second] }] });
  const plan = await planTopic('events', { source, target }, new Map());
  await target.append({ batches: [{ topic: 'events', records: [second, first] }] });
  const swapped = await compareRecords({ source, target }, plan);
  expect(swapped).toMatchObject({ equal: false, source: { count: 2 }, target: { count: 2 } });
  await target.append({ batches: [{ topic: 'events', records: [first] }] });
  expect(await compareRecords({ source, target }, plan)).toMatchObject({ equal: false, target: { count: 3 } });
});

it('an agent that repeats its last batch is told so, and the next one is taken', async () => {
  const { source, target, path } = twoLogs();
  const agents = Array.from({ length: 1200 }, (_, n) => ({ id: `agent-${n}`, sequence: n }));
  await Promise.all(agents.map(async (producer) => await source.append({ batches: [], producer })));
  await target.append({ batches: [], producer: { id: 'agent-7', sequence: 3 } });
  expect((await compareProducers(path, target)).unequal).toHaveLength(10);
  expect(await carryProducers(path, target)).toBe(1200);
  expect(await carryProducers(path, target)).toBe(1200);
  expect(await compareProducers(path, target)).toEqual({ count: 1200, unequal: [] });
  const batch = [{ topic: 'events' as const, records: records(0, 1) }];
  expect(await target.append({ batches: batch, producer: { id: 'agent-900', sequence: 900 } })).toEqual({ duplicate: true });
  expect(await target.append({ batches: batch, producer: { id: 'agent-900', sequence: 901 } })).toEqual({ duplicate: false });
});
