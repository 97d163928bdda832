/**
 * The one DuckDB instance and what it holds. New events go to a hot table in memory; a full one is sealed and written out as Parquet
 * segments of a day each, in one transaction with the offsets up to its last event, and dropped. So the log that events come from is
 * the only write-ahead log there is: after a crash the store stands where its segments end and is fed again from there. Closed days
 * are plain files whose removal frees the disk, and a query opens only the files of its range.
 */
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { connect, Mutex, Readers, scalarRows } from './connections.ts';
import { SegmentFiles } from './files.ts';
import type { IndexedUpTo } from '../contract.ts';
import { Manifest, type HotTable, type Part, type Segment } from './manifest.ts';
import { Bloom } from './bloom.ts';
import { hotTable, MEMORY, quoted, SCHEMA } from './schema.ts';

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
  /** Next offset per partition: as searchable, and as it would be after a crash now. */
  private next: ReadonlyMap<number, number> = new Map();
  private durable: ReadonlyMap<number, number> = new Map();
  private tables = 0;
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

  async segmentName(): Promise<string> {
    return this.writer.run(async () => {
      const rows = scalarRows(await this.writing.runAndReadAll("select nextval('names')"));
      return `segment_${String(rows[0]?.[0]).padStart(8, '0')}`;
    });
  }

  /** Inside a transaction: a new, empty hot table. */
  async createHot(connection: DuckDBConnection): Promise<HotTable> {
    const name = `events_${++this.tables}`;
    await connection.run(hotTable(name));
    const bounds = { from: Infinity, to: -Infinity, disorder: 0 };
    return { kind: 'hot', name, ids: new Set(), upTo: this.next, sealed: false, events: 0, size: 0, ...bounds };
  }

  /** The next offset of each partition: everything before it is searchable. */
  offsets(): ReadonlyMap<number, number> {
    return this.next;
  }

  /** As `offsets`, of what no crash can take away any more. */
  durableOffsets(): ReadonlyMap<number, number> {
    return this.durable;
  }

  /** Inside `writer`: the batch up to these offsets is in the open hot table, or held nothing new. */
  advance(upTo: readonly IndexedUpTo[]): void {
    this.next = new Map([...this.next, ...upTo.map(({ partition, offset }): [number, number] => [partition, offset])]);
    const open = this.manifest.open();
    if (open !== undefined) open.upTo = this.next;
  }

  /** Swaps parts of the manifest in one transaction; with hot tables the offsets up to them become durable. */
  async swap(removed: readonly Part[], added: readonly Segment[]): Promise<void> {
    await this.writer.run(async () => {
      const upTo = removed.findLast((part) => part.kind === 'hot')?.upTo ?? this.durable;
      await this.transaction(async (connection) => {
        for (const part of removed) if (part.kind === 'segment') await connection.run('delete from segments where name = $1', [part.name]);
        for (const part of added) {
          const numbers = [part.from, part.to, part.events, part.bytes].map((number) => BigInt(number));
          await connection.run('insert into segments values ($1, $2, $3, $4, $5)', [part.name, ...numbers]);
        }
        if (upTo !== this.durable) await writeOffsets(connection, upTo);
      });
      this.durable = upTo;
      this.manifest.replace(removed, added);
    });
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
    await this.readers.close();
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
      await this.writing.run(`drop table ${MEMORY}.${name}`);
    });
  }

  private async recover(): Promise<void> {
    for (const statement of SCHEMA) await this.writing.run(statement);
    const rows = scalarRows(await this.writing.runAndReadAll('select part, next_offset from offsets'));
    this.next = this.durable = new Map(rows.map(([part, offset]) => [Number(part), Number(offset)]));
    this.manifest.replace([], await this.recoverSegments());
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

async function writeOffsets(connection: DuckDBConnection, upTo: ReadonlyMap<number, number>): Promise<void> {
  const sql = 'insert into offsets values ($1, $2) on conflict (part) do update set next_offset = excluded.next_offset';
  for (const [partition, offset] of upTo) await connection.run(sql, [partition, BigInt(offset)]);
}
