/**
 * A transaction. The first thing each one takes is the lock that all transactions of all nodes take, and PostgreSQL gives it back
 * when the transaction has ended, however it ends: so they run one after the other, what a body reads stays true until it ends, and
 * numbers of a sequence become visible in their order.
 */
import type { CompiledQuery } from 'kysely';
import type { QueryResult } from 'pg';
import { stateError } from '../errors.ts';
import { isConnectionLost, reasonOf } from './failures.ts';
import type { Borrowed, Pools } from './pools.ts';
import { toPostgres } from './values.ts';

/** 'vong', and the number of the lock: two numbers, as `pg_locks` shows them. Locks belong to one database. */
const LOCK = 'select pg_advisory_xact_lock(1987014247, 1)';
const BEGIN = `begin isolation level read committed read write; ${LOCK}`;
/** Bind messages count parameters in 16 bits (PostgreSQL 15, 55.7 "Message Formats"). */
const MOST_PARAMETERS = 65_535;

export async function runOn(client: Borrowed, { sql, parameters }: Pick<CompiledQuery, 'sql' | 'parameters'>): Promise<QueryResult> {
  if (parameters.length > MOST_PARAMETERS)
    throw new TypeError(`A query has ${parameters.length} parameters; the most are ${MOST_PARAMETERS}`);
  return await client.query(sql, parameters.map(toPostgres));
}

export class Turn {
  readonly #pools: Pools;
  readonly #client: Borrowed;
  /** What ended the connection, or makes what is stored uncertain. */
  #lost: unknown;

  private constructor(pools: Pools, client: Borrowed) {
    this.#pools = pools;
    this.#client = client;
  }

  static async begin(pools: Pools): Promise<Turn> {
    const client = await pools.writer();
    const turn = new Turn(pools, client);
    try {
      await client.query(BEGIN);
      return turn;
    } catch (error) {
      turn.#note(error);
      await turn.rollback();
      throw pools.failure(error);
    }
  }

  async run(query: CompiledQuery): Promise<QueryResult> {
    try {
      return await runOn(this.#client, query);
    } catch (error) {
      this.#note(error);
      throw this.#pools.failure(error);
    }
  }

  /** Throws STATE_UNCERTAIN when the connection is lost before the answer. */
  async commit(address: string): Promise<void> {
    let command: string;
    try {
      ({ command } = await this.#client.query('commit'));
    } catch (error) {
      this.#note(error);
      const failure = this.#pools.failure(error);
      throw isConnectionLost(error) ? stateError('STATE_UNCERTAIN', { address, reason: reasonOf(error) }, error) : failure;
    }
    // To the commit of a transaction in which a statement failed, PostgreSQL answers that it rolled back.
    if (command !== 'COMMIT') throw stateError('STATE_ABORTED');
    this.#pools.giveBack(this.#client);
  }

  /** Never rejects: a connection that cannot roll back is thrown away, and the server rolls back. */
  async rollback(): Promise<void> {
    try {
      if (this.#lost === undefined) await this.#client.query('rollback');
    } catch (error) {
      this.#lost = error;
    }
    this.#client.release(this.#lost !== undefined);
  }

  #note(error: unknown): void {
    if (isConnectionLost(error)) this.#lost = error;
  }
}
