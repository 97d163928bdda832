/**
 * Runs inside the event store's thread: reads the log's topic `events` through a log of its own and stores what it reads together
 * with the offset. The offset lives with the events, so that a crash at any moment neither loses nor repeats one; the log's group
 * `indexer` follows what the store has made durable, so that retention removes nothing that a crash could make it read again.
 */
import { systemClock } from '@vong/platform/clock';
import type { ConsumerHost, EventConsumer, IndexedUpTo } from '@vong/platform/events';
import { openLog, type Log, type TopicConfig } from '@vong/platform/log';
import { StageLatencies, type StageDelta } from '@vong/platform/metrics';

export interface ConsumerOptions {
  readonly logPath: string;
  readonly topics: readonly TopicConfig[];
  /** Most events of one transaction. */
  readonly batchEvents: number;
  /** Shortest time between two transactions, ms, while less than a full batch waits. */
  readonly batchMs: number;
  /** Pause after a failure, ms; default 1,000. */
  readonly retryMs?: number;
}

export interface Counters {
  readonly events: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly failures: number;
  readonly batches: number;
  readonly batchSeconds: number;
  /** Records of the topic not yet stored. */
  readonly lag: number;
}

export const GROUP = 'indexer';
const TOPIC = 'events';
const BATCH_BYTES = 12 * 1024 * 1024;
const RETRY_MS = 1000;
/** A batch becomes no smaller than this part of a full one. */
const LEAST_SHARE = 1 / 64;
const FOLLOW_MS = 2000;

export async function createConsumer(host: ConsumerHost, options: unknown): Promise<EventConsumer> {
  // oxlint-disable-next-line no-unsafe-type-assertion -- checked by what produced it
  const given = options as ConsumerOptions;
  const log = openLog({ path: given.logPath, topics: given.topics, clock: systemClock });
  const loop = new Loop(log, host, given);
  const running = loop.run();
  return {
    ask: async (question) => (question === 'stages' ? loop.stages() : loop.counters()),
    stop: async () => {
      loop.stop();
      await running;
      await log.close();
    },
  };
}

interface Batch {
  readonly records: Uint8Array[];
  /** Of the partitions it has records of. */
  readonly upTo: Required<IndexedUpTo>[];
  full: boolean;
}

class Loop {
  private readonly log: Log;
  private readonly host: ConsumerHost;
  private readonly options: ConsumerOptions;
  private readonly stopping = new AbortController();
  /** The next offset to read, per partition: ahead of what is stored by the batch that is being stored. */
  private reading = new Map<number, number>();
  private storing: Promise<void> = Promise.resolve();
  private followedAt = -Infinity;
  private followed: ReadonlyMap<number, number> = new Map();
  private readonly latencies = new StageLatencies(systemClock);
  private readonly counts = { events: 0, duplicates: 0, rejected: 0, failures: 0, batches: 0, batchSeconds: 0 };
  /** So that no partition waits for ever behind a busy one. */
  private turn = 0;
  /** Part of a full batch that is taken at once: smaller after each failure, for the store may be short of memory. */
  private share = 1;

  constructor(log: Log, host: ConsumerHost, options: ConsumerOptions) {
    this.log = log;
    this.host = host;
    this.options = options;
  }

  stop(): void {
    this.stopping.abort();
  }

  async run(): Promise<void> {
    this.reading = new Map(this.host.indexedUpTo());
    await this.follow(true).catch(() => undefined);
    while (!this.stopping.signal.aborted) {
      try {
        await this.step();
      } catch (error) {
        this.counts.failures++;
        this.host.warn('indexing failed; tried again', { reason: error instanceof Error ? error.message : String(error) });
        // The batch begun after the one that failed fails as well: read on from what is stored.
        await this.storing.catch(() => undefined);
        this.storing = Promise.resolve();
        await pause(this.options.retryMs ?? RETRY_MS, this.stopping.signal);
        // What the store itself says: a batch may have failed after it was stored.
        this.reading = new Map(this.host.indexedUpTo());
        this.share = Math.max(LEAST_SHARE, this.share / 2);
      }
    }
    await this.storing.catch(() => undefined);
    await this.follow(true).catch(() => undefined);
  }

