/** What the event store promises on Elasticsearch beyond what every store does, and that too. To be called inside `describe`. */
import { expect, it } from 'vitest';
import type { EcsEvent } from '../ecs.ts';
import {
  evaluateKql,
  openElasticEventStore,
  parseKql,
  type ElasticEventStore,
  type ElasticEventStoreOptions,
  type RejectedEvent,
} from '../index.ts';
import { ALL, eventStoreConformance } from './conformance.ts';
import { eventAt } from './corpus.ts';
import type { ServerHere } from './on-elasticsearch.ts';
import { orderOfBatches } from './order.ts';

type Open = (more?: Partial<ElasticEventStoreOptions>) => Promise<ElasticEventStore>;

export function elasticsearchStore(server: ServerHere): void {
  const open: Open = (more = {}) => openElasticEventStore({ ...server.options(), ...more });
  eventStoreConformance('Elasticsearch', { open: () => open() });
  orderOfBatches('Elasticsearch', () => open());
  indices(open);
  writers(server);
  refused(server);
  shapes(server);
  longValues(open);
  askers(open);
}

function numbered(from: number, to: number): EcsEvent[] {
  return Array.from({ length: to - from }, (_, n) => eventAt(from + n));
}

function indices(open: Open): void {
  it('goes on in a new index when one is full, and knows in it what the full one holds', async () => {
    const store = await open({ rolloverBytes: 1 });
    for (let from = 0; from < 40; from += 10) await store.append(numbered(from, from + 10), []);
    await store.append(numbered(0, 40), []);
    await store.append(numbered(5, 50), []);
    expect((await store.stats()).events).toBe(50);
    expect((await store.search({ scope: ALL, query: '', order: 'oldest' })).items).toEqual(numbered(0, 50));
    expect((await store.retain({ before: Date.UTC(2026, 10, 21) })).deletedDays).toEqual(['2026-11-20']);
    expect((await store.stats()).events).toBe(0);
    await store.close();
  });
}

function writers(server: ServerHere): void {
  it('keeps an agency in the class it was first stored in, so that no event comes twice', async () => {
    const options = { ...server.options() };
    const first = await openElasticEventStore({ ...options, classes: { 'bo-a': 'ministries' } });
    await first.append(numbered(0, 30), []);
    await first.close();
    const second = await openElasticEventStore({ ...options, classes: { 'bo-a': 'others', 'bo-b': 'others' } });
    await second.append(numbered(0, 60), []);
    expect((await second.stats()).events).toBe(60);
    await second.close();
  });

  it('tells a second who stores the same partition to look again', async () => {
    const options = server.options();
    const [one, other] = [await openElasticEventStore(options), await openElasticEventStore(options)];
    await one.append(numbered(0, 3), [{ partition: 0, from: 0, offset: 3 }]);
    await expect(other.append(numbered(0, 2), [{ partition: 0, from: 0, offset: 2 }])).rejects.toMatchObject({ code: 'EVENTS_GAP' });
    expect(other.consumerHost.indexedUpTo().get(0)).toBe(3);
    await other.append(numbered(3, 5), [{ partition: 0, from: 3, offset: 5 }]);
    await one.append(numbered(5, 6), [{ partition: 0, from: 5, offset: 6 }]);
    expect(await one.count({ scope: ALL, query: '' })).toBe(6);
    for (const store of [one, other]) await store.close();
  });
}

function refused(server: ServerHere): void {
  it('keeps what Elasticsearch refuses apart with the reason, and loses nothing else', async () => {
    const told: RejectedEvent[] = [];
    const options = server.options();
    const notes: string[] = [];
    const logger = { info: () => undefined, warn: () => undefined, error: (_: unknown, text?: string) => notes.push(text ?? '') };
    const store = await openElasticEventStore({ ...options, logger: logger as never, onRejected: (events) => void told.push(...events) });
    // Somebody's template that wants numbers where codes may be words.
    await fetch(`${options.nodes[0]}/_index_template/${options.prefix}-hostile`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        index_patterns: [`${options.prefix}-events-general-2026.11.20-*`],
        priority: 900,
        template: { mappings: { dynamic: false, properties: { event: { properties: { code: { type: 'long' } } } } } },
      }),
    });
    const odd = { ...eventAt(3), event: { ...eventAt(3).event, id: 'odd', code: 'không phải số' } };
    await store.append([...numbered(0, 5), odd, ...numbered(5, 10)], [{ partition: 2, from: 0, offset: 11 }]);
    const [rejected] = told;
    expect(told).toEqual([
      { id: 'odd', agency: odd.organization.id, reason: expect.stringMatching(/parse.*event\.code/) as unknown, event: rejected?.event },
    ]);
    expect(JSON.parse(rejected?.event ?? '')).toEqual(odd);
    expect(notes).toHaveLength(1);
    expect(await store.count({ scope: ALL, query: '' })).toBe(10);
    expect((await store.indexedUpTo()).get(2)).toBe(11);
    const kept = await fetch(`${options.nodes[0]}/${options.prefix}-rejected/_doc/odd`);
    expect(await kept.json()).toMatchObject({
      found: true,
      _source: { event: 'odd', reason: expect.stringContaining('event.code') as unknown },
    });
    await store.close();
  });
}

