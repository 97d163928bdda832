/** The spool's SQLite file: opened or refused with a reason, its statements, its named numbers and texts, its free space. */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { agentError } from './errors.ts';
import { PAGE_BYTES, SPOOL_SCHEMA, SPOOL_VERSION } from './spool-schema.ts';

/** Free space inside the file above which it is given back to the disk. */
const GIVE_BACK_PAGES = 512;

/** SQLite's codes for "the disk is full", and for an I/O error while writing, which is what some file systems answer. */
const SQLITE_FULL = 13;
const SQLITE_IOERR = 10;

export class SpoolFile {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string) {
    this.#db = openDatabase(path);
  }

  /** Prepared once. */
  statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  get(sql: string, ...values: (string | number)[]): Record<string, unknown> | undefined {
    return this.statement(sql).get(...values);
  }

  number(name: string): number | undefined {
    const value = this.#named(name);
    return value === undefined ? undefined : Number(value);
  }

  text(name: string): string | undefined {
    const value = this.#named(name);
    return typeof value === 'string' ? value : undefined;
  }

  set(name: string, value: number | string): void {
    this.statement('INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value').run(name, value);
  }

  add(name: string, by: number): void {
    this.statement('INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = value + excluded.value').run(name, by);
  }

  /** All of it or, where it throws, nothing. */
  transaction<T>(work: () => T): T {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  /** Bytes inside the file that hold nothing. */
  get freeBytes(): number {
    return this.#freePages() * PAGE_BYTES;
  }

  /** Returns unused space to the disk where it is much. */
  giveBack(): void {
    if (this.#freePages() < GIVE_BACK_PAGES) return;
    whereRoom(() => {
      // In steps, so that the write-ahead log need not hold the whole change.
      for (let [free, before] = [this.#freePages(), Infinity]; free > 0 && free < before; [free, before] = [this.#freePages(), free]) {
        this.#db.exec(`PRAGMA incremental_vacuum(${GIVE_BACK_PAGES}); PRAGMA wal_checkpoint(RESTART)`);
      }
    });
  }

  close(): void {
    this.#db.close();
  }

  #named(name: string): unknown {
    return this.get('SELECT value FROM meta WHERE name = ?', name)?.['value'];
  }

  #freePages(): number {
    return Number(this.get('PRAGMA freelist_count')?.['freelist_count']);
  }
}

/** Runs what writes; false when the disk has no room for it. */
export function whereRoom(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (!isNoSpace(error)) throw error;
    return false;
  }
}

function isNoSpace(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'errcode' in error ? Number(error.errcode) : 0;
  return code === SQLITE_FULL || (code & 0xff) === SQLITE_IOERR;
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
