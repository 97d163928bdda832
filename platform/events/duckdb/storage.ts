/**
 * The one DuckDB instance and what it holds. New events go to a hot table of the database file, in the transaction that stores
 * the offset; a full hot table is sealed and written out as Parquet segments of a day each, and dropped. So a commit costs a
 * write-ahead log entry, closed days are plain files whose removal frees the disk, and a query opens only the files of its range.
 */
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { connect, Mutex, Readers, scalarRows } from './connections.ts';
import { SegmentFiles } from './files.ts';
import { Manifest, type HotTable, type Part, type Segment } from './manifest.ts';
import { Bloom } from './bloom.ts';
import { hotTable, quoted, SCHEMA } from './schema.ts';

export interface StorageOptions {
  /** A directory of its own. */
  readonly path: string;
  /** For DuckDB itself; the process takes about 1.5 times that. */
  readonly memoryBytes: number;
  readonly threads: number;
  /** Bytes of events after which a hot table is sealed. */
  readonly hotBytes: number;
}

export interface Note {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

const READERS = 2;

export class Storage {
  readonly options: StorageOptions;
  readonly manifest: Manifest;
  readonly files: SegmentFiles;
  readonly writer: Mutex = new Mutex();
  readonly readers: Readers;
  /** Only inside `writer`. */
  readonly writing: DuckDBConnection;
  /** Only inside `maintenance`. */
  readonly maintaining: DuckDBConnection;
  readonly maintenance: Mutex = new Mutex();
  readonly note: (note: Note) => void;
  private readonly instance: DuckDBInstance;
  private closed = false;

  private constructor(given: {
    options: StorageOptions;
    instance: DuckDBInstance;
    connections: readonly [DuckDBConnection, DuckDBConnection, ...DuckDBConnection[]];
    note: (note: Note) => void;
  }) {
    const [writing, maintaining, ...reading] = given.connections;
    this.options = given.options;
    this.instance = given.instance;
    this.writing = writing;
    this.maintaining = maintaining;
    this.readers = new Readers(reading);
    this.note = given.note;
    this.files = new SegmentFiles(join(given.options.path, 'segments'));
    this.manifest = new Manifest((part) => {
      this.dispose(part);
    });
  }

