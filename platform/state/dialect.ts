/** Kysely's dialect over the two connections of `database.ts`. */
import {
  SelectQueryNode,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  RawNode,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
} from 'kysely';
import type { Connection, WriterQueue } from './database.ts';
import { stateError } from './errors.ts';

export interface DriverOptions {
  readonly writer: Connection;
  readonly reader: Connection;
  readonly queue: WriterQueue;
  /** True while the caller is inside the body of a state transaction. */
  readonly inTransaction: () => boolean;
  readonly isClosed: () => boolean;
  /** Refuse compiled raw SQL, which no plugin sees. */
  readonly refuseRaw: boolean;
}

export function sqliteDialect(options: DriverOptions): Dialect {
  return {
    createAdapter: () => new TwoConnectionAdapter(),
    createDriver: () => new SqliteDriver(options),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** Kysely would hold one lock around every query; the reader needs none, and the writer has its own queue. */
class TwoConnectionAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

class SqliteDriver implements Driver {
  readonly #options: DriverOptions;

  constructor(options: DriverOptions) {
    this.#options = options;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<StateConnection> {
    return new StateConnection(this.#options);
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await own(connection).begin();
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    own(connection).commit();
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    own(connection).rollback();
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {}
}

class StateConnection implements DatabaseConnection {
  readonly #options: DriverOptions;
  #giveBack: (() => void) | undefined;

  constructor(options: DriverOptions) {
    this.#options = options;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    this.#check(query);
    if (this.#giveBack !== undefined) return this.#run<Row>(this.#options.writer, query);
    if (SelectQueryNode.is(query.query)) return this.#run<Row>(this.#options.reader, query);
    const giveBack = await this.#takeWriter();
    try {
      return this.#run<Row>(this.#options.writer, query);
    } finally {
      giveBack();
    }
  }

  async *streamQuery<Row>(query: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    this.#check(query);
    const connection = this.#giveBack === undefined ? this.#options.reader : this.#options.writer;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Kysely types the row by the query it compiled
    for (const row of connection.iterate(query.sql, query.parameters)) yield { rows: [row as Row] };
  }

  async begin(): Promise<void> {
    const giveBack = await this.#takeWriter();
    try {
      this.#options.writer.exec('BEGIN IMMEDIATE');
      this.#giveBack = giveBack;
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  commit(): void {
    this.#options.writer.exec('COMMIT');
    this.#end();
  }

  rollback(): void {
    try {
      if (this.#giveBack !== undefined) this.#options.writer.db.exec('ROLLBACK');
    } catch {
      // A full disk has already ended the transaction.
    } finally {
      this.#end();
    }
  }

  #end(): void {
    this.#giveBack?.();
    this.#giveBack = undefined;
  }

  #takeWriter(): Promise<() => void> {
    if (this.#options.inTransaction()) throw stateError('STATE_NESTED');
    return this.#options.queue.take();
  }

  #check({ query }: CompiledQuery): void {
    if (this.#options.isClosed()) throw stateError('STATE_CLOSED');
    if (this.#options.refuseRaw && RawNode.is(query)) throw stateError('STATE_RAW_SQL', { reason: 'the whole statement is raw' });
  }

  #run<Row>(connection: Connection, { sql, parameters }: CompiledQuery): QueryResult<Row> {
    const { rows, changes, insertId } = connection.run(sql, parameters);
    return {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Kysely types the row by the query it compiled
      rows: rows as unknown as Row[],
      ...(changes === undefined ? {} : { numAffectedRows: changes }),
      ...(insertId === undefined ? {} : { insertId }),
    };
  }
}

function own(connection: DatabaseConnection): StateConnection {
  if (connection instanceof StateConnection) return connection;
  throw new TypeError('a connection of another driver');
}
