/** What every log must do. `factory` opens the log it is given a name for; the same name opened again is the same log. */
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../clock/index.ts';
import { hasCode } from '../../errors/index.ts';
import type { Log, LogRecord, StoredRecord, TopicConfig, TopicName } from '../contract.ts';
import { TOPICS } from './topics.ts';

export interface LogFactoryOptions {
  readonly name: string;
  readonly topics: readonly TopicConfig[];
  readonly clock: ManualClock;
}
export type LogFactory = (options: LogFactoryOptions) => Promise<Log>;

export function records(count: number, key: (i: number) => string = () => 'k', from = 0): LogRecord[] {
  return Array.from({ length: count }, (_, i) => ({ key: key(i), value: Buffer.from(`value ${from + i}`) }));
}

export async function readAll(log: Log, topic: TopicName, partition = 0): Promise<StoredRecord[]> {
  const all: StoredRecord[] = [];
  for (let offset = 0; ;) {
    const page = await log.read({ topic, partition, offset, maxRecords: 700 });
    if (page.records.length === 0) return all;
    all.push(...page.records);
    offset = page.nextOffset;
  }
}

const text = (record: StoredRecord | undefined): string => Buffer.from(record?.value ?? []).toString();
const big = (size: number): LogRecord => ({ key: 'k', value: Buffer.alloc(size, 7) });
const noise = (i: number): LogRecord => ({
  key: 'k',
  value: Buffer.from(Array.from({ length: 500 }, (_, n) => (n * 7919 * (i + 1)) % 251)),
});
let names = 0;

export interface ConformanceOptions {
  /**
   * Whether the log itself removes records when `retain` is called, and asks groups first. Kafka's brokers remove by themselves,
   * at times of their own.
   */
  readonly retains: boolean;
}

export function logConformance(factory: LogFactory, { retains }: ConformanceOptions): void {
  const clock = new ManualClock(1_000_000);
  async function fresh(): Promise<Log & AsyncDisposable> {
    const log = await factory({ name: `log-${++names}`, topics: TOPICS, clock });
    return { ...log, [Symbol.asyncDispose]: () => log.close() };
  }
  ordering(fresh);
  producers(fresh);
  commits(fresh);
  groups(fresh);
  waking(fresh);
  if (retains) retention(fresh, clock);
  refusals(fresh);
}

type Fresh = () => Promise<Log & AsyncDisposable>;

function ordering(fresh: Fresh): void {
  describe('offsets', () => {
    it('grow by one without gaps and keep append order in each partition', async () => {
      await using log = await fresh();
      for (let i = 0; i < 20; i++)
        await log.append({ batches: [{ topic: 'events', records: records(53, (n) => `host-${n % 9}`, i * 53) }] });
      const seen = new Map<string, number>();
      let total = 0;
      for (let partition = 0; partition < 4; partition++) {
        const all = await readAll(log, 'events', partition);
        expect(all.map((record) => record.offset)).toEqual(all.map((_, index) => index));
        for (const record of all) {
          const number = Number(text(record).slice(6));
          expect(number).toBeGreaterThan(seen.get(record.key) ?? -1);
          seen.set(record.key, number);
        }
        total += all.length;
      }
      expect(total).toBe(20 * 53);
    });

    it('keep equal keys in one partition', async () => {
      await using log = await fresh();
      await log.append({ batches: [{ topic: 'events', records: records(400, (n) => `host-${n % 40}`) }] });
      const placed = new Map<string, number>();
      for (let partition = 0; partition < 4; partition++) {
        for (const record of await readAll(log, 'events', partition)) {
          expect(placed.get(record.key) ?? partition).toBe(partition);
          placed.set(record.key, partition);
        }
      }
      expect(placed.size).toBe(40);
      expect(new Set(placed.values()).size).toBe(4);
    });

    it('can be read from any place, in any step', async () => {
      await using log = await fresh();
      for (let i = 0; i < 10; i++) await log.append({ batches: [{ topic: 'signals', records: records(100, undefined, i * 100) }] });
      for (const offset of [0, 1, 99, 100, 101, 555, 998, 999]) {
        const page = await log.read({ topic: 'signals', partition: 0, offset, maxRecords: 150 });
        expect(page.records.map(text)).toEqual(Array.from({ length: Math.min(150, 1000 - offset) }, (_, i) => `value ${offset + i}`));
        expect(page.nextOffset).toBe(Math.min(1000, offset + 150));
      }
      expect(await log.read({ topic: 'signals', partition: 0, offset: 1000, maxRecords: 5 })).toEqual({ records: [], nextOffset: 1000 });
    });

    it('bound a read by bytes but always give one record', async () => {
      await using log = await fresh();
      await log.append({ batches: [{ topic: 'signals', records: [big(5000), big(100), big(100), big(5000)] }] });
      const first = await log.read({ topic: 'signals', partition: 0, offset: 0, maxRecords: 10, maxBytes: 300 });
      expect(first.records).toHaveLength(1);
      const second = await log.read({ topic: 'signals', partition: 0, offset: first.nextOffset, maxRecords: 10, maxBytes: 300 });
      expect(second.records).toHaveLength(2);
      expect(second.nextOffset).toBe(3);
    });

    it('hold for empty values, empty and long keys, any UTF-8, and records of several megabytes', async () => {
      await using log = await fresh();
      const large = Buffer.alloc(5_000_000, 'Vọng Gác ');
      const odd = [
        { key: '', value: Buffer.alloc(0) },
        { key: 'đ'.repeat(3000), value: Buffer.from('x') },
        { key: '🛡️', value: large },
        { key: '🛡️', value: Buffer.from([0, 255, 10]) },
      ];
      await log.append({ batches: [{ topic: 'signals', records: odd }] });
      const all = await readAll(log, 'signals');
      expect(all.map((record) => record.key)).toEqual(odd.map((record) => record.key));
      expect(all.every((record, i) => Buffer.compare(record.value, odd[i]!.value) === 0)).toBe(true);
    });
  });
}

