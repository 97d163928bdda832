/**
 * The connections of one state: some that only read, and one that writes. Whatever happens to a connection is told to whoever uses
 * it; a pool's own events never end the process, and the next query finds a new connection.
 */
import { Pool, type PoolClient, type PoolConfig } from 'pg';
import type { Logger } from '../../logger/index.ts';
import type { Place } from './address.ts';
import { isConnectionLost, reasonOf, translated } from './failures.ts';
import { POSTGRES_TYPES } from './values.ts';

export interface Times {
  /** A statement that takes longer is stopped by the server; 0: none is. */
  readonly statementMs: number;
  /** Longest wait for another node's transaction. */
  readonly lockMs: number;
  /** A transaction in which nothing happens for so long is ended by the server: its node hangs, and others wait. */
  readonly idleMs: number;
  /** For making, or waiting for, a connection. */
  readonly connectMs: number;
  /** When so much more than `statementMs` has gone without an answer, the server itself hangs, and the connection is given up. */
  readonly hungMs: number;
}

export const TIMES: Times = { statementMs: 60_000, lockMs: 30_000, idleMs: 10_000, connectMs: 10_000, hungMs: 5_000 };
/** Migrations may take long, and so may waiting for those of another node. */
export const PATIENT_TIMES: Times = { statementMs: 0, lockMs: 0, idleMs: 600_000, connectMs: 10_000, hungMs: 0 };

const IDLE_CONNECTION_MS = 60_000;
const END_MS = 2_000;

export interface PoolsOptions {
  readonly place: Place;
  readonly readers: number;
  readonly times: Times;
  readonly logger?: Pick<Logger, 'info' | 'warn' | 'error'> | undefined;
}

export type Borrowed = Pick<PoolClient, 'query' | 'release'>;

export class Pools {
  readonly #options: PoolsOptions;
  readonly #readers: Pool;
  readonly #writer: Pool;
  readonly #clients = new Set<PoolClient>();
  #lost = false;

  constructor(options: PoolsOptions) {
    this.#options = options;
    const { place, readers, times } = options;
    const shared: PoolConfig = {
      ...place.config,
      types: POSTGRES_TYPES,
      connectionTimeoutMillis: times.connectMs,
      idleTimeoutMillis: IDLE_CONNECTION_MS,
      statement_timeout: times.statementMs,
      lock_timeout: times.lockMs,
      idle_in_transaction_session_timeout: times.idleMs,
      ...(times.statementMs === 0 ? {} : { query_timeout: times.statementMs + times.hungMs }),
    };
    // Short queries gain nothing from being compiled.
    this.#readers = this.#pool({ ...shared, max: readers, options: '-c jit=off -c default_transaction_read_only=on' });
    this.#writer = this.#pool({ ...shared, max: 1, options: '-c jit=off' });
  }

  reader(): Promise<Borrowed> {
    return this.#borrow(this.#readers);
  }

  writer(): Promise<Borrowed> {
    return this.#borrow(this.#writer);
  }

  /** Gives a connection back; one that was lost, or may hang, is thrown away. */
  giveBack(client: Borrowed, error?: unknown): void {
    client.release(error !== undefined && isConnectionLost(error));
  }

  failure(error: unknown): unknown {
    if (isConnectionLost(error)) this.#noteLost(error);
    const { place, times } = this.#options;
    return translated(error, { address: place.address, statementTimeoutMs: times.statementMs });
  }

  async close(): Promise<void> {
    const ended = Promise.all([this.#readers.end(), this.#writer.end()]);
    // A server that hangs does not say goodbye.
    const late = setTimeout(() => {
      for (const client of this.#clients) client.connection.stream.destroy();
    }, END_MS);
    await ended.finally(() => clearTimeout(late));
  }

  async #borrow(pool: Pool): Promise<Borrowed> {
    try {
      const client = await pool.connect();
      this.#noteFound();
      return client;
    } catch (error) {
      throw this.failure(error);
    }
  }

  #pool(config: PoolConfig): Pool {
    const pool = new Pool(config);
    pool.on('connect', (client) => {
      this.#clients.add(client);
      // While it is borrowed nobody else listens, and an error without a listener would end the process. The query under way rejects.
      client.on('error', (error) => this.#noteLost(error));
    });
    pool.on('remove', (client) => this.#clients.delete(client));
    pool.on('error', (error) => this.#noteLost(error));
    return pool;
  }

  #noteLost(error: unknown): void {
    if (this.#lost) return;
    this.#lost = true;
    const reason = reasonOf(error);
    this.#options.logger?.error(
      { address: this.#options.place.address, reason },
      'state: the connection to PostgreSQL is lost; it is tried again with each query',
    );
  }

  #noteFound(): void {
    if (!this.#lost) return;
    this.#lost = false;
    this.#options.logger?.info({ address: this.#options.place.address }, 'state: PostgreSQL answers again');
  }
}
