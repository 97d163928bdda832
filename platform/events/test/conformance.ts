/** What every event store promises. `open` makes an empty store; the suite closes what it opened. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventStore } from '../contract.ts';
import type { EcsEvent } from '../ecs.ts';
import type { Scope } from '../../identity/scope.ts';
import { evaluateKql, parseKql } from '../kql/index.ts';
import { eventAt, QUERIES, START } from './corpus.ts';

export const ALL: Scope = { actor: { kind: 'user', id: 'u1', name: 'Lan' }, role: 'analyst', agency: 'vn', agencies: 'all' };

export function scopeOf(...agencies: string[]): Scope {
  return { ...ALL, agency: agencies[0] ?? 'none', agencies: new Set(agencies) };
}

export interface Conformance {
  open(): Promise<EventStore>;
  /** Moves events to wherever the store keeps older ones, where it has such a place. */
  settle?(store: EventStore): Promise<void>;
  readonly extra?: readonly EcsEvent[];
}

const COUNT = 400;

export function eventStoreConformance(name: string, given: Conformance): void {
  describe(`${name}: event store conformance`, () => {
    const events = [...Array.from({ length: COUNT }, (_, n) => eventAt(n)), ...(given.extra ?? [])];
    const newest = events.toSorted((left, right) => -compare(left, right));
    let store: EventStore;
    beforeAll(async () => {
      store = await given.open();
      await store.append(events.slice(0, 250), [{ partition: 0, offset: 250 }]);
      await given.settle?.(store);
      await store.append(events.slice(250), [{ partition: 0, offset: events.length }]);
    }, 60_000);
    afterAll(() => store.close());
    queries(() => store, newest);
    paging(() => store, newest);
    aggregates(() => store, newest);
    storing(() => store, events);
  });
}

function compare(left: EcsEvent, right: EcsEvent): number {
  const difference = Date.parse(left['@timestamp']) - Date.parse(right['@timestamp']);
  return difference === 0 ? (left.event.id < right.event.id ? -1 : 1) : difference;
}

async function ids(store: EventStore, query: string, scope: Scope = ALL): Promise<string[]> {
  return (await store.search({ scope, query, limit: 1000 })).items.map((event) => event.event.id);
}

function queries(store: () => EventStore, newest: readonly EcsEvent[]): void {
  it.each(QUERIES.map((query) => [query]))('answers as the evaluator does: %s', async (query) => {
    const node = parseKql(query);
    const expected = newest
      .filter((event) => evaluateKql(node, event))
      .slice(0, 1000)
      .map((event) => event.event.id);
    expect(await ids(store(), query)).toEqual(expected);
  });

  it('shows a reader the events of its agencies only, in every answer', async () => {
    const scope = scopeOf('bo-b');
    const mine = newest.filter((event) => event.organization.id === 'bo-b');
    const foreign = newest.find((event) => event.organization.id !== 'bo-b')!.event.id;
    const everything = { scope, query: 'organization.id: * or not organization.id: *' };
    const range = { from: 0, to: START * 2 };
    expect(await ids(store(), everything.query, scope)).toEqual(mine.map((event) => event.event.id));
    expect(await store().count(everything)).toBe(mine.length);
    expect((await store().histogram({ ...everything, range })).total).toBe(mine.length);
    expect((await store().fieldValues({ ...everything, field: 'organization.id' })).values).toEqual([
      { value: 'bo-b', count: mine.length },
    ]);
    expect(await store().get(scope, [foreign, mine[0]!.event.id])).toEqual([mine[0]]);
    expect(await store().count({ scope: scopeOf(), query: '' })).toBe(0);
    expect(await store().count({ scope: scopeOf("bo-b' or 'x'='x"), query: '' })).toBe(0);
  });
}

function paging(store: () => EventStore, newest: readonly EcsEvent[]): void {
  it.each(['newest', 'oldest'] as const)('pages through everything once, %s first', async (order) => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await store().search({ scope: ALL, query: '', order, limit: 37, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...page.items.map((event) => event.event.id));
      cursor = page.next;
    } while (cursor !== undefined);
    const expected = newest.map((event) => event.event.id);
    expect(seen).toEqual(order === 'newest' ? expected : expected.toReversed());
  });

  it('takes the range as half open', async () => {
    const from = Date.parse(newest[50]!['@timestamp']);
    const to = Date.parse(newest[10]!['@timestamp']);
    const found = await store().search({ scope: ALL, query: '', range: { from, to }, limit: 1000 });
    const inside = newest.filter((event) => Date.parse(event['@timestamp']) >= from && Date.parse(event['@timestamp']) < to);
    expect(found.items).toEqual(inside);
  });

  it.each(['', 'x', 'bm90IGpzb24', 'WzEsMl0', '../../etc'])('refuses the cursor %j', async (cursor) => {
    await expect(store().search({ scope: ALL, query: '', cursor })).rejects.toMatchObject({ code: 'EVENTS_CURSOR_INVALID' });
  });
}

