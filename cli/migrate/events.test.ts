import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEventStore, type EcsEvent, type EventStore } from '@vong/platform/events';
import { afterEach, expect, it } from 'vitest';
import { compareEvents, copyEvents, copySlot } from './events.ts';
import { pagesOfStore } from './pages.ts';
import { ProgressFile } from './progress-file.ts';
import { DAY_MS, slotsOf } from './slots.ts';

const START = Date.parse('2026-11-20T00:00:00Z');
const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0).toReversed()) await each();
});

function event(id: string, at: number, more: object = {}): EcsEvent {
  const time = new Date(at).toISOString();
  return {
    '@timestamp': time,
    event: { id, kind: 'event', original: `${id} đăng nhập`, module: 'syslog', created: time, ingested: new Date(START).toISOString() },
    organization: { id: 'bo-a' },
    agent: { id: 'a', name: 'a', type: 'vong' },
    ...more,
  };
}

async function twoStores() {
  const folder = mkdtempSync(join(tmpdir(), 'vong-move-events-'));
  const [node, cluster] = [await openEventStore({ path: join(folder, 'node') }), await openEventStore({ path: join(folder, 'cluster') })];
  const done = new ProgressFile(folder);
  undo.push(async () => {
    done.close();
    await node.close();
    await cluster.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const days = [-400, 0, 1].flatMap((day) =>
    Array.from({ length: 1500 }, (_, n) => event(`e${day}-${n}`, START + day * DAY_MS + n * 50_000, { labels: { n, tên: `${n}` } })),
  );
  await node.append(days, []);
  return { node, cluster, done, from: pagesOfStore(node), to: pagesOfStore(cluster) };
}

it('cuts the time of a store into days, and full days into hours and minutes', async () => {
  const { from } = await twoStores();
  const read = async (most: number) => {
    const found = [];
    for await (const slot of slotsOf(from, most)) found.push(slot);
    return found;
  };
  expect((await read(2000)).map(({ events }) => events)).toEqual([1500, 1500, 1500]);
  const hours = await read(100);
  expect(new Set(hours.map((slot) => slot.to - slot.from))).toEqual(new Set([3_600_000]));
  expect((await read(1)).every((slot) => slot.to - slot.from === 60_000)).toBe(true);
  for (const slots of [hours, await read(1)]) expect(slots.reduce((sum, { events }) => sum + events, 0)).toBe(4500);
});

it('goes on where it was killed, and reads again only where events came', async () => {
  const { node, cluster, done, from, to } = await twoStores();
  let writes = 0;
  const dying: Pick<EventStore, 'append'> = {
    append: async (events, upTo) => {
      if (++writes > 3) throw new Error('killed');
      await cluster.append(events, upTo);
    },
  };
  const copy = { from, done, onEvents: () => undefined, batchEvents: 500 };
  await expect(copyEvents({ ...copy, to: dying })).rejects.toThrow('killed');
  expect(await copyEvents({ ...copy, to: cluster })).toBe(4500 - 1500 - 1000);
  expect(await copyEvents({ ...copy, to: cluster })).toBe(0);
  await node.append([event('late', START + 5), event('now', START + 3 * DAY_MS)], []);
  expect(await copyEvents({ ...copy, to: cluster })).toBe(1501 + 1);
  const compared = await compareEvents({ source: from, target: to, onEvents: () => undefined });
  expect(compared.map(({ day, source, equal }) => [day, source.count, equal])).toEqual([
    ['2025-10-16', 1500, true],
    ['2026-11-20', 1501, true],
    ['2026-11-21', 1500, true],
    ['2026-11-23', 1, true],
  ]);
});

it('finds an event that is missing, other or too many, and makes right what can be', async () => {
  const { node, cluster, done, from, to } = await twoStores();
  const copy = { from, to: cluster, done, onEvents: () => undefined };
  await node.append([event('changed', START + 7, { message: 'a' })], []);
  await cluster.append([event('changed', START + 7, { message: 'b' })], []);
  await copyEvents(copy);
  await cluster.append([event('too many', START - DAY_MS)], []);
  await node.append([event('missing', START + DAY_MS + 1)], []);
  const compare = { source: from, target: to, onEvents: () => undefined };
  const unequal = async (more: object = {}) =>
    (await compareEvents({ ...compare, ...more })).filter(({ equal }) => !equal).map(({ day }) => day);
  expect((await unequal()).toSorted()).toEqual(['2026-11-19', '2026-11-20', '2026-11-21']);
  const repair = async (slot: Parameters<typeof copySlot>[1]) => await copySlot(copy, slot);
  expect((await unequal({ repair })).toSorted()).toEqual(['2026-11-19', '2026-11-20']);
});
