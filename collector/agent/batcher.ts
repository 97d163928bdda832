/**
 * Gathers what sources read into batches and stores them. A source waits in `add` while a batch is being stored and the next is
 * full, so memory stays bounded and reading pauses when the spool is full.
 */
import { promisify } from 'node:util';
import { zstdCompress } from 'node:zlib';
import { setTimeout as delay } from 'node:timers/promises';
import type { SourceBatch } from '../sources/contract.ts';
import type { NewBatch, Spool } from './spool.ts';

const compress = promisify(zstdCompress);

export interface BatcherOptions {
  readonly spool: Spool;
  /** Records and bytes (uncompressed) of a batch at most, and milliseconds that the first record waits at most. */
  readonly maxRecords: number;
  readonly maxBytes: number;
  readonly maxWait: number;
  /** Called after a batch was stored. */
  readonly stored: () => void;
  /** Called when storing failed for another reason than room; it is tried again. */
  readonly failed: (error: unknown) => void;
}

interface Pending {
  readonly chunks: Buffer[];
  bytes: number;
  records: number;
  readonly positions: Map<string, Map<string, string | null>>;
  readonly reads: Map<string, number>;
}

const RETRY_MS = 100;

export class Batcher {
  readonly #options: BatcherOptions;
  #pending: Pending = emptyPending();
  #storing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  /** A batch was given up: nothing after it may be stored, or what it held would be skipped. */
  #broken = false;
  #held = 0;

  constructor(options: BatcherOptions) {
    this.#options = options;
  }

  /** Records read and not yet stored. */
  get held(): number {
    return this.#held + this.#pending.records;
  }

  /** Takes a source's batch; resolves when the source may go on. */
  async add(kind: string, batch: SourceBatch): Promise<void> {
    const chunk = encode(batch);
    const { maxRecords, maxBytes } = this.#options;
    const fits = (): boolean =>
      this.#pending.records + batch.records.length <= maxRecords && this.#pending.bytes + chunk.length <= maxBytes;
    while (this.#pending.records > 0 && !fits()) await this.flush();
    const pending = this.#pending;
    if (chunk.length > 0) pending.chunks.push(chunk);
    pending.bytes += chunk.length;
    pending.records += batch.records.length;
    const positions = pending.positions.get(kind) ?? new Map<string, string | null>();
    for (const [key, value] of batch.positions) positions.set(key, value);
    pending.positions.set(kind, positions);
    const name = `${kind}\0${batch.name}`;
    if (batch.records.length > 0) pending.reads.set(name, (pending.reads.get(name) ?? 0) + batch.records.length);
    this.#timer ??= setTimeout(() => void this.flush(), this.#options.maxWait);
  }

  /** From now on a batch that finds no room is given up: the positions stay where they were, so it is read again. */
  stopWaiting(): void {
    this.#stopped = true;
  }

  /** Stores what is held. */
  async close(): Promise<void> {
    this.#stopped = true;
    await this.flush();
    await this.#storing;
    clearTimeout(this.#timer);
  }

  /** Stores what is pending now. One batch is stored at a time; resolves when it is in the spool. */
  async flush(): Promise<void> {
    const target = this.#pending;
    while (this.#storing !== undefined) await this.#storing;
    if (target !== this.#pending) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const pending = this.#pending;
    if (pending.positions.size === 0) return;
    this.#pending = emptyPending();
    this.#held = pending.records;
    this.#storing = this.#store(pending).finally(() => {
      this.#storing = undefined;
      this.#held = 0;
    });
    await this.#storing;
  }

  async #store(pending: Pending): Promise<void> {
    const body = pending.records === 0 ? Buffer.alloc(0) : await compress(Buffer.concat(pending.chunks));
    const batch: NewBatch = { body, records: pending.records, positions: pending.positions, reads: pending.reads };
    while (this.#broken || !this.#attempt(batch)) {
      if (this.#stopped) {
        this.#broken = true;
        return;
      }
      await delay(RETRY_MS);
    }
    this.#options.stored();
  }

  #attempt(batch: NewBatch): boolean {
    try {
      return this.#options.spool.store(batch);
    } catch (error) {
      this.#options.failed(error);
      return false;
    }
  }
}

function emptyPending(): Pending {
  return { chunks: [], bytes: 0, records: 0, positions: new Map(), reads: new Map() };
}

function encode(batch: SourceBatch): Buffer {
  if (batch.records.length === 0) return Buffer.alloc(0);
  let text = '';
  for (const record of batch.records) text += `${JSON.stringify(record)}\n`;
  return Buffer.from(text);
}
