/** Makes batches of events searchable, in the order they came; an event whose id is already stored is not stored again. */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Appended, Received } from '../consumer.ts';
import type { IndexedUpTo } from '../contract.ts';
import { eventsError } from '../errors.ts';
import { hashOf, type IdHash } from './bloom.ts';
import { appendRows } from './chunks.ts';
import { scalarRows } from './connections.ts';
import { FastRows } from './fast-rows.ts';
import type { HotTable, Segment } from './manifest.ts';
import { RowBuffer } from './row-buffer.ts';
import { rowOf } from './rows.ts';
import { MEMORY, quoted } from './schema.ts';
import { include, type Storage } from './storage.ts';

const MAX_HOT_ROWS = 200_000;
/**
 * A record that comes again has the same time, for its time is the record's own. One that carries none is stamped when it is read,
 * and read again soon after. So only segments from about the same time are asked whether they hold an id.
 */
const REPEAT_MS = 60_000;
/** A buffer that one extraordinary batch made larger is not kept. */
const SPARE_BYTES = 32 * 1024 * 1024;
/** One being written, one being filled. */
const SPARE_BUFFERS = 2;

export class Appender {
  private readonly storage: Storage;
  private readonly onSealed: () => Promise<void>;
  private readonly spare: RowBuffer[] = [];

  /** `onSealed` is awaited after each batch; it resolves late when too many sealed tables wait to be written out: back pressure. */
  constructor(storage: Storage, onSealed: () => Promise<void>) {
    this.storage = storage;
    this.onSealed = onSealed;
  }

  async append(records: readonly Uint8Array[], upTo: readonly IndexedUpTo[]): Promise<Appended> {
    // Large buffers made anew for each batch would keep the collector busy.
    const buffer = this.spare.pop() ?? new RowBuffer();
    try {
      const rejected = this.read(records, buffer);
      const stored = await this.storage.writer.run(() => this.write(buffer, upTo));
      await this.onSealed();
      return { stored: stored.length, duplicates: buffer.facts.length - stored.length, rejected, received: receivedOf(buffer, stored) };
    } finally {
      buffer.clear();
      if (this.spare.length < SPARE_BUFFERS && buffer.blob.length <= SPARE_BYTES) this.spare.push(buffer);
    }
  }

  private read(records: readonly Uint8Array[], buffer: RowBuffer): number {
    const fast = new FastRows(buffer);
    let first: string | undefined;
    let rejected = 0;
    for (const record of records) {
      if (fast.add(record)) continue;
      const text = Buffer.from(record.buffer, record.byteOffset, record.byteLength).toString('utf8');
      const row = rowOf(text);
      if (row === undefined) {
        rejected++;
        first ??= text.slice(0, 200);
      } else buffer.add(row);
    }
    if (rejected > 0) {
      const details = { count: rejected, first };
      this.storage.note({ level: 'error', message: 'records that are not events were skipped', details });
    }
    return rejected;
  }

  /** Answers the rows stored. */
  private async write(buffer: RowBuffer, upTo: readonly IndexedUpTo[]): Promise<readonly number[]> {
    const { storage } = this;
    this.refuseGaps(upTo);
    const fresh = await this.fresh(buffer);
    if (fresh.length > 0) {
      const open = storage.manifest.open();
      const full = open === undefined || open.size >= storage.options.hotBytes || open.events >= MAX_HOT_ROWS;
      let table = open;
      await storage.transaction(async (connection) => {
        if (full) table = await storage.createHot(connection);
        if (table !== undefined) await insert(connection, table.name, { buffer, rows: fresh });
      });
      if (full && open !== undefined) open.sealed = true;
      if (table !== undefined) account(table, buffer, fresh);
      if (table !== undefined && table !== open) storage.manifest.replace([], [table]);
    }
    storage.advance(upTo);
    return fresh;
  }

  private refuseGaps(upTo: readonly IndexedUpTo[]): void {
    const stored = this.storage.offsets();
    for (const { partition, from, offset } of upTo) {
      if (!Number.isSafeInteger(offset)) throw eventsError('EVENTS_STORE_FAILED', { reason: `${offset} is no offset` });
      const end = stored.get(partition) ?? 0;
      if (from !== undefined && from !== end) throw eventsError('EVENTS_GAP', { partition, from, end });
    }
  }

  /** The rows whose ids are new, each id once. */
  private async fresh(buffer: RowBuffer): Promise<readonly number[]> {
    const { facts } = buffer;
    const hot = this.storage.manifest.hot();
    const batch = new Map<string, number>();
    let [from, to] = [Infinity, -Infinity];
    for (const [row, { id, at }] of facts.entries()) {
      if (batch.has(id) || hot.some((table) => table.ids.has(id))) continue;
      batch.set(id, row);
      from = Math.min(from, at);
      to = Math.max(to, at);
    }
    const hashes = new Map<string, IdHash>();
    for (const segment of this.storage.manifest.segments()) {
      if (segment.to + REPEAT_MS < from || segment.from - REPEAT_MS > to) continue;
      for (const id of await this.stored(segment, suspects(segment, buffer, { batch, hashes }))) batch.delete(id);
    }
    return [...batch.values()];
  }

  private async stored(segment: Segment, ids: readonly string[]): Promise<string[]> {
    if (ids.length === 0) return [];
    const sql = `select id from read_parquet(${quoted(this.storage.files.path(segment.name))}) where id in (select unnest(json_extract_string($1::VARCHAR, '$[*]')))`;
    const rows = scalarRows(await this.storage.writing.runAndReadAll(sql, [JSON.stringify(ids)]));
    return rows.map(([id]) => String(id));
  }
}

interface Candidates {
  /** Id → row. */
  readonly batch: ReadonlyMap<string, number>;
  readonly hashes: Map<string, IdHash>;
}

function suspects(segment: Segment, { facts }: RowBuffer, { batch, hashes }: Candidates): string[] {
  const found: string[] = [];
  for (const [id, row] of batch) {
    const at = facts[row]?.at ?? 0;
    if (at < segment.from - REPEAT_MS || at > segment.to + REPEAT_MS) continue;
    let hash = hashes.get(id);
    if (hash === undefined) hashes.set(id, (hash = hashOf(id)));
    if (segment.ids.hasHash(hash)) found.push(id);
  }
  return found;
}

async function insert(connection: DuckDBConnection, table: string, given: { buffer: RowBuffer; rows: readonly number[] }): Promise<void> {
  const appender = await connection.createAppender(table, null, MEMORY);
  appendRows(appender, given.buffer, given.rows);
  appender.closeSync();
}

function account(table: HotTable, { facts }: RowBuffer, rows: readonly number[]): void {
  for (const row of rows) {
    const fact = facts[row];
    if (fact === undefined) continue;
    table.ids.add(fact.id);
    table.size += fact.size;
    include(table, fact.at);
  }
  table.events += rows.length;
}

/** How many of the rows stored each agency's events were received when; the events of one delivery share their time. */
function receivedOf({ facts }: RowBuffer, rows: readonly number[]): Received[] {
  const found = new Map<string, { agency: string; at: number; count: number }>();
  let last: { agency: string; at: number; count: number } | undefined;
  for (const row of rows) {
    const { agency, received } = facts[row] ?? {};
    if (agency === undefined || received === undefined) continue;
    if (last?.agency !== agency || last.at !== received) {
      const key = `${received} ${agency}`;
      last = found.get(key) ?? { agency, at: received, count: 0 };
      found.set(key, last);
    }
    last.count++;
  }
  return [...found.values()];
}