function producers(fresh: Fresh): void {
  describe('a producer', () => {
    it('has a batch stored once however often it sends it', async () => {
      await using log = await fresh();
      const send = (sequence: number) =>
        log.append({ batches: [{ topic: 'signals', records: records(3, undefined, sequence * 3) }], producer: { id: 'agent', sequence } });
      expect(await log.lastSequence('agent')).toBe(-1);
      const results = [await send(0), await send(0), await send(1), await send(0), await send(1), await send(5)];
      expect(results.map((result) => result.duplicate)).toEqual([false, true, false, true, true, false]);
      expect(await readAll(log, 'signals')).toHaveLength(9);
      expect(await log.lastSequence('agent')).toBe(5);
      expect(await log.lastSequence('other')).toBe(-1);
    });

    it('has a batch stored once when it sends it many times at the same moment', async () => {
      await using log = await fresh();
      const request = { batches: [{ topic: 'signals' as const, records: records(10) }], producer: { id: 'agent', sequence: 0 } };
      const results = await Promise.all(Array.from({ length: 20 }, () => log.append(request)));
      expect(results.filter((result) => !result.duplicate)).toHaveLength(1);
      expect(await readAll(log, 'signals')).toHaveLength(10);
    });
  });
}

function commits(fresh: Fresh): void {
  describe('a commit', () => {
    it('is per group, topic and partition, and missing until made', async () => {
      await using log = await fresh();
      expect((await log.committed('indexer', 'events')).size).toBe(0);
      await log.commit([
        { group: 'indexer', topic: 'events', partition: 2, offset: 7 },
        { group: 'detector', topic: 'events', partition: 2, offset: 9 },
      ]);
      await log.commit([{ group: 'indexer', topic: 'events', partition: 2, offset: 8 }]);
      expect([...(await log.committed('indexer', 'events'))]).toEqual([[2, 8]]);
      expect([...(await log.committed('detector', 'events'))]).toEqual([[2, 9]]);
    });

    it('is stored with its append or not at all', async () => {
      await using log = await fresh();
      const good = { group: 'detector', topic: 'events' as const, partition: 0, offset: 3 };
      await log.append({ batches: [{ topic: 'signals', records: records(2) }], commits: [good] });
      const bad = { ...good, partition: 99, offset: 4 };
      const request = { batches: [{ topic: 'signals' as const, records: records(2) }], commits: [{ ...good, offset: 4 }, bad] };
      await expect(log.append(request)).rejects.toSatisfy((error) => hasCode(error, 'LOG_UNKNOWN_TOPIC'));
      expect(await readAll(log, 'signals')).toHaveLength(2);
      expect([...(await log.committed('detector', 'events'))]).toEqual([[0, 3]]);
    });

    it('of a duplicate batch changes nothing', async () => {
      await using log = await fresh();
      const commit = { group: 'detector', topic: 'events' as const, partition: 0, offset: 3 };
      const producer = { id: 'detector', sequence: 0 };
      await log.append({ batches: [], producer, commits: [commit] });
      expect(await log.append({ batches: [], producer, commits: [{ ...commit, offset: 1 }] })).toEqual({ duplicate: true });
      expect([...(await log.committed('detector', 'events'))]).toEqual([[0, 3]]);
    });
  });
}

