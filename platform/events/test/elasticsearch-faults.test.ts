/** A cluster that is overloaded, cuts connections or is killed: every event is stored once, and no offset steps over one that is not. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { elasticsearchMissing, startElasticsearch, type ElasticsearchServer } from '../../../deploy/testbed/elasticsearch.ts';
import type { EcsEvent } from '../ecs.ts';
import { openElasticEventStore, type ElasticEventStore } from '../index.ts';
import { ALL } from './conformance.ts';
import { eventAt } from './corpus.ts';
import { startFaultsProxy, type Fault } from './faults-proxy.ts';

const missing = await elasticsearchMissing();
const FAULTS: readonly Fault[] = ['too many requests', 'unavailable', 'cut before', 'cut after', 'items refused', 'half refused'];
const BATCH = 250;

function recordAt(n: number): Buffer {
  const event = eventAt(n);
  // A few minutes apart, so that many are in one index.
  const at = new Date(Date.UTC(2026, 10, 20) + n * 1000).toISOString();
  return Buffer.from(JSON.stringify({ ...event, '@timestamp': at, event: { ...event.event, id: `n-${n}`, created: at, ingested: at } }));
}

/** Feeds on from what the store holds, as an indexer does: a batch that fails comes again. */
async function feed(store: ElasticEventStore, end: number, onBatch: (next: number) => void = () => undefined): Promise<number> {
  let failures = 0;
  for (;;) {
    const from = store.consumerHost.indexedUpTo().get(0) ?? 0;
    onBatch(from);
    if (from >= end) return failures;
    const offset = Math.min(end, from + BATCH);
    const records = Array.from({ length: offset - from }, (_, n) => recordAt(from + n));
    await store.consumerHost.append(records, [{ partition: 0, from, offset }]).catch(() => failures++);
  }
}

async function numbers(store: ElasticEventStore): Promise<number[]> {
  const found: EcsEvent[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.search({ scope: ALL, query: '', order: 'oldest', limit: 1000, ...(cursor === undefined ? {} : { cursor }) });
    found.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined);
  return found.map(({ event }) => Number(event.id.slice(2)));
}

describe.skipIf(missing !== undefined)(`Elasticsearch under faults${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let server: ElasticsearchServer;
  beforeAll(async () => {
    server = await startElasticsearch();
  }, 300_000);
  afterAll(() => server?.stop());

  it('stores each event once through 429, 503 and cut connections, whether they come before or after the work', async () => {
    let asked = 0;
    // Two of three requests to store go wrong, each way in turn.
    const proxy = await startFaultsProxy(server.url, () =>
      asked++ % 3 === 2 ? 'none' : (FAULTS[Math.floor(asked / 3) % FAULTS.length] ?? 'none'),
    );
    const store = await openElasticEventStore({ nodes: [proxy.url], prefix: 'overloaded', replicas: 0 });
    await feed(store, 3000);
    expect(await numbers(store)).toEqual(Array.from({ length: 3000 }, (_, n) => n));
    expect([...(await store.indexedUpTo())]).toEqual([[0, 3000]]);
    for (const fault of FAULTS) expect(proxy.shown.get(fault) ?? 0).toBeGreaterThan(0);
    await store.close();
    await proxy.close();
  });

  it('gives a batch back as failed when the cluster stays overloaded, with the offset where it was', async () => {
    const proxy = await startFaultsProxy(server.url, () => 'too many requests');
    const store = await openElasticEventStore({ nodes: [proxy.url], prefix: 'stays', replicas: 0, patienceMs: 1000 });
    await expect(store.consumerHost.append([recordAt(0)], [{ partition: 0, from: 0, offset: 1 }])).rejects.toMatchObject({
      code: 'EVENTS_STORE_UNAVAILABLE',
    });
    expect(store.consumerHost.indexedUpTo().get(0)).toBeUndefined();
    await store.close();
    await proxy.close();
  });

  it('stores each event once through kills of the server in the middle of it', { timeout: 400_000 }, async () => {
    const store = await openElasticEventStore({ nodes: [server.url], prefix: 'killed', replicas: 0, patienceMs: 120_000 });
    const kills = [1000, 3000];
    let down: Promise<void> = Promise.resolve();
    const onBatch = (next: number): void => {
      if (kills[0] === undefined || next < kills[0]) return;
      kills.shift();
      // While the next batches are under way.
      down = server.kill().then(() => server.restart());
    };
    await feed(store, 5000, onBatch);
    await down;
    expect(kills).toEqual([]);
    expect(await numbers(store)).toEqual(Array.from({ length: 5000 }, (_, n) => n));
    expect([...(await store.indexedUpTo())]).toEqual([[0, 5000]]);
    await store.close();
  });
});
