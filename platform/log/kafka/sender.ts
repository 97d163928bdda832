/**
 * Idempotent appends (Kafka's KIP-98) grouped: whatever waits while a request is under way goes with the next one, a batch for each
 * partition, so that many small appends cost few requests. Each partition counts for itself, under a producer id of its own.
 */
import { initProducerIdV4, type produceV11 } from '@platformatic/kafka';
import type { Clock } from '../../clock/index.ts';
import type { LogRecord } from '../contract.ts';
import { logError } from '../errors.ts';
import type { Cluster, Pool } from './cluster.ts';
import { codePasses, errorName, fromCode, passes, reasonOf, translate, unavailable } from './failures.ts';
import { Lane } from './lane.ts';
import { MESSAGE_BYTES } from './source.ts';
import { produce, type ProducePartition } from './wire.ts';

/** How long a broker waits for its replicas; less than the time after which a request counts as lost. */
const ACKS_MS = 6000;
/** Record bytes of one request; a broker takes 100 MB (`socket.request.max.bytes`). */
const REQUEST_BYTES = 24 * 1024 * 1024;
/** Record bytes that may wait. */
const WAITING_BYTES = 192 * 1024 * 1024;
const RETRY_MS = 100;
const TRANSACTION_MS = 60_000;
/** The broker has the batch already: an answer to an earlier try was lost. */
const DUPLICATE = 'DUPLICATE_SEQUENCE_NUMBER';
/** It knows nothing of the batches before, or of an older life of this producer: the batch is not stored. */
const UNKNOWN = new Set(['OUT_OF_ORDER_SEQUENCE_NUMBER', 'UNKNOWN_PRODUCER_ID', 'INVALID_PRODUCER_EPOCH']);
const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);

interface Load {
  readonly lane: Lane;
  readonly partition: ProducePartition;
  /** Of its records. */
  readonly bytes: number;
}

export class Sender {
  readonly #cluster: Cluster;
  readonly #clock: Clock;
  readonly #pool: Pool;
  readonly #lanes = new Map<string, Lane>();
  readonly #busy = new Set<number>();
  #waitingBytes = 0;
  #planned = false;
  #timer: NodeJS.Timeout | undefined;
  #failure: unknown;
  #closed = false;

  constructor(cluster: Cluster, clock: Clock) {
    this.#cluster = cluster;
    this.#clock = clock;
    this.#pool = cluster.pool();
  }