function groups(fresh: Fresh): void {
  describe('a group with one member', () => {
    it('gives it every partition, takes its commits, and goes on without it', async () => {
      await using log = await fresh();
      const owned = new Set<number>();
      const request = { group: 'detector', topic: 'events' as const };
      const commit = { ...request, partition: 3 };
      const membership = await log.join({
        ...request,
        onAssigned: (partitions) => {
          for (const partition of partitions) owned.add(partition);
          return Promise.resolve();
        },
        // What is in hand is finished and committed while it is still its own.
        onRevoked: async (partitions) => {
          await log.commit([{ ...commit, offset: 6 }]);
          for (const partition of partitions) owned.delete(partition);
        },
      });
      await expect.poll(() => owned.size, { timeout: 20_000 }).toBe(4);
      await log.append({ batches: [{ topic: 'signals', records: records(1) }], commits: [{ ...commit, offset: 5 }] });
      expect([...(await log.committed('detector', 'events'))]).toEqual([[3, 5]]);
      await membership.leave();
      expect(owned.size).toBe(0);
      expect([...(await log.committed('detector', 'events'))]).toEqual([[3, 6]]);
      await membership.leave();
      await log.commit([{ ...commit, offset: 7 }]);
      expect([...(await log.committed('detector', 'events'))]).toEqual([[3, 7]]);
    });
  });
}

/** What a reader that has read all of `signals` waits with. */
export async function atEnd(log: Log): Promise<{ topic: 'signals'; next: Map<number, number> }> {
  return { topic: 'signals', next: new Map((await log.partitions('signals')).map(({ partition, endOffset }) => [partition, endOffset])) };
}

function waking(fresh: Fresh): void {
  describe('waiting', () => {
    it('ends at once when there is more than was read', async () => {
      await using log = await fresh();
      await log.append({ batches: [{ topic: 'signals', records: records(1) }] });
      const start = new Map((await log.partitions('signals')).map(({ partition }) => [partition, 0]));
      expect(await log.waitForData({ topic: 'signals', next: start, timeoutMs: 20_000 })).toBe(true);
      const end = await atEnd(log);
      expect(await log.waitForData({ ...end, timeoutMs: 20 })).toBe(false);
      await log.append({ batches: [{ topic: 'signals', records: records(1) }] });
      expect(await log.waitForData({ ...end, timeoutMs: 20_000 })).toBe(true);
    });

    it('lets timers and messages of the thread go first, also when there is always more', async () => {
      await using log = await fresh();
      await log.append({ batches: [{ topic: 'signals', records: records(1) }] });
      const next = new Map((await log.partitions('signals')).map(({ partition }) => [partition, 0]));
      let turns = 0;
      const timer = setTimeout(() => (turns = Infinity), 1);
      for (; turns < 100_000; turns++) await log.waitForData({ topic: 'signals', next, timeoutMs: 20 });
      clearTimeout(timer);
      expect(turns).toBe(Infinity);
    });

    it('ends with the time, with the abort, and with the close', async () => {
      const log = await fresh();
      await readAll(log, 'signals');
      expect(await log.waitForData({ ...(await atEnd(log)), timeoutMs: 20 })).toBe(false);
      const controller = new AbortController();
      const aborted = log.waitForData({ ...(await atEnd(log)), timeoutMs: 20_000, signal: controller.signal });
      const closed = log.waitForData({ ...(await atEnd(log)), timeoutMs: 20_000 });
      controller.abort();
      expect(await aborted).toBe(false);
      await log.close();
      expect(await closed).toBe(false);
    });

    it('is ended by an append to that topic, not by one to another', async () => {
      await using log = await fresh();
      await readAll(log, 'signals');
      const waiting = log.waitForData({ ...(await atEnd(log)), timeoutMs: 20_000 });
      await log.append({ batches: [{ topic: 'alerts', records: records(1) }] });
      expect(await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve, 50, 'still waiting'))])).toBe('still waiting');
      await log.append({ batches: [{ topic: 'signals', records: records(1) }] });
      expect(await waiting).toBe(true);
    });
  });
}

