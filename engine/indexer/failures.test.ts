import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@vong/platform/clock';
import type { ConsumerHost } from '@vong/platform/events';
import { openLog, type TopicConfig } from '@vong/platform/log';
import { afterEach, expect, it, vi } from 'vitest';
import { createConsumer } from './consumer.ts';

const topics: readonly TopicConfig[] = [{ name: 'events', partitions: 3, retention: {} }];
const EVENTS = 3000;
const made: string[] = [];

afterEach(async () => {
  for (const path of made.splice(0)) await rm(path, { recursive: true, force: true });
});

type Trouble = 'none' | 'before' | 'after';

/** Stores like the event store: one batch after the other, the offsets with the events, and slow to answer while it is full. */
class TroubledStore implements ConsumerHost {
  readonly stored: string[] = [];
  readonly offsets = new Map<number, number>();
  failures = 0;
  private tail: Promise<unknown> = Promise.resolve();
  private readonly trouble: () => Trouble;

  constructor(trouble: () => Trouble) {
    this.trouble = trouble;
  }

  append: ConsumerHost['append'] = async (records, upTo) => {
    const trouble = this.trouble();
    const writing = this.tail.then(() => this.write(records, upTo, trouble));
    this.tail = writing.catch(() => undefined);
    await writing.catch((error: unknown) => {
      this.failures++;
      throw error;
    });
    // Back pressure: the next batch is stored, or fails, before this one is answered.
    await sleep(4);
    if (trouble !== 'after') return { stored: records.length, duplicates: 0, rejected: 0, received: [] };
    this.failures++;
    throw new Error('failed after it was stored');
  };

  indexedUpTo(): ReadonlyMap<number, number> {
    return new Map(this.offsets);
  }

  durableUpTo(): ReadonlyMap<number, number> {
    return this.indexedUpTo();
  }

  warn(): void {}

  private async write(records: readonly Uint8Array[], upTo: Parameters<ConsumerHost['append']>[1], trouble: Trouble): Promise<void> {
    await sleep(1);
    if (trouble === 'before') throw new Error('no memory');
    for (const { partition, from } of upTo) if (from !== (this.offsets.get(partition) ?? 0)) throw new Error('a gap');
    for (const record of records) this.stored.push(Buffer.from(record).toString());
    for (const { partition, offset } of upTo) this.offsets.set(partition, offset);
  }
}

it('tells the log how far the store is, also of the last batch', { timeout: 30_000 }, async () => {
  const path = await mkdtemp(join(tmpdir(), 'vong-indexer-'));
  made.push(path);
  const logPath = join(path, 'log.db');
  const log = openLog({ path: logPath, topics, clock: systemClock });
  const store = new TroubledStore(() => 'none');
  const consumer = await createConsumer(store, { log: { kind: 'embedded', path: logPath, topics }, batchEvents: 50, batchMs: 1 });
  for (let n = 0; n < 5; n++) {
    await log.append({ batches: [{ topic: 'events', records: [{ key: 'k', value: Buffer.from(`event ${n}`) }] }] });
    await vi.waitFor(() => expect(store.stored).toHaveLength(n + 1), { timeout: 10_000, interval: 5 });
  }
  const told = async (): Promise<number> => [...(await log.committed('indexer', 'events')).values()].reduce((a, b) => a + b, 0);
  await vi.waitFor(async () => expect(await told()).toBe(5), { timeout: 10_000, interval: 20 });
  await consumer.stop();
  await log.close();
});

it('passes over what the log cannot read any more, and counts it', async () => {
  const path = await mkdtemp(join(tmpdir(), 'vong-indexer-'));
  made.push(path);
  const logPath = join(path, 'log.db');
  const log = openLog({ path: logPath, topics, clock: systemClock });
  for (const part of ['before', 'damaged', 'behind']) {
    await log.append({ batches: [{ topic: 'events', records: [0, 1, 2].map((n) => ({ key: 'k', value: Buffer.from(`${part} ${n}`) })) }] });
  }
  const raw = new DatabaseSync(logPath);
  raw.exec('UPDATE batches SET crc = crc + 1 WHERE base = 3');
  raw.close();
  const store = new TroubledStore(() => 'none');
  const consumer = await createConsumer(store, { log: { kind: 'embedded', path: logPath, topics }, batchEvents: 120, batchMs: 1 });
  await vi.waitFor(async () => expect(await consumer.ask('counters')).toMatchObject({ lag: 0 }), { timeout: 10_000, interval: 10 });
  expect(await consumer.ask('counters')).toMatchObject({ rejected: 3, failures: 0 });
  await consumer.stop();
  await log.close();
  expect(store.stored).toEqual(['before 0', 'before 1', 'before 2', 'behind 0', 'behind 1', 'behind 2']);
});

it.each([
  ['fails now and then before it stores', (n: number): Trouble => (n % 7 === 3 ? 'before' : 'none')],
  ['fails now and then after it stored', (n: number): Trouble => (n % 7 === 3 ? 'after' : 'none')],
  ['fails both ways, several times running', (n: number): Trouble => (n % 9 < 2 ? 'before' : n % 9 === 5 ? 'after' : 'none')],
])('stores every event of the log once in a store that %s', { timeout: 60_000 }, async (_name, trouble) => {
  const path = await mkdtemp(join(tmpdir(), 'vong-indexer-'));
  made.push(path);
  const logPath = join(path, 'log.db');
  const log = openLog({ path: logPath, topics, clock: systemClock });
  const records = Array.from({ length: EVENTS }, (_, n) => ({ key: `host-${n % 11}`, value: Buffer.from(`event ${n}`) }));
  await log.append({ batches: [{ topic: 'events', records }] });
  let calls = 0;
  const store = new TroubledStore(() => trouble(calls++));
  const consumer = await createConsumer(store, {
    log: { kind: 'embedded', path: logPath, topics },
    batchEvents: 120,
    batchMs: 1,
    retryMs: 2,
  });
  await vi.waitFor(() => expect(store.stored.length).toBeGreaterThanOrEqual(EVENTS), { timeout: 50_000, interval: 20 });
  await consumer.stop();
  await log.close();
  expect(store.failures).toBeGreaterThan(3);
  expect(store.stored.toSorted()).toEqual(records.map(({ value }) => value.toString()).toSorted());
});