  /** Resolves once all replicas in sync have the records; rejects with LOG_UNAVAILABLE when that took too long. */
  async append(topic: string, partition: number, records: readonly LogRecord[]): Promise<void> {
    if (records.length === 0) return;
    const bytes = records.reduce((sum, { key, value }) => sum + key.length + value.byteLength, 0);
    if (this.#waitingBytes > 0 && this.#waitingBytes + bytes > WAITING_BYTES) {
      throw unavailable(`${Math.round(this.#waitingBytes / 1024 / 1024)} MiB wait to be stored already`, this.#failure);
    }
    this.#waitingBytes += bytes;
    const stored = this.#lane(topic, partition).add(records, performance.now() + this.#cluster.patienceMs);
    this.#plan();
    try {
      await stored;
    } finally {
      this.#waitingBytes -= bytes;
    }
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    for (const lane of this.#lanes.values()) lane.fail(logError('LOG_CLOSED'));
  }

  #lane(topic: string, partition: number): Lane {
    const key = `${topic}/${partition}`;
    const lane = this.#lanes.get(key) ?? new Lane(topic, partition);
    this.#lanes.set(key, lane);
    return lane;
  }

  /** Appends of one turn of the event loop go together. */
  #plan(): void {
    if (this.#planned || this.#closed) return;
    this.#planned = true;
    setImmediate(() => {
      this.#planned = false;
      this.#dispatch();
    });
  }

  #dispatch(): void {
    if (this.#closed) return;
    const now = performance.now();
    const waiting = [...this.#lanes.values()].filter((lane) => !lane.idle);
    for (const lane of waiting) lane.expire(now, () => this.#late());
    const free = waiting.filter((lane) => !lane.idle && !lane.sending && lane.retryAt <= now);
    for (const [leader, lanes] of Map.groupBy(free, (lane) => this.#cluster.leader(lane.topic, lane.partition))) {
      if (leader === undefined) void this.#learn(lanes);
      else if (!this.#busy.has(leader)) void this.#send(leader, lanes);
    }
    this.#watch(waiting.some((lane) => !lane.idle));
  }

  /** Looks after deadlines and tries again, as long as anything waits. */
  #watch(waiting: boolean): void {
    if (waiting) this.#timer ??= setInterval(() => this.#dispatch(), RETRY_MS);
    else {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  #late(): unknown {
    const failure = this.#failure;
    return failure === undefined ? unavailable('it did not answer in time') : translate(unavailable(reasonOf(failure), failure));
  }

  /** Partitions whose leader is not known: asks who it is. */
  async #learn(lanes: readonly Lane[]): Promise<void> {
    for (const lane of lanes) lane.sending = true;
    try {
      await this.#cluster.refresh([...new Set(lanes.map(({ topic }) => topic))]);
    } catch (error) {
      this.#failed(error, lanes);
    }
    for (const lane of lanes) {
      lane.sending = false;
      if (this.#cluster.leader(lane.topic, lane.partition) === undefined) lane.retryAt = performance.now() + RETRY_MS;
    }
    this.#plan();
  }

  async #send(leader: number, lanes: readonly Lane[]): Promise<void> {
    this.#busy.add(leader);
    for (const lane of lanes) lane.sending = true;
    let loads: Load[] = [];
    try {
      await this.#identify(lanes);
      loads = this.#load(lanes);
      const partitions = loads.map(({ partition }) => partition);
      const before = (): void => loads.forEach(({ lane }) => lane.attempt());
      const answer = await this.#cluster.ask({ pool: this.#pool, node: leader, before }, produce, ACKS_MS, partitions);
      if (this.#settle(loads, answer)) await this.#cluster.refresh();
    } catch (error) {
      this.#failed(error, lanes);
      await this.#cluster.refresh().catch(() => undefined);
    } finally {
      this.#busy.delete(leader);
      for (const lane of lanes) {
        lane.sending = false;
        lane.settle();
      }
      this.#plan();
    }
  }

  async #identify(lanes: readonly Lane[]): Promise<void> {
    const nameless = lanes.filter(({ producerId }) => producerId === undefined);
    await Promise.all(
      nameless.map(async (lane) => {
        const { producerId } = await this.#cluster.askAny(initProducerIdV4.api, null, TRANSACTION_MS, -1n, -1);
        lane.producerId = producerId;
      }),
    );
  }

  /** What fits one request; who is taken goes to the end of the line. */
  #load(lanes: readonly Lane[]): Load[] {
    const loads: Load[] = [];
    let bytes = 0;
    for (const lane of lanes) {
      if (bytes > REQUEST_BYTES || lane.producerId === undefined) break;
      const taken = lane.take(lane.producerId, this.#clock.now());
      if (taken === undefined) continue;
      bytes += taken.bytes;
      const key = `${lane.topic}/${lane.partition}`;
      this.#lanes.delete(key);
      this.#lanes.set(key, lane);
      loads.push({ lane, bytes: taken.bytes, partition: { topic: lane.topic, partition: lane.partition, batch: taken.data } });
    }
    return loads;
  }

  /** True when a partition could not be stored now. */
  #settle(loads: readonly Load[], answer: produceV11.ProduceResponse): boolean {
    const codes = new Map(
      answer.responses.flatMap(({ name, partitionResponses }) =>
        partitionResponses.map(({ index, errorCode }) => [`${name}/${index}`, errorCode] as const),
      ),
    );
    let failed = false;
    for (const { lane, bytes } of loads) {
      const code = codes.get(`${lane.topic}/${lane.partition}`) ?? -1;
      const name = errorName(code);
      if (code === 0 || name === DUPLICATE) lane.stored();
      else if (TOO_LARGE.has(name)) lane.refused(logError('LOG_RECORD_TOO_LARGE', { bytes, limit: MESSAGE_BYTES }));
      else if (!UNKNOWN.has(name) && !codePasses(code)) lane.refused(fromCode(code));
      else {
        if (UNKNOWN.has(name)) lane.renew();
        this.#failure = fromCode(code);
        lane.retryAt = performance.now() + RETRY_MS;
        failed = true;
      }
    }
    return failed;
  }

  #failed(error: unknown, lanes: readonly Lane[]): void {
    this.#failure = error;
    const retryAt = performance.now() + RETRY_MS;
    for (const lane of lanes) {
      lane.retryAt = retryAt;
      if (!passes(error)) lane.fail(translate(error));
    }
  }
}
