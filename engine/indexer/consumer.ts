/**
 * Runs where the event store does (DuckDB: inside its thread): reads its partitions of the log's topic `events` through a log of its
 * own and stores what it reads together with the offset. The offset lives with the events, so that a crash at any moment neither loses nor repeats one; the log's group
 * `indexer` follows what the store has made durable, so that retention removes nothing that a crash could make it read again.
 */
import { systemClock } from '@vong/platform/clock';
import type { ConsumerHost, EventConsumer, IndexedUpTo } from '@vong/platform/events';
import { connectLog, OwnedPartitions, type Log, type LogSource } from '@vong/platform/log';
import { StageLatencies, type StageDelta } from '@vong/platform/metrics';

export interface ConsumerOptions {
  readonly log: LogSource;
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

export const INDEXER_GROUP = 'indexer';
const TOPIC = 'events';
const BATCH_BYTES = 12 * 1024 * 1024;
const RETRY_MS = 1000;
/** A batch becomes no smaller than this part of a full one. */
const LEAST_SHARE = 1 / 64;
const FOLLOW_MS = 2000;

export async function createConsumer(host: ConsumerHost, options: unknown): Promise<EventConsumer> {
  // oxlint-disable-next-line no-unsafe-type-assertion -- checked by what produced it
  const given = options as ConsumerOptions;
  const log = await connectLog(given.log, { clock: systemClock });
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
  /** Its next offsets are ahead of what is stored by the batch that is being stored. */
  private readonly own: OwnedPartitions;
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
    this.own = new OwnedPartitions(log, {
      group: INDEXER_GROUP,
      topic: TOPIC,
      startAt: async () => {
        await host.refresh?.();
        return host.indexedUpTo();
      },
      settle: async () => await this.storing.catch(() => undefined),
    });
  }

  stop(): void {
    this.stopping.abort();
  }

  async run(): Promise<void> {
    let joined = false;
    while (!this.stopping.signal.aborted) {
      try {
        if (!joined) await this.own.join();
        if (!joined) await this.follow(true).catch(() => undefined);
        joined = true;
        await this.step();
      } catch (error) {
        this.counts.failures++;
        this.host.warn('indexing failed; tried again', { reason: error instanceof Error ? error.message : String(error) });
        // The batch begun after the one that failed fails as well: read on from what is stored.
        await this.storing.catch(() => undefined);
        this.storing = Promise.resolve();
        await pause(this.options.retryMs ?? RETRY_MS, this.stopping.signal);
        // What the store itself says: a batch may have failed after it was stored.
        await this.own.reload().catch(() => undefined);
        this.share = Math.max(LEAST_SHARE, this.share / 2);
      }
    }
    await this.storing.catch(() => undefined);
    await this.follow(true).catch(() => undefined);
    await this.own.leave().catch(() => undefined);
  }

  async counters(): Promise<Counters> {
    const [partitions, committed] = await Promise.all([this.log.partitions(TOPIC), this.log.committed(INDEXER_GROUP, TOPIC)]);
    const stored = this.host.indexedUpTo();
    const lag = partitions.reduce((sum, { partition, startOffset, endOffset }) => {
      // What another process reads is known from what it tells the log.
      const next = (this.own.next.has(partition) ? stored : committed).get(partition) ?? 0;
      return sum + endOffset - Math.max(startOffset, next);
    }, 0);
    return { ...this.counts, lag: Math.max(0, lag) };
  }

  /** Times from `event.ingested` to searchable, since the last call. */
  stages(): StageDelta {
    return this.latencies.takeDelta();
  }

  private async step(): Promise<void> {
    const started = performance.now();
    // Read and handed over between two changes of what is ours; stored while the next batch is read.
    const round = await this.own.work(async () => {
      const batch = await this.read();
      if (batch.upTo.length === 0) return undefined;
      for (const { partition, offset } of batch.upTo) this.own.next.set(partition, offset);
      // This batch is made into rows while the one before it is written: two threads, one after the other, would leave both waiting.
      const before = this.storing;
      const now = this.store(batch);
      now.catch(() => undefined);
      this.storing = now;
      return { before, now, full: batch.full };
    });
    if (round === undefined) {
      await this.storing;
      // What was stored last is told as well, though nothing comes after it.
      await this.own.work(async () => await this.follow(false));
      await this.own.wait(1000, this.stopping.signal);
      return;
    }
    await round.before;
    if (!round.full) await round.now;
    const left = this.options.batchMs - (performance.now() - started);
    if (!round.full && left > 0) await pause(left, this.stopping.signal);
  }

  private async read(): Promise<Batch> {
    const partitions = [...this.own.next];
    const batch: Batch = { records: [], upTo: [], full: false };
    const most = { records: Math.ceil(this.options.batchEvents * this.share), bytes: BATCH_BYTES * this.share };
    let bytes = 0;
    for (let count = 0; count < partitions.length && !batch.full; count++) {
      const [partition, from] = partitions[(this.turn + count) % partitions.length] ?? [];
      if (partition === undefined || from === undefined) continue;
      const maxRecords = most.records - batch.records.length;
      const page = await this.log.read({ topic: TOPIC, partition, offset: from, maxRecords, maxBytes: most.bytes - bytes });
      if (page.damaged !== undefined) this.passOver({ partition, from, to: page.nextOffset, reason: page.damaged.reason });
      for (const { value } of page.records) {
        bytes += value.byteLength;
        batch.records.push(value);
      }
      if (page.nextOffset > from) batch.upTo.push({ partition, from, offset: page.nextOffset });
      batch.full = batch.records.length >= most.records || bytes >= most.bytes;
    }
    this.turn++;
    return batch;
  }

  /** Stopping at a damaged part would keep everything behind it from being found. */
  private passOver(damage: { readonly partition: number; readonly from: number; readonly to: number; readonly reason: string }): void {
    this.counts.rejected += damage.to - damage.from;
    this.host.warn('damaged records of the log are passed over', damage);
  }

  /** Tells the log how far the store is for good. Seldom: each time is a write transaction that the gateway has to wait for. */
  private async follow(now: boolean): Promise<void> {
    if (!now && performance.now() - this.followedAt < FOLLOW_MS) return;
    this.followedAt = performance.now();
    const durable = this.host.durableUpTo();
    if (durable === this.followed) return;
    await this.log.commit([...durable].map(([partition, offset]) => ({ group: INDEXER_GROUP, topic: TOPIC, partition, offset })));
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
