import type { ReadRequest, ReadResult, StoredRecord, TopicName } from '../contract.ts';
import type { Chunk, Fetched, Fetcher } from './fetcher.ts';
import { decodeBatch, type DecodedRecord, type RawBatch } from './record-batch.ts';

type Place = { readonly name: string; readonly topic: TopicName; readonly partition: number };
type Decoded = { readonly batch: RawBatch; readonly records: readonly DecodedRecord[]; readonly reason?: string };

/** How long it counts that a wait has found nothing in a partition: for the round of reading that it began. */
const NOTHING_MS = 100;

/** Reads records out of what was fetched; fetches what is not there. */
export class KafkaReader {
  readonly #fetcher: Fetcher;
  readonly #chunks = new Map<string, Chunk>();
  /** The batch that was read last, of each partition. */
  readonly #decoded = new Map<string, Decoded>();
  /** Changes with each append of this log, which its own reads must find. */
  generation = 0;
  readonly #nothing = new Map<string, { readonly offset: number; readonly until: number }>();

  constructor(fetcher: Fetcher) {
    this.#fetcher = fetcher;
  }

  /** `name`: of the topic in the cluster. */
  async read(name: string, { topic, partition, offset, maxRecords, maxBytes = Infinity }: ReadRequest): Promise<ReadResult> {
    const place = { name, topic, partition };
    const records: StoredRecord[] = [];
    let next = Math.max(0, offset);
    if (this.#isNothing(place, next)) return { records, nextOffset: next };
    let bytes = 0;
    while (records.length < maxRecords) {
      const chunk = this.#chunk(place, next) ?? (records.length === 0 ? await this.#fetch(place, next) : undefined);
      if (chunk === undefined) break;
      if (typeof chunk === 'number') {
        if (chunk <= next) return { records, nextOffset: chunk };
        next = chunk;
        continue;
      }
      const batch = chunk.batches.find(({ last }) => last >= next);
      if (batch === undefined) break;
      const { records: own, reason } = this.#decode(place, batch);
      if (reason !== undefined) {
        return records.length > 0 ? { records, nextOffset: next } : { records, nextOffset: batch.last + 1, damaged: { reason } };
      }
      // What lies between was removed by compaction.
      let full = false;
      for (const record of own) {
        if (record.offset < next) continue;
        full = records.length === maxRecords || (records.length > 0 && bytes + record.value.byteLength > maxBytes);
        if (full) break;
        bytes += record.value.byteLength;
        records.push({ partition, offset: record.offset, timestamp: record.timestamp, key: record.key, value: record.value });
        next = record.offset + 1;
      }
      if (full) break;
      next = batch.last + 1;
    }
    return { records, nextOffset: next };
  }

  /** Keeps what a wait has brought. */
  keep(name: string, { partition, chunk }: Fetched): void {
    if (chunk !== undefined) this.#chunks.set(`${name}/${partition}`, chunk);
  }

  /** True when the record of this offset is here already. */
  holds(name: string, partition: number, offset: number): boolean {
    const chunk = this.#chunks.get(`${name}/${partition}`);
    return chunk !== undefined && offset >= chunk.from && offset < chunk.next;
  }

  /** A wait that ended for another partition has just seen that there is nothing here: the next read need not ask again. */
  nothing(name: string, partition: number, offset: number): void {
    if (!this.holds(name, partition, offset)) this.#nothing.set(`${name}/${partition}`, { offset, until: performance.now() + NOTHING_MS });
  }

  appended(): void {
    this.generation++;
    this.#nothing.clear();
  }

  #isNothing({ name, partition }: Place, offset: number): boolean {
    const key = `${name}/${partition}`;
    const seen = this.#nothing.get(key);
    this.#nothing.delete(key);
    return seen?.offset === offset && performance.now() < seen.until;
  }

  #chunk({ name, partition }: Place, offset: number): Chunk | undefined {
    const key = `${name}/${partition}`;
    const chunk = this.#chunks.get(key);
    if (chunk === undefined) return undefined;
    if (offset >= chunk.from && offset < chunk.next) return chunk;
    // Read to its end, or read from elsewhere: either way it is not needed again soon.
    this.#chunks.delete(key);
    return undefined;
  }

  /** What there is at the offset; otherwise the offset to read at: the same one at the end, another when retention removed it. */
  async #fetch({ name, partition }: Place, offset: number): Promise<Chunk | number> {
    const [fetched] = await this.#fetcher.now(name, [{ partition, offset }]);
    if (fetched?.chunk !== undefined) {
      this.#chunks.set(`${name}/${partition}`, fetched.chunk);
      return fetched.chunk;
    }
    if (fetched?.outOfRange !== true) return offset;
    const [bounds] = await this.#fetcher.bounds(name, [partition]);
    if (bounds === undefined) return offset;
    return Math.min(Math.max(offset, bounds.startOffset), bounds.endOffset);
  }

  #decode({ name, partition }: Place, batch: RawBatch): Decoded {
    const key = `${name}/${partition}`;
    const known = this.#decoded.get(key);
    if (known?.batch === batch) return known;
    const decoded = decode(batch);
    this.#decoded.set(key, decoded);
    return decoded;
  }
}

function decode(batch: RawBatch): Decoded {
  try {
    return { batch, records: decodeBatch(batch) };
  } catch (error) {
    return { batch, records: [], reason: error instanceof Error ? error.message : String(error) };
  }
}
