/**
 * Brings records from the brokers and keeps what was brought until it is read: readers move forward in small steps, and a wait for
 * records ends by having them.
 */
import { listOffsetsV8 } from '@platformatic/kafka';
import type { PartitionState } from '../contract.ts';
import { responseOf, type Api, type Cluster, type Pool } from './cluster.ts';
import { errorName, fromCode, unavailable } from './failures.ts';
import { splitBatches, type RawBatch } from './record-batch.ts';
import { fetch, type FetchedPartition, type FetchPartition } from './wire.ts';

const FETCH_BYTES = 16 * 1024 * 1024;
/** Of one partition, compressed; at least one batch comes whatever its size. */
const PARTITION_BYTES = 1024 * 1024;
const EARLIEST = -2n;
const LATEST = -1n;
const ANY_REPLICA = -1;
const READ_UNCOMMITTED = 0;

/** Consecutive batches of one partition. */
export interface Chunk {
  /** The offset asked for: there are no records between it and the first batch. */
  readonly from: number;
  readonly next: number;
  readonly batches: readonly RawBatch[];
}

/** Of one partition: what was brought, or why nothing was. */
export interface Fetched {
  readonly partition: number;
  readonly chunk?: Chunk;
  readonly highWatermark: number;
  /** The offset lies before what is kept or behind the end. */
  readonly outOfRange: boolean;
}

export interface FetchOptions {
  readonly pool: Pool;
  readonly waitMs: number;
}

export type Bounds = Pick<PartitionState, 'partition' | 'startOffset' | 'endOffset'>;

export class Fetcher {
  readonly #cluster: Cluster;
  readonly #pool: Pool;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#pool = cluster.pool();
  }

  /** What is there now; tries again while brokers are away. */
  async now(topic: string, wanted: readonly FetchPartition[]): Promise<Fetched[]> {
    return await this.#cluster.persist(async () => {
      const parts = await Promise.all(
        this.requests(topic, wanted).map(async (each) => await this.ask(topic, each, { pool: this.#pool, waitMs: 0 })),
      );
      return parts.flat();
    });
  }

  /** The partitions by the broker that leads them; throws LOG_UNAVAILABLE where that is not known. */
  requests(topic: string, wanted: readonly FetchPartition[]): { node: number; wanted: FetchPartition[] }[] {
    const groups = Map.groupBy(wanted, ({ partition }) => this.#cluster.leader(topic, partition));
    return [...groups].map(([node, own]) => {
      if (node === undefined) {
        void this.#cluster.refresh([topic]).catch(() => undefined);
        throw unavailable(`${topic}/${own[0]?.partition} has no leader`);
      }
      return { node, wanted: own };
    });
  }

  /** One request to one broker. Rejects when it, or a partition of it, is in no state to answer. */
  async ask(
    topic: string,
    { node, wanted }: { node: number; wanted: readonly FetchPartition[] },
    options: FetchOptions,
  ): Promise<Fetched[]> {
    const request = { topic, partitions: wanted, waitMs: options.waitMs, maxBytes: FETCH_BYTES, partitionBytes: PARTITION_BYTES };
    try {
      const answer = await this.#cluster.ask({ pool: options.pool, node }, fetch, request);
      return wanted.map((each) => understand(each, answer));
    } catch (error) {
      void this.#cluster.refresh([topic]).catch(() => undefined);
      throw error;
    }
  }

  /** First and next offset of these partitions. */
  async bounds(topic: string, partitions: readonly number[]): Promise<Bounds[]> {
    return await this.#cluster.persist(async () => {
      const wanted = partitions.map((partition) => ({ partition, offset: 0 }));
      const parts = this.requests(topic, wanted).map(async ({ node, wanted: own }) => await this.#bounds(topic, node, own));
      return (await Promise.all(parts)).flat().toSorted((a, b) => a.partition - b.partition);
    });
  }

  async #bounds(topic: string, node: number, wanted: readonly FetchPartition[]): Promise<Bounds[]> {
    const ask = async (timestamp: bigint): Promise<Map<number, number>> => {
      const partitions = wanted.map(({ partition }) => ({ partitionIndex: partition, currentLeaderEpoch: -1, timestamp }));
      const answer = await this.#cluster.ask({ node }, listOffsets, ANY_REPLICA, READ_UNCOMMITTED, [{ name: topic, partitions }]);
      const answered = answer.topics.flatMap((each) => each.partitions);
      const failed = answered.find(({ errorCode }) => errorCode !== 0);
      if (failed !== undefined) {
        void this.#cluster.refresh([topic]).catch(() => undefined);
        throw fromCode(failed.errorCode);
      }
      return new Map(answered.map(({ partitionIndex, offset }) => [partitionIndex, Number(offset)]));
    };
    const [start, end] = await Promise.all([ask(EARLIEST), ask(LATEST)]);
    return wanted.map(({ partition }) => ({
      partition,
      startOffset: start.get(partition) ?? 0,
      endOffset: Math.max(end.get(partition) ?? 0, start.get(partition) ?? 0),
    }));
  }
}

const listOffsets: Api<Parameters<typeof listOffsetsV8.createRequest>, listOffsetsV8.ListOffsetsResponse> = {
  async: async (connection, ...args) => {
    try {
      return await listOffsetsV8.api.async(connection, ...args);
    } catch (error) {
      return responseOf<listOffsetsV8.ListOffsetsResponse>(error);
    }
  },
};

function understand({ partition, offset }: FetchPartition, answer: readonly FetchedPartition[]): Fetched {
  const found = answer.find((each) => each.partition === partition);
  if (found === undefined) throw unavailable(`no answer for partition ${partition}`);
  const { code, highWatermark, records } = found;
  if (errorName(code) === 'OFFSET_OUT_OF_RANGE') return { partition, highWatermark, outOfRange: true };
  if (code !== 0) throw fromCode(code);
  const batches = records.byteLength === 0 ? [] : batchesOf(records, offset).filter(({ last }) => last >= offset);
  const next = (batches.at(-1)?.last ?? offset - 1) + 1;
  return { partition, highWatermark, outOfRange: false, ...(batches.length === 0 ? {} : { chunk: { from: offset, next, batches } }) };
}

/** Bytes in which no batch can begin count as one batch of the record asked for: it is found damaged when it is decoded. */
function batchesOf(records: Buffer, offset: number): RawBatch[] {
  try {
    return splitBatches(records);
  } catch {
    return [{ base: offset, last: offset, data: Buffer.alloc(0) }];
  }
}
