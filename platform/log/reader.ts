import type { LogRecord, PartitionState, ReadRequest, ReadResult, StoredRecord, TopicName } from './contract.ts';
import { checkPartition } from './appends.ts';
import { decodeBatch } from './codec.ts';
import { logError } from './errors.ts';
import type { LogStorage, StoredBatch } from './storage.ts';

interface Decoded {
  readonly base: number;
  readonly timestamp: number;
  readonly records: readonly LogRecord[];
}

/** Reads records out of batches. Keeps the last decoded batch of each partition: readers move forward in small steps. */
export class LogReader {
  readonly #storage: LogStorage;
  readonly #decoded = new Map<string, Decoded>();
  /** Per topic and partition, the end this instance has read up to. */
  readonly #seen = new Map<TopicName, Map<number, number>>();

  constructor(storage: LogStorage) {
    this.#storage = storage;
  }

  read({ topic, partition, offset, maxRecords, maxBytes = Infinity }: ReadRequest): ReadResult {
    const topicId = checkPartition(this.#storage, topic, partition);
    const place = { topic, topicId, partition };
    const records: StoredRecord[] = [];
    let next = Math.max(0, offset);
    let bytes = 0;
    while (records.length < maxRecords) {
      const batch = this.#batch(place, next);
      if (batch === undefined) return this.#atEnd(place, { records, nextOffset: next });
      next = Math.max(next, batch.base);
      const taken = records.length;
      for (const record of batch.records.slice(next - batch.base, next - batch.base + maxRecords - records.length)) {
        bytes += record.value.byteLength;
        if (bytes > maxBytes && records.length > 0) break;
        records.push({ partition, offset: next++, timestamp: batch.timestamp, key: record.key, value: record.value });
      }
      if (bytes > maxBytes || records.length === taken) break;
    }
    return { records, nextOffset: next };
  }

  /** Asks whether the topic has grown beyond what this instance has seen of it. */
  growthCheck(topic: TopicName): () => boolean {
    const id = checkPartition(this.#storage, topic);
    const seen = this.#seen.get(topic);
    const baseline = new Map(
      this.#storage.states(id).map((state) => {
        const unread = seen === undefined ? state.startOffset : state.endOffset;
        return [state.partition, seen?.get(state.partition) ?? unread];
      }),
    );
    return () => this.#storage.states(id).some((state) => state.endOffset > (baseline.get(state.partition) ?? 0));
  }

  #batch(place: { topic: TopicName; topicId: number; partition: number }, offset: number): Decoded | undefined {
    const key = `${place.topicId}/${place.partition}`;
    const cached = this.#decoded.get(key);
    if (cached !== undefined && offset >= cached.base && offset < cached.base + cached.records.length) return cached;
    const stored = this.#storage.batchAt(place.topicId, place.partition, offset);
    if (stored === undefined) return undefined;
    const decoded = { base: stored.base, timestamp: stored.timestamp, records: decode(place, stored) };
    this.#decoded.set(key, decoded);
    return decoded;
  }

  /** An offset beyond the end (the log was replaced by an empty one) is brought back to the end, so that its reader goes on. */
  #atEnd(place: { topic: TopicName; topicId: number; partition: number }, result: ReadResult): ReadResult {
    const state: PartitionState | undefined = this.#storage.state(place.topicId, place.partition);
    const seen = this.#seen.get(place.topic) ?? new Map<number, number>();
    if (result.records.length > 0) {
      seen.delete(place.partition);
      this.#seen.set(place.topic, seen);
      return result;
    }
    const nextOffset = Math.min(result.nextOffset, state?.endOffset ?? 0);
    this.#seen.set(place.topic, seen.set(place.partition, nextOffset));
    return { records: [], nextOffset };
  }
}

function decode({ topic, partition }: { topic: TopicName; partition: number }, batch: StoredBatch): LogRecord[] {
  try {
    return decodeBatch(batch);
  } catch (cause) {
    const nextOffset = batch.base + batch.count;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw logError('LOG_CORRUPT', { topic, partition, offset: batch.base, last: nextOffset - 1, nextOffset, reason }, cause);
  }
}
