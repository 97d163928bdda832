/** Kysely's dialect over the pools: reads run beside each other and beside a transaction, writes one after the other. */
import {
  PostgresAdapter,
  PostgresIntrospector,
  RawNode,
  SelectQueryNode,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
} from 'kysely';
import type { QueryResult as Answer } from 'pg';
import type { WriterQueue } from '../database.ts';
import { stateError } from '../errors.ts';
import { PostgresCompiler } from './compiler.ts';
import type { Pools } from './pools.ts';
import { rowsOf } from './stream.ts';
import { runOn, Turn } from './turn.ts';

export interface PostgresDriverOptions {
  readonly pools: Pools;
  readonly address: string;
  /** Of this process: who waits in it holds no connection. */
  readonly queue: WriterQueue;
  /** True while the caller is inside the body of a state transaction. */
  readonly inTransaction: () => boolean;
  readonly isClosed: () => boolean;
  /** Refuse compiled raw SQL, which no plugin sees. */
  readonly refuseRaw: boolean;
}

export function postgresDialect(options: PostgresDriverOptions): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new PostgresDriver(options),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresCompiler(),
  };
}

class PostgresDriver implements Driver {
  readonly #options: PostgresDriverOptions;

  constructor(options: PostgresDriverOptions) {
    this.#options = options;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<PostgresConnection> {
    return new PostgresConnection(this.#options);
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await own(connection).begin();
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await own(connection).commit();
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await own(connection).rollback();
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {}
}

/** One query, or the queries of one transaction. */
class PostgresConnection implements DatabaseConnection {
  readonly #options: PostgresDriverOptions;
  #turn: Turn | undefined;
  #giveBack: (() => void) | undefined;

  constructor(options: PostgresDriverOptions) {
    this.#options = options;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    this.#check(query);
    if (this.#turn !== undefined) return resultOf(await this.#turn.run(query));
    if (SelectQueryNode.is(query.query)) return resultOf(await this.#read(query));
    await this.begin();
    try {
      const answer = await this.#turnOf().run(query);
      await this.commit();
      return resultOf(answer);
    } catch (error) {
      await this.rollback();
      throw error;
    }
  }

  async *streamQuery<Row>(query: CompiledQuery, chunkSize?: number): AsyncIterableIterator<QueryResult<Row>> {
    this.#check(query);
    const { pools } = this.#options;
    const turn = this.#turn;
    if (turn !== undefined) {
      yield* rowsOf<Row>(query, { run: (each) => turn.run(each), chunkSize, hold: false });
      return;
    }
    const client = await pools.reader();
    let lost: unknown;
    try {
      yield* rowsOf<Row>(query, { run: (each) => runOn(client, each), chunkSize, hold: true });
    } catch (error) {
      lost = error;
      throw pools.failure(error);
    } finally {
      pools.giveBack(client, lost);
    }
  }

  async begin(): Promise<void> {
    if (this.#options.inTransaction()) throw stateError('STATE_NESTED');
    const giveBack = await this.#options.queue.take();
    try {
      if (this.#options.isClosed()) throw stateError('STATE_CLOSED');
      this.#turn = await Turn.begin(this.#options.pools);
      this.#giveBack = giveBack;
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  async commit(): Promise<void> {
    await this.#turnOf().commit(this.#options.address);
    this.#end();
  }

  async rollback(): Promise<void> {
    try {
      await this.#turn?.rollback();
    } finally {
      this.#end();
    }
  }

  #end(): void {
    this.#turn = undefined;
    this.#giveBack?.();
    this.#giveBack = undefined;
  }

  #turnOf(): Turn {
    if (this.#turn === undefined) throw new TypeError('no transaction is open');
    return this.#turn;
  }

  async #read(query: CompiledQuery): Promise<Answer> {
    const { pools } = this.#options;
    const client = await pools.reader();
    let lost: unknown;
    try {
      return await runOn(client, query);
    } catch (error) {
      lost = error;
      throw pools.failure(error);
    } finally {
      pools.giveBack(client, lost);
    }
  }

  #check({ query }: CompiledQuery): void {
    if (this.#options.isClosed()) throw stateError('STATE_CLOSED');
    if (this.#options.refuseRaw && RawNode.is(query)) throw stateError('STATE_RAW_SQL', { reason: 'the whole statement is raw' });
  }
}

const CHANGES = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

function resultOf<Row>({ rows, command, rowCount }: Answer): QueryResult<Row> {
  return CHANGES.has(command) ? { rows, numAffectedRows: BigInt(rowCount ?? 0) } : { rows };
}

function own(connection: DatabaseConnection): PostgresConnection {
  if (connection instanceof PostgresConnection) return connection;
  throw new TypeError('a connection of another driver');
}
