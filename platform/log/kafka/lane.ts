/**
 * What waits to be stored in one partition, in order. One batch of it is on its way at a time: a second could arrive before the
 * first is tried again, and records would change places.
 */
import type { LogRecord } from '../contract.ts';
import { encodeRecords, stampBatch, type EncodedRecords } from './record-batch.ts';

/** As of the embedded log: what a reader unpacks to get at one record. */
const BATCH_BYTES = 1024 * 1024;
const BATCH_RECORDS = 4000;
const SEQUENCES = 2 ** 31;
/** Of an epoch, which is an INT16. */
const LAST_EPOCH = 32_767;

interface Run {
  readonly records: readonly LogRecord[];
  readonly deadline: number;
  /** Records before this one are in a batch or stored. */
  next: number;
  stored: number;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

interface Batch extends EncodedRecords {
  readonly runs: readonly { readonly run: Run; readonly count: number }[];
  readonly deadline: number;
  readonly bytes: number;
  /** It may have reached a broker: until that is known, its numbers are taken. */
  attempted: boolean;
}

export class Lane {
  readonly topic: string;
  readonly partition: number;
  /** A request that carries its batch is under way. */
  sending = false;
  /** Not to be tried before, on the clock of `performance.now()`. */
  retryAt = 0;
  /** Given by a broker; undefined when another is needed. */
  producerId: bigint | undefined;
  #runs: Run[] = [];
  #batch: Batch | undefined;
  #epoch = 0;
  #sequence = 0;
  #lost = false;

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
  }

  get idle(): boolean {
    return this.#batch === undefined && this.#runs.length === 0;
  }

  /** Resolves once all of them are stored in this order, rejects when one cannot be. */
  add(records: readonly LogRecord[], deadline: number): Promise<void> {
    return new Promise((resolve, reject) => this.#runs.push({ records, deadline, next: 0, stored: 0, resolve, reject }));
  }

  /** The batch to send, the same one until its fate is known. */
  take(producerId: bigint, timestamp: number): { readonly bytes: number; readonly data: Buffer } | undefined {
    this.#batch ??= this.#build(timestamp);
    const batch = this.#batch;
    if (batch === undefined) return undefined;
    return { bytes: batch.bytes, data: stampBatch(batch, { producerId, epoch: this.#epoch, sequence: this.#sequence }) };
  }

  /** The request with the batch is about to be written to a connection. */
  attempt(): void {
    if (this.#batch !== undefined) this.#batch.attempted = true;
  }

  stored(): void {
    const batch = this.#batch;
    this.#batch = undefined;
    this.retryAt = 0;
    if (batch === undefined) return;
    this.#sequence = (this.#sequence + batch.count) % SEQUENCES;
    this.#lost = false;
    for (const { run, count } of batch.runs) {
      run.stored += count;
      if (run.stored === run.records.length) run.resolve();
    }
  }

  /** The broker will never take the batch, and has not. */
  refused(reason: unknown): void {
    if (this.#batch !== undefined) this.#abandon(this.#batch, reason);
    this.#batch = undefined;
    this.#lost = false;
  }

  /** The broker no longer knows this producer here: its next batch begins a new count. */
  renew(): void {
    this.#sequence = 0;
    if (this.#epoch++ < LAST_EPOCH) return;
    this.#epoch = 0;
    this.producerId = undefined;
  }

  /** Rejects what has waited too long. A batch that may have arrived is given up as a whole, and no later batch can come before it. */
  expire(now: number, reason: () => unknown): void {
    const batch = this.#batch;
    if (batch !== undefined && !batch.attempted && batch.deadline <= now) this.#unpack(batch);
    this.#runs = this.#runs.filter((run) => {
      if (run.deadline > now) return true;
      run.reject(reason());
      return false;
    });
    if (batch?.attempted !== true || batch.deadline > now) return;
    this.#abandon(batch, reason());
    if (this.sending) this.#lost = true;
    else this.#forget();
  }

  /** The request ended without an answer for a batch that was given up meanwhile. */
  settle(): void {
    if (this.#lost) this.#forget();
  }

  /** Nothing that waits here can be stored. */
  fail(reason: unknown): void {
    if (this.#batch !== undefined) this.#abandon(this.#batch, reason);
    if (this.#batch?.attempted === true) this.#forget();
    this.#batch = undefined;
    for (const run of this.#runs.splice(0)) run.reject(reason);
  }

  #abandon({ runs }: Batch, reason: unknown): void {
    const gone = new Set(runs.map(({ run }) => run));
    for (const run of gone) run.reject(reason);
    // The rest of a run that was cut in two has failed with it.
    this.#runs = this.#runs.filter((run) => !gone.has(run));
  }

  /** Whether the batch is stored is not known and will not be: a later one must not be taken for it, nor it come after a later one. */
  #forget(): void {
    this.#batch = undefined;
    this.#lost = false;
    this.renew();
  }

  /** Back to what waits, so that each part can go by its own time. */
  #unpack(batch: Batch): void {
    this.#batch = undefined;
    for (const { run, count } of batch.runs) run.next -= count;
    const first = this.#runs[0];
    const again = batch.runs.map(({ run }) => run).filter((run) => run !== first);
    this.#runs.unshift(...again);
  }

  #build(now: number): Batch | undefined {
    const records: LogRecord[] = [];
    const runs: { run: Run; count: number }[] = [];
    let bytes = 0;
    let deadline = Infinity;
    while (records.length < BATCH_RECORDS) {
      const run = this.#runs[0];
      if (run === undefined) break;
      const from = run.next;
      for (; run.next < run.records.length && records.length < BATCH_RECORDS; run.next++) {
        const record = run.records[run.next];
        if (record === undefined || (records.length > 0 && bytes + record.value.byteLength > BATCH_BYTES)) break;
        records.push(record);
        bytes += record.value.byteLength + record.key.length;
      }
      if (run.next === from) break;
      runs.push({ run, count: run.next - from });
      deadline = Math.min(deadline, run.deadline);
      if (run.next < run.records.length) break;
      this.#runs.shift();
    }
    return records.length === 0 ? undefined : { ...encodeRecords(records, now), runs, deadline, bytes, attempted: false };
  }
}
