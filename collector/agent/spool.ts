/**
 * The agent's memory: numbered batches waiting to be sent, the sources' positions, the counters; one SQLite file. A batch and the
 * positions after it are stored in one transaction, so killing the process at any moment neither loses nor repeats a record.
 * Durable: WAL with synchronous=FULL. One process at a time (exclusive locking). Here: the batches, their numbers, the counters, the
 * room; the file itself, the positions and what was rejected are beside it.
 */
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { agentError } from './errors.ts';
import type { Half } from './split.ts';
import { SpoolFile, whereRoom } from './spool-file.ts';
import { positionsOf, readsOf, writeProgress, type Progress } from './spool-positions.ts';
import { putAside, rejectionsOf, type Rejection, type RejectReason } from './spool-rejected.ts';

export interface Counters {
  /** Records stored here, handed to the network at least once, stored by the gateway, refused by it for good. */
  readonly spooled: number;
  readonly sent: number;
  readonly acknowledged: number;
  readonly rejected: number;
}

export interface SpooledBatch {
  readonly sequence: number;
  readonly records: number;
  /** zstd-compressed NDJSON, as it goes over the wire. */
  readonly body: Uint8Array;
}

export interface NewBatch extends Progress {
  readonly body: Uint8Array;
  readonly records: number;
}

export interface SpoolOptions {
  readonly path: string;
  /** Bytes of batch bodies kept at most; a single batch is taken even when it is larger. */
  readonly limit: number;
  /** Bytes of disk left free for others and for the spool's own housekeeping. */
  readonly minFree: number;
}

/** Below every number of the table. */
const NONE = Number.MIN_SAFE_INTEGER;

export class Spool {
  readonly #options: SpoolOptions;
  readonly #file: SpoolFile;
  #bytes: number;
  #records: number;
  #full: 'limit' | 'disk' | undefined;
  /**
   * What the wire adds to the numbers in the table: where batches move up, or one becomes two, this changes and the rows behind stay.
   */
  #offset: number;
  /** Acknowledged up to here, in the table's numbers; on a full disk the deletion may have to wait. */
  #through = NONE;
  #deletionWaits = false;

  constructor(options: SpoolOptions) {
    this.#options = options;
    this.#file = new SpoolFile(options.path);
    const waiting = this.#file.get('SELECT coalesce(sum(length(body)), 0) AS bytes, coalesce(sum(records), 0) AS records FROM batches');
    this.#bytes = Number(waiting?.['bytes']);
    this.#records = Number(waiting?.['records']);
    this.#offset = this.#file.number('offset') ?? 0;
  }

  get bytes(): number {
    return this.#bytes;
  }
  get records(): number {
    return this.#records;
  }
  /** Why nothing can be taken: the spool's own limit, or the disk. */
  get full(): 'limit' | 'disk' | undefined {
    return this.#full;
  }

