/** The same real events in DuckDB and in Elasticsearch: equal answers, and the evaluator's. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventStore } from '../contract.ts';
import type { EcsEvent } from '../ecs.ts';
import { evaluateKql, openElasticEventStore, openEventStore, parseKql, type KqlNode } from '../index.ts';
import { ALL, scopeOf } from './conformance.ts';
import { elasticsearch, serverHere } from './on-elasticsearch.ts';
import { bare, queriesFrom, quoted, RECORDED_QUERIES } from './recorded-queries.ts';
import { recordedEvents, recordingsPresent } from './recorded.ts';

const skipped = elasticsearch.missing ?? (recordingsPresent ? undefined : 'the shared recordings are not there');
const BATCH = 2500;
/** More than one part of a page. */
const SHOWN = 120;
const RANGE = { from: Date.UTC(2019, 0, 1), to: Date.UTC(2027, 0, 1) };

async function ids(store: EventStore, query: string, order: 'newest' | 'oldest' = 'newest'): Promise<string[]> {
  return (await store.search({ scope: ALL, query, limit: SHOWN, order })).items.map(({ event }) => event.id);
}

async function allIds(store: EventStore, query: string): Promise<string[]> {
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.search({ scope: ALL, query, limit: 777, ...(cursor === undefined ? {} : { cursor }) });
    seen.push(...page.items.map(({ event }) => event.id));
    cursor = page.next;
  } while (cursor !== undefined);
  return seen;
}

describe.skipIf(skipped !== undefined)(`DuckDB and Elasticsearch${skipped === undefined ? '' : ` (skipped: ${skipped})`}`, () => {
  const events = skipped === undefined ? recordedEvents() : [];
  const server = serverHere();
  let folder: string;
  let duck: EventStore;
  let elastic: EventStore;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vong-differential-'));
    duck = await openEventStore({ path: folder, timeoutMs: 120_000, memoryBytes: 1_500_000_000 });
    elastic = await openElasticEventStore({
      ...server.options(),
      timeoutMs: 120_000,
      classes: { 'bo-a': 'ministries', 'bo-b': 'ministries' },
    });
    for (let from = 0; from < events.length; from += BATCH) {
      const batch = events.slice(from, from + BATCH);
      const upTo = [{ partition: 0, from, offset: from + batch.length }];
      await Promise.all([duck.append(batch, upTo), elastic.append(batch, upTo)]);
    }
  }, 600_000);
  afterAll(async () => {
    await duck?.close();
    await elastic?.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const queries = [...new Set([...RECORDED_QUERIES, ...queriesFrom(events)])];

  it('hold the same 20,000 real events and more', async () => {
    expect(events.length).toBeGreaterThan(20_000);
    expect(queries.length).toBeGreaterThan(200);
    expect(await duck.count({ scope: ALL, query: '' })).toBe(events.length);
    expect(await elastic.count({ scope: ALL, query: '' })).toBe(events.length);
  });

  it.each(queries.map((query, n) => [query, n] as const))('answer %s alike', { timeout: 120_000 }, async (query, n) => {
    const found = await ids(elastic, query);
    const count = await elastic.count({ scope: ALL, query });
    expect(await ids(duck, query)).toEqual(found);
    expect(await duck.count({ scope: ALL, query })).toBe(count);
    // The evaluator looks at every event, which takes it seconds: it is asked one query in five.
    if (n % 5 !== 0) return;
    const node = parseKql(query);
    const expected = events.filter((event) => evaluateKql(node, event)).toSorted(byPlace);
    expect(count).toBe(expected.length);
    expect(found).toEqual(
      expected
        .toReversed()
        .slice(0, SHOWN)
        .map(({ event }) => event.id),
    );
  });

  it('page through everything alike, and sort it both ways', async () => {
    for (const query of ['', 'winlog.channel: Security', 'đăng nhập'])
      expect(await ids(elastic, query, 'oldest')).toEqual(await ids(duck, query, 'oldest'));
    const found = await allIds(elastic, 'not event.code: 10');
    expect(found).toEqual(await allIds(duck, 'not event.code: 10'));
    expect(new Set(found).size).toBe(found.length);
    expect(found.length).toBeGreaterThan(10_000);
  });

  it.each(['', 'event.module: sysmon', 'winlog.event_data.TargetImage: *lsass.exe', 'đăng nhập', 'no.such: field'])(
    'count by time alike: %s',
    async (query) => {
      for (const buckets of [10, 100, 1000]) {
        const request = { scope: ALL, query, range: RANGE, buckets };
        expect(await elastic.histogram(request)).toEqual(await duck.histogram(request));
      }
      const day = { scope: ALL, query, range: { from: Date.UTC(2020, 8, 22), to: Date.UTC(2020, 8, 23) } };
      expect(await elastic.histogram(day)).toEqual(await duck.histogram(day));
    },
  );

  const COUNTED =
    `event.code host.name user.name event.category tags organization.id process.name process.pid message source.ip host.ip destination.port
    winlog.event_id process.command_line @timestamp event.ingested event.id winlog.event_data.GrantedAccess winlog.event_data.LogonType
    winlog.event_data.TargetImage winlog.event_data.CallTrace winlog.event_data.List winlog.event_data.Deep winlog.event_data.Empty
    winlog.event_data.a/b~c winlog.event_data json.mixed json.dotted.key json.ok json.ratio labels.app.kubernetes.io/name dns.answers.data
    no.such __proto__`.split(/\s+/);
  it.each(COUNTED)('count the values of %s alike', async (field) => {
    for (const query of ['', 'event.module: sysmon', 'not event.code: 10 and host.name: *5*']) {
      for (const limit of [3, 50, 1000]) {
        const request = { scope: ALL, query, field, limit };
        expect(await elastic.fieldValues(request)).toEqual(await duck.fieldValues(request));
      }
    }
  });

  it('list the fields alike, and refuse to count what every event has one of its own of', async () => {
    for (const query of ['', 'event.module: sysmon', 'json: *', 'no: such'])
      expect(await elastic.fields({ scope: ALL, query })).toEqual(await duck.fields({ scope: ALL, query }));
    for (const store of [elastic, duck]) {
      await expect(store.fieldValues({ scope: ALL, query: '', field: 'event.original' })).rejects.toMatchObject({
        code: 'EVENTS_FIELD_NOT_COUNTED',
      });
    }
  });

  it('show a reader the same part', async () => {
    for (const scope of [scopeOf('bo-a'), scopeOf('bo-b', 'tinh-đ'), scopeOf()]) {
      const request = { scope, query: 'not event.code: (10 or 7)' };
      expect(await elastic.count(request)).toBe(await duck.count(request));
      expect((await elastic.search(request)).items).toEqual((await duck.search(request)).items);
      const wanted = events.slice(0, 200).map(({ event }) => event.id);
      expect(await elastic.get(scope, wanted)).toEqual(await duck.get(scope, wanted));
    }
  });

  it('answer queries that nobody thought of as the evaluator does', { timeout: 300_000 }, async () => {
    const sample = events.filter((_, n) => n % 10 === 0);
    const until = performance.now() + 30_000;
    await fc.assert(
      fc.asyncProperty(queryOf(sample), async (query) => {
        // Not `interruptAfterTimeLimit`: it leaves the last one running while the stores close.
        if (performance.now() > until) return;
        const node: KqlNode = parseKql(query);
        const expected = events.filter((event) => evaluateKql(node, event)).length;
        const [inElastic, inDuck] = await Promise.all([elastic.count({ scope: ALL, query }), duck.count({ scope: ALL, query })]);
        expect({ query, inElastic, inDuck }).toEqual({ query, inElastic: expected, inDuck: expected });
        expect(await ids(elastic, query)).toEqual(await ids(duck, query));
      }),
      { numRuns: 60 },
    );
  });
});

