import type { LogRecord, PartitionState, ReadRequest, ReadResult, StoredRecord, TopicName } from './contract.ts';
import { checkPartition } from './appends.ts';
import { decodeBatch } from './codec.ts';
import type { LogStorage } from './storage.ts';

interface Decoded {
  readonly base: number;
  readonly timestamp: number;
  readonly records: readonly LogRecord[];
}

interface Damaged {
  readonly nextOffset: number;
  readonly damaged: string;
}

/** Reads records out of batches. Keeps the last decoded batch of each partition: readers move forward in small steps. */
export class LogReader {
  readonly #storage: LogStorage;
  readonly #decoded = new Map<string, Decoded>();

  constructor(storage: LogStorage) {
    this.#storage = storage;
  }

  read({ topic, partition, offset, maxRecords, maxBytes = Infinity }: ReadRequest): ReadResult {
    const topicId = checkPartition(this.#storage, topic, partition);
    const place = { topicId, partition };
    const records: StoredRecord[] = [];
    let next = Math.max(0, offset);
    let bytes = 0;
    while (records.length < maxRecords) {
      const batch = this.#batch(place, next);
      if (batch === undefined) return this.#atEnd(place, { records, nextOffset: next });
      if ('damaged' in batch) {
        if (records.length > 0) break;
        return { records, nextOffset: batch.nextOffset, damaged: { reason: batch.damaged } };
      }
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

  /** Asks whether a partition named in `next` holds a record at or beyond its offset. */
  growthCheck(topic: TopicName, next: ReadonlyMap<number, number>): () => boolean {
    const id = checkPartition(this.#storage, topic);
    return () =>
      this.#storage.states(id).some(({ partition, startOffset, endOffset }) => {
        const from = next.get(partition);
        return from !== undefined && endOffset > Math.max(from, startOffset);
      });
  }

  #batch(place: { topicId: number; partition: number }, offset: number): Decoded | Damaged | undefined {
    const key = `${place.topicId}/${place.partition}`;
    const cached = this.#decoded.get(key);
    if (cached !== undefined && offset >= cached.base && offset < cached.base + cached.records.length) return cached;
    const stored = this.#storage.batchAt(place.topicId, place.partition, offset);
    if (stored === undefined) return undefined;
    try {
      const decoded = { base: stored.base, timestamp: stored.timestamp, records: decodeBatch(stored) };
      this.#decoded.set(key, decoded);
      return decoded;
    } catch (cause) {
      return { nextOffset: stored.base + stored.count, damaged: cause instanceof Error ? cause.message : String(cause) };
    }
  }

  /** An offset beyond the end (the log was replaced by an empty one) is brought back to the end, so that its reader goes on. */
  #atEnd(place: { topicId: number; partition: number }, result: ReadResult): ReadResult {
    if (result.records.length > 0) return result;
    const state: PartitionState | undefined = this.#storage.state(place.topicId, place.partition);
    return { records: [], nextOffset: Math.min(result.nextOffset, state?.endOffset ?? 0) };
  }
}