function retention(fresh: Fresh, clock: ManualClock): void {
  describe('retention', () => {
    it('deletes old batches only after every group has read them', async () => {
      await using log = await fresh();
      await log.append({ batches: [{ topic: 'events', records: records(10) }] });
      const partition = (await log.partitions('events')).find((state) => state.endOffset === 10)!.partition;
      clock.advance(5000);
      expect(await log.retain()).toEqual({ deletedRecords: 0 });
      await log.commit([{ group: 'indexer', topic: 'events', partition, offset: 9 }]);
      expect(await log.retain()).toEqual({ deletedRecords: 0 });
      await log.commit([{ group: 'indexer', topic: 'events', partition, offset: 10 }]);
      await log.commit([{ group: 'detector', topic: 'events', partition, offset: 2 }]);
      expect(await log.retain()).toEqual({ deletedRecords: 0 });
      await log.commit([{ group: 'detector', topic: 'events', partition, offset: 10 }]);
      expect(await log.retain()).toEqual({ deletedRecords: 10 });
      expect((await log.partitions('events'))[partition]).toEqual({ partition, startOffset: 10, endOffset: 10, bytes: 0 });
    });

    it('keeps the young, and offsets go on from where they were', async () => {
      await using log = await fresh();
      await log.append({ batches: [{ topic: 'events', records: records(10) }] });
      const partition = (await log.partitions('events')).find((state) => state.endOffset === 10)!.partition;
      clock.advance(5000);
      await log.append({ batches: [{ topic: 'events', records: records(5) }] });
      await log.commit([{ group: 'indexer', topic: 'events', partition, offset: 15 }]);
      expect(await log.retain()).toEqual({ deletedRecords: 10 });
      const page = await log.read({ topic: 'events', partition, offset: 3, maxRecords: 100 });
      expect(page.records.map((record) => record.offset)).toEqual([10, 11, 12, 13, 14]);
      expect(page.nextOffset).toBe(15);
    });

    it('by bytes goes over what groups still have to read, oldest first', async () => {
      await using log = await fresh();
      await log.commit([{ group: 'slow', topic: 'alerts', partition: 0, offset: 0 }]);
      for (let i = 0; i < 30; i++) await log.append({ batches: [{ topic: 'alerts', records: [noise(i)] }] });
      const { deletedRecords } = await log.retain();
      const [state] = await log.partitions('alerts');
      expect(deletedRecords).toBeGreaterThan(0);
      expect(state).toMatchObject({ startOffset: deletedRecords, endOffset: 30 });
      expect(state!.bytes).toBeLessThanOrEqual(4000);
    });
  });
}

function refusals(fresh: Fresh): void {
  describe('a mistake', () => {
    it('gets a clear error and changes nothing', async () => {
      const log = await fresh();
      const unknown = log.append({ batches: [{ topic: 'dead-letters', records: records(1) }] });
      await expect(unknown).rejects.toSatisfy((error) => hasCode(error, 'LOG_UNKNOWN_TOPIC'));
      const negative = log.append({ batches: [], producer: { id: 'a', sequence: -1 } });
      await expect(negative).rejects.toSatisfy((error) => hasCode(error, 'LOG_BAD_REQUEST'));
      const nowhere = log.read({ topic: 'signals', partition: 1, offset: 0, maxRecords: 1 });
      await expect(nowhere).rejects.toSatisfy((error) => hasCode(error, 'LOG_UNKNOWN_TOPIC'));
      await log.close();
      await expect(log.append({ batches: [] })).rejects.toSatisfy((error) => hasCode(error, 'LOG_CLOSED'));
    });
  });
}
