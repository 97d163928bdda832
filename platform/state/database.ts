/**
 * Two SQLite connections to one file: a writer that one caller has at a time, and a reader that sees what is committed. So a
 * query outside a transaction never sees, and never joins, somebody else's unfinished one.
 */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { stateError } from './errors.ts';

const SETTINGS = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA foreign_keys = ON;
  PRAGMA wal_autocheckpoint = 16000;
  PRAGMA temp_store = MEMORY;
  PRAGMA cache_size = -32000;
  PRAGMA journal_size_limit = 67108864;`;
const STATEMENTS = 300;
const PRIMARY = 0xff;

export interface Rows {
  readonly rows: readonly Record<string, unknown>[];
  readonly changes?: bigint;
  readonly insertId?: bigint;
}

/** One connection with its prepared statements, most recently used last. */
export class Connection {
  readonly db: DatabaseSync;
  readonly #path: string;
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string, readOnly = false) {
    this.#path = path;
    this.db = new DatabaseSync(path, { timeout: 10_000, readOnly });
    this.db.exec(readOnly ? 'PRAGMA temp_store = MEMORY; PRAGMA cache_size = -64000' : SETTINGS);
  }

  run(sql: string, parameters: readonly unknown[]): Rows {
    try {
      const statement = this.#prepare(sql);
      const values = parameters.map(toSqlite);
      if (statement.columns().length > 0) return { rows: statement.all(...values) };
      const { changes, lastInsertRowid } = statement.run(...values);
      return { rows: [], changes: BigInt(changes), insertId: BigInt(lastInsertRowid) };
    } catch (error) {
      throw this.translate(error);
    }
  }

  *iterate(sql: string, parameters: readonly unknown[]): Generator<Record<string, unknown>> {
    try {
      // A statement of its own: a shared one would be reset by the next query with the same text.
      yield* this.db.prepare(sql).iterate(...parameters.map(toSqlite));
    } catch (error) {
      throw this.translate(error);
    }
  }

  exec(sql: string): void {
    try {
      this.db.exec(sql);
    } catch (error) {
      throw this.translate(error);
    }
  }

  /** The state's own error for a failure of SQLite; anything else comes back as it is. */
  translate(error: unknown): unknown {
    if (typeof error !== 'object' || error === null || !('errcode' in error)) return error;
    const code = Number(error.errcode);
    const primary = code & PRIMARY;
    if (primary === 13 || code === 778 || code === 4874) return stateError('STATE_FULL', {}, error);
    if (primary === 5) return stateError('STATE_BUSY', {}, error);
    if (primary === 11 || primary === 26) {
      return stateError(
        'STATE_DAMAGED',
        { path: this.#path, reason: error instanceof Error ? error.message : `SQLite error ${code}` },
        error,
      );
    }
    return error;
  }

  close(): void {
    this.#statements.clear();
    this.db.close();
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) {
      this.#statements.delete(sql);
      this.#statements.set(sql, known);
      return known;
    }
    const statement = this.db.prepare(sql);
    this.#statements.set(sql, statement);
    if (this.#statements.size > STATEMENTS) {
      const oldest = this.#statements.keys().next();
      if (oldest.done !== true) this.#statements.delete(oldest.value);
    }
    return statement;
  }
}

function toSqlite(value: unknown): SQLInputValue {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`A query parameter cannot be ${value === undefined ? 'undefined' : Object.prototype.toString.call(value)}`);
}

/** Grants the writer to one holder at a time, in the order asked. */
export class WriterQueue {
  #tail: Promise<void> = Promise.resolve();

  /** Resolves when it is the caller's turn; the result ends it. */
  async take(): Promise<() => void> {
    const before = this.#tail;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#tail = promise;
    await before;
    return resolve;
  }
}
