/**
 * The agent's memory: numbered batches waiting to be sent, the sources' positions, the counters; one SQLite file. A batch and the
 * positions after it are stored in one transaction, so killing the process at any moment neither loses nor repeats a record.
 * Durable: WAL with synchronous=FULL. One process at a time (exclusive locking).
 */
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { agentError } from './errors.ts';
import type { Half } from './split.ts';
import { PAGE_BYTES, SPOOL_SCHEMA, SPOOL_VERSION } from './spool-schema.ts';

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

export interface NewBatch {
  readonly body: Uint8Array;
  readonly records: number;
  /** Per source kind. */
  readonly positions: ReadonlyMap<string, ReadonlyMap<string, string | null>>;
  /** Records per source kind and input name, joined with NUL. */
  readonly reads: ReadonlyMap<string, number>;
}

export interface SpoolOptions {
  readonly path: string;
  /** Bytes of batch bodies kept at most; a single batch is taken even when it is larger. */
  readonly limit: number;
  /** Bytes of disk left free for others and for the spool's own housekeeping. */
  readonly minFree: number;
}

/** Bytes of rejected bodies kept for a person to look at. */
const REJECTED_BYTES = 64 * 1024 * 1024;
/** Free space inside the file above which it is given back to the disk once nothing waits. */
const GIVE_BACK_PAGES = 512;

/** Below every number of the table. */
const NONE = Number.MIN_SAFE_INTEGER;

