import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { Cluster, Pool } from './cluster.ts';
import type { Fetched, Fetcher } from './fetcher.ts';
import type { KafkaReader } from './reader.ts';

/** A broker holds a request open this long at most, and the connection with it. */
const POLL_MS = 500;
/** Before asking again where the last question failed or can have no answer yet. */
const RETRY_MS = 250;

interface Poll {
  readonly next: ReadonlyMap<number, number>;
  /** Partitions that a read must look at. */
  readonly growing: Set<number>;
  readonly leftMs: number;
}

/** Waits for records by requests that brokers answer when there are some; what they bring is kept for the reader. */
export class Waiter {
  readonly #cluster: Cluster;
  readonly #fetcher: Fetcher;
  readonly #reader: KafkaReader;
  /** A request that waits keeps its connection busy: each wait at a time has its own. */
  readonly #idle: Pool[] = [];
  readonly #closing = new AbortController();

  constructor(cluster: Cluster, fetcher: Fetcher, reader: KafkaReader) {
    this.#cluster = cluster;
    this.#fetcher = fetcher;
    this.#reader = reader;
  }

  async wait(
    topic: string,
    next: ReadonlyMap<number, number>,
    { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal | undefined },
  ): Promise<boolean> {
    await nextTurn();
    const stops = signal === undefined ? [this.#closing.signal] : [this.#closing.signal, signal];
    if (stops.some(({ aborted }) => aborted)) return false;
    if ([...next].some(([partition, offset]) => this.#reader.holds(topic, partition, offset))) return true;
    const deadline = performance.now() + timeoutMs;
    const stopped = Promise.withResolvers<false>();
    const end = (): void => stopped.resolve(false);
    const timer = setTimeout(end, timeoutMs);
    for (const stop of stops) stop.addEventListener('abort', end, { once: true });
    const over = new AbortController();
    const growing = new Set<number>();
    const polls = async (): Promise<boolean> => {
      while (!over.signal.aborted) {
        const { generation } = this.#reader;
        if (!(await this.#poll(topic, { next, growing, leftMs: Math.max(0, deadline - performance.now()) }))) continue;
        if (this.#reader.generation !== generation) return true;
        // A broker that has not answered has nothing to tell either.
        for (const [partition, offset] of next) if (!growing.has(partition)) this.#reader.nothing(topic, partition, offset);
        return true;
      }
      return false;
    };
    try {
      return await Promise.race([polls(), stopped.promise]);
    } finally {
      over.abort();
      clearTimeout(timer);
      for (const stop of stops) stop.removeEventListener('abort', end);
    }
  }

  close(): void {
    this.#closing.abort();
  }

  /** Asks the leaders of all partitions once; true as soon as one has something. Never rejects. */
  async #poll(topic: string, { next, growing, leftMs }: Poll): Promise<boolean> {
    const wanted = [...next].map(([partition, offset]) => ({ partition, offset }));
    const pool = this.#idle.pop() ?? this.#cluster.pool();
    const options = { pool, waitMs: Math.ceil(Math.min(POLL_MS, leftMs)) };
    try {
      const asked = this.#fetcher.requests(topic, wanted).map(async (request) => await this.#fetcher.ask(topic, request, options));
      if (asked.length === 0) await pause(RETRY_MS);
      void Promise.allSettled(asked).then(() => this.#idle.push(pool));
      return await any(asked.map(async (each) => await this.#found(topic, { next, growing }, await each)));
    } catch {
      // A question that was not asked leaves the connections as they were.
      if (!this.#idle.includes(pool)) this.#idle.push(pool);
      await pause(RETRY_MS);
      return false;
    }
  }

  /** True when one of these partitions has a record to be read. */
  async #found(topic: string, { next, growing }: Pick<Poll, 'next' | 'growing'>, fetched: readonly Fetched[]): Promise<boolean> {
    for (const each of fetched) this.#reader.keep(topic, each);
    const grown = fetched.filter(({ partition, highWatermark }) => highWatermark > (next.get(partition) ?? Infinity));
    for (const { partition } of grown) growing.add(partition);
    if (grown.length > 0) return true;
    const outside = fetched.filter(({ outOfRange }) => outOfRange).map(({ partition }) => partition);
    if (outside.length === 0) return false;
    for (const partition of outside) growing.add(partition);
    const bounds = await this.#fetcher.bounds(topic, outside);
    const some = bounds.some(({ partition, startOffset, endOffset }) => endOffset > Math.max(next.get(partition) ?? Infinity, startOffset));
    if (!some) await pause(RETRY_MS);
    return some;
  }
}

/** True as soon as one is true, false when none is; rejects when one rejects and none is true. */
async function any(answers: readonly Promise<boolean>[]): Promise<boolean> {
  try {
    return await Promise.any(
      answers.map(async (answer) => {
        if (await answer) return true;
        throw new Error('nothing');
      }),
    );
  } catch {
    return (await Promise.all(answers)).includes(true);
  }
}