function shapes(server: ServerHere): void {
  it('takes events of any shape without a new field in the mapping', async () => {
    const options = server.options();
    const store = await openElasticEventStore(options);
    const shapes = [
      {
        host: 'no object',
        process: { pid: 'abc', name: { deep: ['x'] } },
        source: { ip: { v4: '10.0.0.1' } },
        'a.b': 1,
        '': { '': 'empty' },
      },
      { json: Object.fromEntries(Array.from({ length: 3000 }, (_, n) => [`k${n}`, { v: n }])), tags: [[1], { a: 1 }, null] },
      // oxlint-disable-next-line no-unsafe-type-assertion -- hostile on purpose
      { json: JSON.parse(`${'['.repeat(900)}1${']'.repeat(900)}`) as object, message: { text: 1 }, event_id: 1e300 },
      { '@timestamp': '+012345-01-01T00:00:00.000Z', json: { big: 2 ** 53, tiny: 5e-324, minus: -0.5, zero: -0 } },
    ].map((shape, n): EcsEvent => {
      const { event, organization, agent } = eventAt(n);
      // oxlint-disable-next-line no-unsafe-type-assertion -- hostile on purpose
      return {
        '@timestamp': eventAt(n)['@timestamp'],
        ...shape,
        event: { ...event, id: `shape-${n}` },
        organization,
        agent,
      } as unknown as EcsEvent;
    });
    await store.append(shapes, []);
    expect(await store.get(ALL, ['shape-0', 'shape-1', 'shape-2', 'shape-3'])).toEqual(JSON.parse(JSON.stringify(shapes)));
    for (const query of [
      'json.k2999.v: 2999',
      'host: "no object"',
      'process.name.deep: X',
      'source.ip.v4: 10.0.0.0/8',
      'json.minus < 0',
      'json.big >= 9007199254740992',
    ])
      expect([query, await store.count({ scope: ALL, query })]).toEqual([query, 1]);
    const mapping = await (await fetch(`${options.nodes[0]}/${options.prefix}-events-*/_mapping`)).text();
    expect(mapping).not.toMatch(/k2999|deep|a\.b/);
    await store.close();
  });
}

function longValues(open: Open): void {
  it('finds in values longer than a term can be as in others', async () => {
    const store = await open();
    const filler = 'Lorem ipsum dolor sit amet, đường dài '.repeat(1100);
    const long = numbered(0, 6).map((event, n): EcsEvent => {
      const text = `${filler.slice(0, n === 0 ? 100 : undefined)}Mốc${n} giữa ${filler} cuối${n}`;
      const place = [{ message: text }, { json: { text } }, { process: { command_line: text } }, { user: { name: text } }][n % 4] ?? {};
      return { ...event, ...place, event: { ...event.event, original: n === 5 ? text : event.event.original } };
    });
    await store.append(long, []);
    const queries = [
      '"moc4 giua"',
      'moc5*cuoi5',
      'cuoi5*moc5',
      'message: *moc4*',
      'message: moc0 cuoi0',
      'json.text: *moc1*cuoi1',
      'json.text: lorem*',
      'json.text: *moc2',
      'process.command_line: *moc2 giua*',
      'user.name: *cuoi3',
      'user.name > lorem',
      'json.text < m',
      'not json.text: *moc1*',
      'json.text: *',
      'message > k',
    ];
    for (const query of queries) {
      const expected = long.filter((event) => evaluateKql(parseKql(query), event)).map(({ event }) => event.id);
      const found = (await store.search({ scope: ALL, query, order: 'oldest' })).items.map(({ event }) => event.id);
      expect([query, found]).toEqual([query, expected]);
    }
    await store.close();
  });
}

function askers(open: Open): void {
  it('refuses a search that has to look at every value, unless a range or another condition narrows it', async () => {
    const store = await open({ scanEvents: 10 });
    await store.append(numbered(0, 30), []);
    for (const query of ['host.name: *gov*', 'ng', 'event.code: 1 or user.name: *c', 'not host.name: *x'])
      await expect(store.count({ scope: ALL, query })).rejects.toMatchObject({ code: 'EVENTS_QUERY_TOO_EXPENSIVE' });
    const range = { from: 0, to: Date.UTC(2027, 0, 1) };
    for (const query of ['host.name: web*', 'nhap', 'event.code: 4624 and host.name: *gov*']) await store.count({ scope: ALL, query });
    expect(await store.count({ scope: ALL, query: 'host.name: *gov*', range })).toBeGreaterThan(0);
    await store.close();
  });

  it('stops a query whose asker went away, and answers the next', async () => {
    const store = await open();
    await store.append(numbered(0, 10), []);
    await expect(store.count({ scope: ALL, query: 'x' }, AbortSignal.abort())).rejects.toMatchObject({ code: 'EVENTS_QUERY_CANCELLED' });
    expect(await store.count({ scope: ALL, query: '' })).toBe(10);
    expect(await store.problems()).toEqual([]);
    await store.close();
  });

  it('runs a consumer in a thread of its own, as the embedded store does', async () => {
    const store = await open();
    const records = [...numbered(0, 20).map((event) => JSON.stringify(event)), 'not json', '{}'];
    const consumer = await store.startConsumer(new URL('feeding-consumer.ts', import.meta.url), { records });
    expect(await consumer.ask('append')).toMatchObject({ stored: 20, duplicates: 0, rejected: 2 });
    expect(await consumer.ask('append')).toMatchObject({ stored: 0, duplicates: 20, rejected: 2, received: [] });
    expect(await consumer.ask('durable')).toEqual([[0, 44]]);
    await consumer.stop();
    expect(await store.count({ scope: ALL, query: '' })).toBe(20);
    expect([...(await store.indexedUpTo())]).toEqual([[0, 44]]);
    await store.close();
  });
}