  positions(kind: string): Map<string, string> {
    return positionsOf(this.#file, kind);
  }

  /** Records read per source kind and input name (joined with NUL), since the first start. */
  reads(): Map<string, number> {
    return readsOf(this.#file);
  }

  counters(): Counters {
    const value = (name: string): number => this.#file.number(name) ?? 0;
    return { spooled: value('spooled'), sent: value('sent'), acknowledged: value('acknowledged'), rejected: value('rejected') };
  }

  /** True once the numbers are agreed with the gateway. */
  get agreed(): boolean {
    return this.#file.number('agreed') === 1;
  }

  /** The number the next batch will get. */
  get nextSequence(): number {
    return (this.#file.number('next') ?? 0) + this.#offset;
  }

  /**
   * Agrees the numbers with the gateway, which expects `expected` next. What it already stored is deleted. Numbers a new spool gave
   * before it knew better, and numbers below what the gateway has seen from another spool, are moved up: nothing is taken for sent.
   */
  agree(expected: number): { readonly deleted: number; readonly moved: boolean } {
    return this.#transaction(() => {
      this.#through = NONE;
      const next = this.nextSequence;
      const first = Number(this.#file.get('SELECT min(sequence) AS first FROM batches')?.['first'] ?? next - this.#offset) + this.#offset;
      const foreign = !this.agreed || expected > next;
      // Nothing is written when nothing changes: on a full disk, sending can still begin.
      if (!foreign && expected <= first) return { deleted: 0, moved: false };
      let deleted = 0;
      if (foreign && expected > first) this.#shift(expected - first);
      else if (!foreign && expected > first) deleted = this.#remove(expected - 1 - this.#offset, 'acknowledged');
      this.#file.set('agreed', 1);
      return { deleted, moved: foreign && expected > first };
    });
  }

  /** The numbers belong to another account's history: the next `agree` moves them instead of taking them for stored. */
  forgetAgreement(): void {
    this.#file.set('agreed', 0);
  }

  /** The owner of the numbers as last set, to notice a change of server or token. */
  get owner(): string {
    return this.#file.text('owner') ?? '';
  }
  set owner(value: string) {
    this.#file.set('owner', value);
  }

  /** True when the batch was stored; false when there is no room now (see `full`): the caller keeps it and tries again. */
  store(batch: NewBatch): boolean {
    this.#catchUp();
    this.#full = this.#roomFor(batch.body.length);
    if (this.#full !== undefined) return false;
    if (!whereRoom(() => this.#transaction(() => this.#insert(batch)))) {
      this.#full = 'disk';
      return false;
    }
    this.#bytes += batch.body.length;
    this.#records += batch.records;
    return true;
  }

  /** The oldest batch above a number that is not acknowledged. */
  next(after: number): SpooledBatch | undefined {
    const above = Math.max(after - this.#offset, this.#through);
    const row = this.#file.get('SELECT sequence, records, body FROM batches WHERE sequence > ? ORDER BY sequence LIMIT 1', above);
    if (row === undefined) return undefined;
    const { sequence, records, body } = row;
    return {
      sequence: Number(sequence) + this.#offset,
      records: Number(records),
      body: body instanceof Uint8Array ? body : new Uint8Array(),
    };
  }

  /** The gateway has everything up to this number: deleted at once, or as soon as the disk lets it. */
  acknowledge(sequence: number): void {
    this.#through = sequence - this.#offset;
    this.#deletionWaits = true;
    this.#catchUp();
  }

  /** Puts two batches, to be sent one after the other, in the place of the oldest; those behind it get the numbers after them. */
  split(batch: SpooledBatch, halves: readonly [Half, Half]): void {
    // The number below it is free once everything acknowledged is gone.
    this.#catchUp();
    if (this.#deletionWaits) throw agentError('AGENT_NO_ROOM', { path: this.#options.path });
    this.#through = NONE;
    const last = batch.sequence - this.#offset;
    const grown = halves[0].body.length + halves[1].body.length - batch.body.length;
    this.#transaction(() => {
      this.#file.statement('DELETE FROM batches WHERE sequence = ?').run(last);
      const write = this.#file.statement('INSERT INTO batches (sequence, records, body) VALUES (?, ?, ?)');
      for (const [at, { records, body }] of halves.entries()) write.run(last - 1 + at, records, body);
      this.#shift(1);
    });
    this.#bytes += grown;
  }

  /** Puts a batch the gateway will never take aside, with the reason. */
  reject(batch: SpooledBatch, reason: RejectReason): void {
    this.#transaction(() => {
      putAside(this.#file, batch, reason);
      this.#remove(batch.sequence - this.#offset, 'rejected');
    });
  }

  rejections(): Rejection[] {
    return rejectionsOf(this.#file);
  }

  /** Returns unused space to the disk once nothing waits; for quiet moments. */
  giveBack(): void {
    this.#catchUp();
    if (this.#bytes === 0) this.#file.giveBack();
  }

  close(): void {
    this.#file.close();
  }

  #roomFor(bytes: number): 'limit' | 'disk' | undefined {
    if (this.#bytes > 0 && this.#bytes + bytes > this.#options.limit) return 'limit';
    const disk = statfsSync(dirname(this.#options.path));
    const free = disk.bavail * disk.bsize + this.#file.freeBytes;
    return free < this.#options.minFree + bytes ? 'disk' : undefined;
  }

  #insert(batch: NewBatch): void {
    if (batch.records > 0) {
      const sequence = this.nextSequence - this.#offset;
      this.#file.statement('INSERT INTO batches (sequence, records, body) VALUES (?, ?, ?)').run(sequence, batch.records, batch.body);
      this.#file.set('next', sequence + 1);
      this.#file.add('spooled', batch.records);
    }
    writeProgress(this.#file, batch);
  }

  /** Deletes what is acknowledged, if the disk lets it. Nothing is repeated else: `next` passes over it, and after a crash the gateway tells. */
  #catchUp(): void {
    if (!this.#deletionWaits) return;
    this.#deletionWaits = !whereRoom(() => this.#transaction(() => void this.#remove(this.#through, 'acknowledged')));
  }

  /** Within a transaction: deletes up to a number of the table and counts the records. */
  #remove(sequence: number, as: 'acknowledged' | 'rejected'): number {
    const gone = this.#file.get(
      'SELECT coalesce(sum(records), 0) AS records, coalesce(sum(length(body)), 0) AS bytes FROM batches WHERE sequence <= ?',
      sequence,
    );
    this.#file.statement('DELETE FROM batches WHERE sequence <= ?').run(sequence);
    const records = Number(gone?.['records']);
    this.#file.add(as, records);
    this.#file.add('sent', records);
    this.#records -= records;
    this.#bytes -= Number(gone?.['bytes']);
    return records;
  }

  /** Within a transaction: everything that waits, and everything that will, gets a number higher by this. */
  #shift(by: number): void {
    this.#file.set('offset', this.#offset + by);
    this.#offset += by;
  }

  #transaction<T>(work: () => T): T {
    const before = { bytes: this.#bytes, records: this.#records, offset: this.#offset };
    try {
      return this.#file.transaction(work);
    } catch (error) {
      this.#bytes = before.bytes;
      this.#records = before.records;
      this.#offset = before.offset;
      throw error;
    }
  }
}