function byPlace(left: EcsEvent, right: EcsEvent): number {
  const difference = Date.parse(left['@timestamp']) - Date.parse(right['@timestamp']);
  return difference === 0 ? (left.event.id < right.event.id ? -1 : 1) : difference;
}

/** Random queries over names and values that the events have, and some that they have not. */
function queryOf(events: readonly EcsEvent[]): fc.Arbitrary<string> {
  const place = fc.constantFrom(...events).chain((event) => fc.constantFrom(...leaves(event).filter(([name]) => /^[\w.@-]+$/.test(name))));
  const cut = fc.tuple(fc.nat(40), fc.nat(40)).map(
    ([from, length]) =>
      (value: string) =>
        value.slice(from % Math.max(1, value.length)).slice(0, 1 + length),
  );
  const leaf = fc.oneof(
    place.map(([name, value]) => `${name}: ${quoted(value.slice(0, 200))}`),
    fc.tuple(place, cut).map(([[name, value], part]) => `${name}: *${bare(part(value))}*`),
    fc.tuple(place, cut, cut).map(([[name, value], first, second]) => `${name}: ${bare(first(value))}*${bare(second(value))}*`),
    fc.tuple(place, cut).map(([[, value], part]) => quoted(part(value))),
    fc.tuple(place, cut, cut).map(([[, value], first, second]) => `${bare(first(value))}*${bare(second(value))}`),
    fc
      .tuple(place, fc.constantFrom('>', '>=', '<', '<='))
      .map(([[name, value], operator]) => `${name} ${operator} ${quoted(value.slice(0, 60))}`),
    place.map(([name]) => `${name}: *`),
    fc.tuple(place, place).map(([[name], [, value]]) => `${name}: ${quoted(value.slice(0, 100))}`),
  );
  const { query } = fc.letrec<{ query: string }>((tie) => ({
    query: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.tuple(tie('query'), fc.constantFrom('and', 'or'), tie('query')).map(([left, word, right]) => `(${left}) ${word} (${right})`),
      tie('query').map((inner) => `not (${inner})`),
    ),
  }));
  return query.filter((text) => text.length < 2000 && !unreadable(text));
}

function unreadable(text: string): boolean {
  try {
    parseKql(text);
    return false;
  } catch {
    return true;
  }
}

function leaves(event: object, name = ''): [string, string][] {
  return Object.entries(event).flatMap(([key, value]: [string, unknown]): [string, string][] => {
    const at = name === '' ? key : `${name}.${key}`;
    if (Array.isArray(value)) return value.filter((item) => typeof item === 'string').map((item): [string, string] => [at, item]);
    if (typeof value === 'object' && value !== null) return leaves(value, at);
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [[at, String(value)]] : [];
  });
}