  static async open(options: StorageOptions, note: (note: Note) => void): Promise<Storage> {
    await mkdir(join(options.path, 'segments'), { recursive: true });
    const instance = await DuckDBInstance.create(join(options.path, 'events.duckdb'), {
      threads: String(options.threads),
      memory_limit: `${Math.floor(options.memoryBytes / 1e6)}MB`,
      temp_directory: join(options.path, 'temporary'),
      // Hot tables live in the write-ahead log until they are written out; checkpoints happen when one was dropped.
      checkpoint_threshold: '4GB',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const connections: DuckDBConnection[] = [];
    for (let count = 0; count < READERS; count++) connections.push(await connect(instance));
    const storage = new Storage({
      options,
      instance,
      connections: [await connect(instance), await connect(instance), ...connections],
      note,
    });
    await storage.recover();
    return storage;
  }

  /** Inside `writer`: all statements or none. */
  async transaction(body: (connection: DuckDBConnection) => Promise<void>): Promise<void> {
    await this.writing.run('begin');
    try {
      await body(this.writing);
      await this.writing.run('commit');
    } catch (error) {
      await this.writing.run('rollback').catch(() => undefined);
      throw error;
    }
  }

  async nextName(connection: DuckDBConnection, prefix: string): Promise<string> {
    const rows = scalarRows(await connection.runAndReadAll("select nextval('names')"));
    return `${prefix}_${String(rows[0]?.[0]).padStart(8, '0')}`;
  }

  /** Inside a transaction: a new, empty hot table. */
  async createHot(connection: DuckDBConnection): Promise<HotTable> {
    const name = await this.nextName(connection, 'hot');
    await connection.run(hotTable(name));
    await connection.run("insert into hot_tables values ($1, 'open')", [name]);
    return { kind: 'hot', name, ids: new Set(), events: 0, size: 0, from: Infinity, to: -Infinity, disorder: 0 };
  }

  /** Inside `writer`: the next offset of each partition. */
  async offsets(): Promise<Map<number, number>> {
    const rows = scalarRows(await this.writing.runAndReadAll('select part, next_offset from offsets'));
    return new Map(rows.map(([part, offset]) => [Number(part), Number(offset)]));
  }

  async bytes(): Promise<number> {
    const sizes = ['events.duckdb', 'events.duckdb.wal'].map((file) =>
      stat(join(this.options.path, file)).then(
        (found) => found.size,
        () => 0,
      ),
    );
    const [database = 0, log = 0] = await Promise.all(sizes);
    return database + log + this.manifest.segments().reduce((sum, segment) => sum + segment.bytes, 0);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    await this.maintenance.run(() =>
      this.writer.run(async () => {
        this.closed = true;
      }),
    );
    this.readers.close();
    this.maintaining.closeSync();
    this.writing.closeSync();
    this.instance.closeSync();
  }

  private dispose(part: Part): void {
    if (this.closed) return;
    const removal = part.kind === 'segment' ? this.files.remove(part.name) : this.drop(part.name);
    removal.catch((error: unknown) => {
      this.note({
        level: 'warn',
        message: 'stored part not removed; it will be at the next start',
        details: { part: part.name, reason: String(error) },
      });
    });
  }

  private async drop(name: string): Promise<void> {
    await this.writer.run(async () => {
      if (this.closed) return;
      await this.transaction(async (connection) => {
        await connection.run(`drop table ${name}`);
        await connection.run('delete from hot_tables where name = $1', [name]);
      });
      // Refused while another transaction is open; the next one will do.
      await this.writing.run('checkpoint').catch(() => undefined);
    });
  }

  private async recover(): Promise<void> {
    for (const statement of SCHEMA) await this.writing.run(statement);
    const tables = scalarRows(await this.writing.runAndReadAll('select name, state from hot_tables order by name'));
    const parts: Part[] = await this.recoverSegments();
    for (const [name, state] of tables) {
      if (state === 'done') await this.drop(String(name));
      else parts.push(await this.recoverHot(String(name)));
    }
    this.manifest.replace([], parts);
  }

  private async recoverHot(name: string): Promise<HotTable> {
    const rows = scalarRows(await this.writing.runAndReadAll(`select id, ts, length(original) + length(doc) + 600 from ${name}`));
    const table: HotTable = { kind: 'hot', name, ids: new Set(), events: rows.length, size: 0, from: Infinity, to: -Infinity, disorder: 0 };
    for (const [id, at, size] of rows) {
      table.ids.add(String(id));
      table.size += Number(size ?? 600);
      include(table, Number(at));
    }
    return table;
  }

  private async recoverSegments(): Promise<Part[]> {
    const rows = scalarRows(await this.writing.runAndReadAll('select name, from_ts, to_ts, events, bytes from segments order by name'));
    const names = rows.map(([name]) => String(name));
    await this.files.sweep(new Set(names));
    const parts: Segment[] = [];
    for (const [at, [, from, to, events, bytes]] of rows.entries()) {
      const name = names[at] ?? '';
      if (!(await this.files.exists(name))) {
        this.note({ level: 'error', message: 'a segment of events is missing', details: { file: this.files.path(name), events } });
        continue;
      }
      const ids = (await this.files.idsOf(name)) ?? (await this.filterOf(this.writing, name));
      parts.push({ kind: 'segment', name, from: Number(from), to: Number(to), events: Number(events), bytes: Number(bytes), ids });
    }
    return parts;
  }

  private async filterOf(connection: DuckDBConnection, name: string): Promise<Bloom> {
    const rows = scalarRows(await connection.runAndReadAll(`select id from read_parquet(${quoted(this.files.path(name))})`));
    return Bloom.for(
      rows.map(([id]) => String(id)),
      rows.length,
    );
  }
}

/** Widens the table's interval. */
export function include(table: HotTable, at: number): void {
  if (at < table.to && table.to - at > table.disorder) table.disorder = table.to - at;
  if (at < table.from) table.from = at;
  if (at > table.to) table.to = at;
}
