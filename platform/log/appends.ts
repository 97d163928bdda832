/**
 * Group commit: appends that arrive in the same turn of the event loop share one durable transaction, so a disk with slow syncs
 * still takes thousands of small batches a second. Each append stays atomic by itself.
 */
import type { AppendRequest, AppendResult, LogRecord, TopicBatch, TopicName } from './contract.ts';
import { partitionOf } from './contract.ts';
import { encodeBatch, type EncodedBatch } from './codec.ts';
import { logError } from './errors.ts';
import type { LogStorage } from './storage.ts';

/** A stored batch is cut here, so that a reader never has to unpack a front-door batch of 64 MB to get at one record. */
const BATCH_BYTES = 1024 * 1024;
const BATCH_RECORDS = 4000;
export const RECORD_BYTES = 64 * 1024 * 1024;
/** Encoded bytes of one shared transaction, which bounds how long other writers wait. */
const TRANSACTION_BYTES = 16 * 1024 * 1024;

export interface PreparedAppend {
  readonly request: AppendRequest;
  readonly batches: readonly {
    readonly topicId: number;
    readonly topic: TopicName;
    readonly partition: number;
    readonly data: EncodedBatch;
  }[];
  readonly bytes: number;
}

/** Checks the request, spreads records over partitions and compresses them: everything that needs no lock. */
export function prepareAppend(storage: LogStorage, request: AppendRequest): PreparedAppend {
  const batches = request.batches.flatMap((batch) => encodeTopic(storage, batch));
  for (const { topic, partition } of request.commits ?? []) checkPartition(storage, topic, partition);
  const { producer } = request;
  if (producer !== undefined && !(Number.isSafeInteger(producer.sequence) && producer.sequence >= 0)) {
    throw logError('LOG_BAD_REQUEST', { reason: `producer sequence ${producer.sequence} is not a whole number from 0` });
  }
  return { request, batches, bytes: batches.reduce((sum, { data }) => sum + data.data.byteLength, 0) };
}

/** Writes one prepared append inside the caller's transaction. */
export function writeAppend(storage: LogStorage, { request, batches }: PreparedAppend, timestamp: number): AppendResult {
  const { producer } = request;
  if (producer !== undefined) {
    if (producer.sequence <= storage.sequence(producer.id)) return { duplicate: true };
    storage.setSequence(producer.id, producer.sequence);
  }
  for (const { topicId, partition, data } of batches) storage.append({ topic: topicId, partition, timestamp }, data);
  for (const commit of request.commits ?? []) storage.commit(checkPartition(storage, commit.topic, commit.partition), commit);
  return { duplicate: false };
}

/** The first appends of the queue that fit one transaction; at least one. */
export function takeTransaction<Item extends { readonly prepared: PreparedAppend }>(queue: Item[]): Item[] {
  let bytes = 0;
  let count = 0;
  for (const { prepared } of queue) {
    if (count > 0 && bytes + prepared.bytes > TRANSACTION_BYTES) break;
    bytes += prepared.bytes;
    count++;
  }
  return queue.splice(0, count);
}

/** The topic's id in the file; throws LOG_UNKNOWN_TOPIC when the topic or its partition is not configured. */
export function checkPartition(storage: LogStorage, topic: TopicName, partition = 0): number {
  const found = storage.topics.get(topic);
  if (found === undefined || !Number.isInteger(partition) || partition < 0 || partition >= found.config.partitions) {
    throw logError('LOG_UNKNOWN_TOPIC', { topic, partition });
  }
  return found.id;
}

function encodeTopic(storage: LogStorage, { topic, records }: TopicBatch): PreparedAppend['batches'] {
  const topicId = checkPartition(storage, topic);
  const partitions = storage.topics.get(topic)?.config.partitions ?? 1;
  const runs = new Map<number, LogRecord[]>();
  for (const record of records) {
    if (record.value.byteLength > RECORD_BYTES) {
      throw logError('LOG_RECORD_TOO_LARGE', { bytes: record.value.byteLength, limit: RECORD_BYTES });
    }
    const partition = partitions === 1 ? 0 : partitionOf(record.key, partitions);
    const run = runs.get(partition);
    if (run === undefined) runs.set(partition, [record]);
    else run.push(record);
  }
  return [...runs].flatMap(([partition, run]) => cut(run).map((piece) => ({ topicId, topic, partition, data: encodeBatch(piece) })));
}

function cut(records: readonly LogRecord[]): LogRecord[][] {
  const pieces: LogRecord[][] = [];
  let piece: LogRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    if (piece.length > 0 && (bytes + record.value.byteLength > BATCH_BYTES || piece.length === BATCH_RECORDS)) {
      pieces.push(piece);
      piece = [];
      bytes = 0;
    }
    piece.push(record);
    bytes += record.value.byteLength;
  }
  if (piece.length > 0) pieces.push(piece);
  return pieces;
}