  async counters(): Promise<Counters> {
    const partitions = await this.log.partitions(TOPIC);
    const stored = this.host.indexedUpTo();
    const lag = partitions.reduce(
      (sum, { partition, startOffset, endOffset }) => sum + endOffset - Math.max(startOffset, stored.get(partition) ?? 0),
      0,
    );
    return { ...this.counts, lag: Math.max(0, lag) };
  }

  /** Times from `event.ingested` to searchable, since the last call. */
  stages(): StageDelta {
    return this.latencies.takeDelta();
  }

  private async step(): Promise<void> {
    const started = performance.now();
    const batch = await this.read();
    if (batch.upTo.length === 0) {
      await this.storing;
      const stored = this.host.indexedUpTo();
      const next = new Map((await this.log.partitions(TOPIC)).map(({ partition }) => [partition, stored.get(partition) ?? 0]));
      await this.log.waitForData({ topic: TOPIC, next, timeoutMs: 1000, signal: this.stopping.signal });
      return;
    }
    for (const { partition, offset } of batch.upTo) this.reading.set(partition, offset);
    // This batch is made into rows while the one before it is written: two threads, one after the other, would leave both waiting.
    const before = this.storing;
    const now = this.store(batch);
    now.catch(() => undefined);
    this.storing = now;
    await before;
    if (!batch.full) await now;
    const left = this.options.batchMs - (performance.now() - started);
    if (!batch.full && left > 0) await pause(left, this.stopping.signal);
  }

  private async read(): Promise<Batch> {
    const partitions = await this.log.partitions(TOPIC);
    const batch: Batch = { records: [], upTo: [], full: false };
    const most = { records: Math.ceil(this.options.batchEvents * this.share), bytes: BATCH_BYTES * this.share };
    let bytes = 0;
    for (let count = 0; count < partitions.length && !batch.full; count++) {
      const state = partitions[(this.turn + count) % partitions.length];
      if (state === undefined) continue;
      const from = this.reading.get(state.partition) ?? 0;
      const offset = Math.max(from, state.startOffset);
      if (offset >= state.endOffset) continue;
      const maxRecords = most.records - batch.records.length;
      const { records, nextOffset } = await this.log.read({
        topic: TOPIC,
        partition: state.partition,
        offset,
        maxRecords,
        maxBytes: most.bytes - bytes,
      });
      for (const { value } of records) {
        bytes += value.byteLength;
        batch.records.push(value);
      }
      if (nextOffset > offset) batch.upTo.push({ partition: state.partition, from, offset: nextOffset });
      batch.full = batch.records.length >= most.records || bytes >= most.bytes;
    }
    this.turn++;
    return batch;
  }

  /** Tells the log how far the store is for good. Seldom: each time is a write transaction that the gateway has to wait for. */
  private async follow(now: boolean): Promise<void> {
    if (!now && performance.now() - this.followedAt < FOLLOW_MS) return;
    this.followedAt = performance.now();
    const durable = this.host.durableUpTo();
    if (durable === this.followed) return;
    await this.log.commit([...durable].map(([partition, offset]) => ({ group: GROUP, topic: TOPIC, partition, offset })));
    this.followed = durable;
  }

  private async store(batch: Batch): Promise<void> {
    const started = performance.now();
    const done = await this.host.append(batch.records, batch.upTo);
    this.share = Math.min(1, this.share * 2);
    const now = systemClock.now();
    for (const { agency, at, count } of done.received) {
      for (let event = 0; event < count; event++) this.latencies.record('index', agency, now - at);
    }
    await this.follow(false);
    this.counts.events += done.stored;
    this.counts.duplicates += done.duplicates;
    this.counts.rejected += done.rejected;
    this.counts.batches++;
    this.counts.batchSeconds += (performance.now() - started) / 1000;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