function aggregates(store: () => EventStore, newest: readonly EcsEvent[]): void {
  it('counts by time without gaps, in readable intervals', async () => {
    const range = { from: START, to: START + 86_400_000 };
    const found = await store().histogram({ scope: ALL, query: 'event.module: sshd', range, buckets: 24 });
    const matching = newest.filter(
      (event) => event.event.module === 'sshd' && Date.parse(event['@timestamp']) < range.to && Date.parse(event['@timestamp']) >= START,
    );
    expect(found.intervalMs).toBe(3_600_000);
    expect(found.buckets).toHaveLength(24);
    expect(found.total).toBe(matching.length);
    for (const { from, count } of found.buckets) {
      expect(count).toBe(matching.filter((event) => Math.floor(Date.parse(event['@timestamp']) / 3_600_000) * 3_600_000 === from).length);
    }
  });

  it.each([
    'host.name',
    'user.name',
    'event.category',
    'tags',
    'winlog.event_data.List',
    'winlog.event_data.LogonType',
    'source.port',
    'json.dotted.key',
    'no.such.field',
  ])('counts the values of %s with the rest and the missing', async (field) => {
    const whole = await store().fieldValues({ scope: ALL, query: '', field, limit: 1000 });
    const top = await store().fieldValues({ scope: ALL, query: '', field, limit: 2 });
    expect(whole.other).toBe(0);
    expect(top.values).toEqual(whole.values.slice(0, 2));
    expect(top.other).toBe(whole.values.slice(2).reduce((sum, each) => sum + each.count, 0));
    expect(top.missing).toBe(await store().count({ scope: ALL, query: `not ${field}: *` }));
    expect(top.missing).toBe(whole.missing);
  });

  it("lists the fields that events have, the record's own among them", async () => {
    const fields = await store().fields({ scope: ALL, query: '' });
    const byName = new Map(fields.map((field) => [field.name, field.type]));
    expect(byName.get('@timestamp')).toBe('date');
    expect(byName.get('source.ip')).toBe('ip');
    expect(byName.get('winlog.event_data.TargetUserName')).toBe('keyword');
    expect(byName.get('winlog.event_id')).toBe('number');
  });
}

function storing(store: () => EventStore, events: readonly EcsEvent[]): void {
  it('gives every event back exactly as it was stored', async () => {
    const found = await store().get(
      ALL,
      events.slice(0, 400).map((event) => event.event.id),
    );
    expect(found).toEqual(events.slice(0, 400));
  });

  it('stores each event once, however often it comes', async () => {
    const before = await store().count({ scope: ALL, query: '' });
    await store().append([...events.slice(0, 60), ...events.slice(-60), events[0]!], [{ partition: 1, offset: 9 }]);
    expect(await store().count({ scope: ALL, query: '' })).toBe(before);
    expect((await store().stats()).events).toBe(before);
    expect(new Map(await store().indexedUpTo())).toEqual(
      new Map([
        [0, events.length],
        [1, 9],
      ]),
    );
  });

  it('removes whole days, oldest first, and frees their space', async () => {
    const fresh = { from: START, to: START + 10 * 86_400_000 };
    const kept = await store().count({ scope: ALL, query: '@timestamp >= 2026-11-21', range: fresh });
    const { deletedDays } = await store().retain({ before: Date.UTC(2026, 10, 21, 15) });
    expect(deletedDays.at(-1)).toBe('2026-11-20');
    expect(await store().count({ scope: ALL, query: '', range: fresh })).toBe(kept);
    expect((await store().stats()).oldest).toBeGreaterThanOrEqual(Date.UTC(2026, 10, 21));
    expect((await store().retain({ maxBytes: 1 })).deletedDays.length).toBeGreaterThan(0);
    expect(await store().count({ scope: ALL, query: '' })).toBeGreaterThan(0);
  });

  it('keeps an old recording as long as what happens on the day it was received', async () => {
    const old = (id: string, ingested: string): EcsEvent => {
      const event = eventAt(7);
      return { ...event, '@timestamp': '2020-05-04T03:02:01.000Z', event: { ...event.event, id, ingested } };
    };
    await store().append([old('replayed-now', '2026-11-28T00:00:00.000Z'), old('received-then', '2020-05-04T03:02:02.000Z')], []);
    expect((await store().retain({ before: Date.UTC(2020, 10, 1) })).deletedDays).toEqual(['2020-05-04']);
    const left = await store().search({ scope: ALL, query: '@timestamp < 2021-01-01' });
    expect(left.items.map(({ event }) => event.id)).toEqual(['replayed-now']);
    expect((await store().retain({ before: Date.UTC(2020, 10, 1) })).deletedDays).toEqual([]);
  });
}