export class Spool {
  readonly #db: DatabaseSync;
  readonly #options: SpoolOptions;
  readonly #statements = new Map<string, StatementSync>();
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
    this.#db = openDatabase(options.path);
    const waiting = this.#get('SELECT coalesce(sum(length(body)), 0) AS bytes, coalesce(sum(records), 0) AS records FROM batches');
    this.#bytes = Number(waiting?.['bytes']);
    this.#records = Number(waiting?.['records']);
    this.#offset = this.#meta('offset') ?? 0;
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
    const rows = this.#statement('SELECT key, value FROM positions WHERE source = ?').all(kind);
    return new Map(rows.map((row) => [String(row['key']), String(row['value'])]));
  }

  /** Records read per source kind and input name (joined with NUL), since the first start. */
  reads(): Map<string, number> {
    const rows = this.#statement('SELECT name, read FROM reads').all();
    return new Map(rows.map((row) => [String(row['name']), Number(row['read'])]));
  }

  counters(): Counters {
    const value = (name: string): number => this.#meta(name) ?? 0;
    return { spooled: value('spooled'), sent: value('sent'), acknowledged: value('acknowledged'), rejected: value('rejected') };
  }

  /** True once the numbers are agreed with the gateway. */
  get agreed(): boolean {
    return this.#meta('agreed') === 1;
  }

  /** The number the next batch will get. */
  get nextSequence(): number {
    return (this.#meta('next') ?? 0) + this.#offset;
  }

  /**
   * Agrees the numbers with the gateway, which expects `expected` next. What it already stored is deleted. Numbers a new spool gave
   * before it knew better, and numbers below what the gateway has seen from another spool, are moved up: nothing is taken for sent.
   */
  agree(expected: number): { readonly deleted: number; readonly moved: boolean } {
    return this.#transaction(() => {
      this.#through = NONE;
      const next = this.nextSequence;
      const first = Number(this.#get('SELECT min(sequence) AS first FROM batches')?.['first'] ?? next - this.#offset) + this.#offset;
      const foreign = !this.agreed || expected > next;
      // Nothing is written when nothing changes: on a full disk, sending can still begin.
      if (!foreign && expected <= first) return { deleted: 0, moved: false };
      let deleted = 0;
      if (foreign && expected > first) this.#shift(expected - first);
      else if (!foreign && expected > first) deleted = this.#remove(expected - 1 - this.#offset, 'acknowledged');
      this.#setMeta('agreed', 1);
      return { deleted, moved: foreign && expected > first };
    });
  }

  /** The numbers belong to another account's history: the next `agree` moves them instead of taking them for stored. */
  forgetAgreement(): void {
    this.#setMeta('agreed', 0);
  }

  /** The owner of the numbers as last set, to notice a change of server or token. */
  get owner(): string {
    const value = this.#get("SELECT value FROM meta WHERE name = 'owner'")?.['value'];
    return typeof value === 'string' ? value : '';
  }
  set owner(value: string) {
    this.#statement("INSERT INTO meta (name, value) VALUES ('owner', ?) ON CONFLICT DO UPDATE SET value = excluded.value").run(value);
  }

  /** True when the batch was stored; false when there is no room now (see `full`): the caller keeps it and tries again. */
  store(batch: NewBatch): boolean {
    this.#catchUp();
    this.#full = this.#roomFor(batch.body.length);
    if (this.#full !== undefined) return false;
    try {
      this.#transaction(() => this.#insert(batch));
    } catch (error) {
      if (!isNoSpace(error)) throw error;
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
    const row = this.#get('SELECT sequence, records, body FROM batches WHERE sequence > ? ORDER BY sequence LIMIT 1', above);
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
      this.#statement('DELETE FROM batches WHERE sequence = ?').run(last);
      const write = this.#statement('INSERT INTO batches (sequence, records, body) VALUES (?, ?, ?)');
      for (const [at, { records, body }] of halves.entries()) write.run(last - 1 + at, records, body);
      this.#shift(1);
    });
    this.#bytes += grown;
  }

  /** Puts a batch the gateway will never take aside, with the reason. */
  reject(batch: SpooledBatch, reason: { readonly status: number; readonly text: string; readonly at: number }): void {
    this.#transaction(() => {
      this.#statement('INSERT OR REPLACE INTO rejected (sequence, status, reason, at, records, body) VALUES (?, ?, ?, ?, ?, ?)').run(
        batch.sequence,
        reason.status,
        reason.text.slice(0, 2000),
        reason.at,
        batch.records,
        batch.body,
      );
      this.#statement(
        'DELETE FROM rejected WHERE sequence <= (SELECT max(sequence) FROM (SELECT sequence, sum(length(body)) OVER (ORDER BY sequence DESC) AS total FROM rejected) WHERE total > ?)',
      ).run(REJECTED_BYTES);
      this.#remove(batch.sequence - this.#offset, 'rejected');
    });
  }

  rejections(): { readonly sequence: number; readonly status: number; readonly reason: string; readonly records: number }[] {
    const rows = this.#statement('SELECT sequence, status, reason, records FROM rejected ORDER BY sequence').all();
    return rows.map((row) => ({
      sequence: Number(row['sequence']),
      status: Number(row['status']),
      reason: String(row['reason']),
      records: Number(row['records']),
    }));
  }

  /** Returns unused space to the disk; for quiet moments. */
  giveBack(): void {
    this.#catchUp();
    if (this.#bytes > 0 || this.#freePages() < GIVE_BACK_PAGES) return;
    try {
      // In steps, so that the write-ahead log need not hold the whole change.
      for (let [free, before] = [this.#freePages(), Infinity]; free > 0 && free < before; [free, before] = [this.#freePages(), free]) {
        this.#db.exec(`PRAGMA incremental_vacuum(${GIVE_BACK_PAGES}); PRAGMA wal_checkpoint(RESTART)`);
      }
    } catch (error) {
      if (!isNoSpace(error)) throw error;
    }
  }

  close(): void {
    this.#db.close();
  }

  #roomFor(bytes: number): 'limit' | 'disk' | undefined {
    if (this.#bytes > 0 && this.#bytes + bytes > this.#options.limit) return 'limit';
    const disk = statfsSync(dirname(this.#options.path));
    const free = disk.bavail * disk.bsize + this.#freePages() * PAGE_BYTES;
    return free < this.#options.minFree + bytes ? 'disk' : undefined;
  }

  /** Pages of the file that hold nothing. */
  #freePages(): number {
    return Number(this.#get('PRAGMA freelist_count')?.['freelist_count']);
  }

  #insert(batch: NewBatch): void {
    if (batch.records > 0) {
      const sequence = this.nextSequence - this.#offset;
      this.#statement('INSERT INTO batches (sequence, records, body) VALUES (?, ?, ?)').run(sequence, batch.records, batch.body);
      this.#setMeta('next', sequence + 1);
      this.#count('spooled', batch.records);
    }
    const write = this.#statement('INSERT INTO positions VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value');
    const forget = this.#statement('DELETE FROM positions WHERE source = ? AND key = ?');
    for (const [kind, changes] of batch.positions) {
      for (const [key, value] of changes) {
        if (value === null) forget.run(kind, key);
        else write.run(kind, key, value);
      }
    }
    const read = this.#statement('INSERT INTO reads VALUES (?, ?) ON CONFLICT DO UPDATE SET read = read + excluded.read');
    for (const [name, count] of batch.reads) read.run(name, count);
  }

  /** Deletes what is acknowledged, if the disk lets it. Nothing is repeated else: `next` passes over it, and after a crash the gateway tells. */
  #catchUp(): void {
    if (!this.#deletionWaits) return;
    try {
      this.#transaction(() => this.#remove(this.#through, 'acknowledged'));
      this.#deletionWaits = false;
    } catch (error) {
      if (!isNoSpace(error)) throw error;
    }
  }

  /** Within a transaction: deletes up to a number of the table and counts the records. */
  #remove(sequence: number, as: 'acknowledged' | 'rejected'): number {
    const gone = this.#get(
      'SELECT coalesce(sum(records), 0) AS records, coalesce(sum(length(body)), 0) AS bytes FROM batches WHERE sequence <= ?',
      sequence,
    );
    this.#statement('DELETE FROM batches WHERE sequence <= ?').run(sequence);
    const records = Number(gone?.['records']);
    this.#count(as, records);
    this.#count('sent', records);
    this.#records -= records;
    this.#bytes -= Number(gone?.['bytes']);
    return records;
  }

  /** Within a transaction: everything that waits, and everything that will, gets a number higher by this. */
  #shift(by: number): void {
    this.#setMeta('offset', this.#offset + by);
    this.#offset += by;
  }

  #meta(name: string): number | undefined {
    const row = this.#get('SELECT value FROM meta WHERE name = ?', name);
    return row === undefined ? undefined : Number(row['value']);
  }

  #setMeta(name: string, value: number): void {
    this.#statement('INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value').run(name, value);
  }

  #count(name: keyof Counters, by: number): void {
    this.#statement('INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = value + excluded.value').run(name, by);
  }

  #get(sql: string, ...values: (string | number)[]): Record<string, unknown> | undefined {
    return this.#statement(sql).get(...values);
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #transaction<T>(work: () => T): T {
    const before = { bytes: this.#bytes, records: this.#records, offset: this.#offset };
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      this.#bytes = before.bytes;
      this.#records = before.records;
      this.#offset = before.offset;
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }
}

/** True for SQLite's "the disk is full" (SQLITE_FULL, or an I/O error while writing, which is what some file systems answer). */
export function isNoSpace(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'errcode' in error ? Number(error.errcode) : 0;
  return code === 13 || (code & 0xff) === 10;
}

function openDatabase(path: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path);
    db.exec(SPOOL_SCHEMA);
    const found = Number(db.prepare('PRAGMA user_version').get()?.['user_version']);
    if (found > SPOOL_VERSION) throw agentError('AGENT_SPOOL_NEWER', { path, found, known: SPOOL_VERSION });
    db.exec(`PRAGMA user_version = ${SPOOL_VERSION}`);
    return db;
  } catch (error) {
    db?.close();
    if (error instanceof Error && 'status' in error) throw error;
    throw agentError('AGENT_SPOOL_DAMAGED', { path, reason: error instanceof Error ? error.message : String(error) }, error);
  }
}
