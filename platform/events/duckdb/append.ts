/** Stores events and offsets in one transaction; an event whose id is already stored is not stored again. */
import { scalarRows } from './connections.ts';
import { BIGINT, DuckDBDataChunk, VARCHAR, type DuckDBConnection } from '@duckdb/node-api';
import type { IndexedUpTo } from '../contract.ts';
import type { HotTable, Segment } from './manifest.ts';
import { rowOf, TABLE_COLUMNS, type Row } from './rows.ts';
import { quoted } from './schema.ts';
import { include, type Storage } from './storage.ts';

const CHUNK = 2048;
const TYPES = TABLE_COLUMNS.map((column) => (column.type === 'BIGINT' ? BIGINT : VARCHAR));
const MAX_HOT_ROWS = 200_000;

export interface Appended {
  readonly stored: number;
  readonly duplicates: number;
  /** Records that are no events; reported in the log, never silently. */
  readonly rejected: number;
}

export class Appender {
  private readonly storage: Storage;
  private readonly onSealed: () => Promise<void>;

  /** `onSealed` is awaited when too many sealed tables wait to be written out: that is the back pressure. */
  constructor(storage: Storage, onSealed: () => Promise<void>) {
    this.storage = storage;
    this.onSealed = onSealed;
  }

  async append(records: readonly string[], upTo: readonly IndexedUpTo[]): Promise<Appended> {
    const parsed = records.map(rowOf);
    const rejected = parsed.filter((row) => row === undefined).length;
    if (rejected > 0) {
      const first = records[parsed.indexOf(undefined)]?.slice(0, 200);
      this.storage.note({ level: 'error', message: 'records that are not events were skipped', details: { count: rejected, first } });
    }
    const rows = parsed.filter((row) => row !== undefined);
    const stored = await this.storage.writer.run(() => this.write(rows, upTo));
    await this.onSealed();
    return { stored, duplicates: rows.length - stored, rejected };
  }

  private async write(rows: readonly Row[], upTo: readonly IndexedUpTo[]): Promise<number> {
    const { storage } = this;
    const fresh = await this.fresh(rows);
    const open = storage.manifest.hot().at(-1);
    const full = open === undefined || open.size >= storage.options.hotBytes || open.events >= MAX_HOT_ROWS;
    let table = open;
    await storage.transaction(async (connection) => {
      if (fresh.length > 0 && (full || table === undefined)) {
        if (open !== undefined) await connection.run("update hot_tables set state = 'sealed' where name = $1", [open.name]);
        table = await storage.createHot(connection);
      }
      if (fresh.length > 0 && table !== undefined) await appendRows(connection, table.name, fresh);
      for (const { partition, offset } of upTo) {
        await connection.run('insert into offsets values ($1, $2) on conflict (part) do update set next_offset = excluded.next_offset', [
          partition,
          BigInt(offset),
        ]);
      }
    });
    if (table !== undefined && fresh.length > 0) {
      account(table, fresh);
      if (table !== open) storage.manifest.replace([], [table]);
    }
    return fresh.length;
  }

  private async fresh(rows: readonly Row[]): Promise<Row[]> {
    const hot = this.storage.manifest.hot();
    const batch = new Map<string, Row>();
    for (const row of rows) {
      if (!batch.has(row.id) && !hot.some((table) => table.ids.has(row.id))) batch.set(row.id, row);
    }
    for (const segment of this.storage.manifest.segments()) {
      const suspects = [...batch.keys()].filter((id) => segment.ids.has(id));
      for (const id of await this.stored(segment, suspects)) batch.delete(id);
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

async function appendRows(connection: DuckDBConnection, table: string, rows: readonly Row[]): Promise<void> {
  const appender = await connection.createAppender(table);
  for (let from = 0; from < rows.length; from += CHUNK) {
    const slice = rows.slice(from, from + CHUNK);
    const chunk = DuckDBDataChunk.create(TYPES);
    chunk.setColumns(TYPES.map((_, at) => slice.map((row) => row.cells[at] ?? null)));
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

function account(table: HotTable, rows: readonly Row[]): void {
  for (const row of rows) {
    table.ids.add(row.id);
    table.size += row.size;
    include(table, row.at);
  }
  table.events += rows.length;
}
