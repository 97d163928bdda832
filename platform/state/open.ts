import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Kysely, type Dialect } from 'kysely';
import type { Clock } from '../clock/index.ts';
import type { Logger } from '../logger/index.ts';
import type { State, StateModule } from './contract.ts';
import { Checkpointer } from './checkpointer.ts';
import { Connection, WriterQueue } from './database.ts';
import { sqliteDialect } from './dialect.ts';
import { Bodies, handlesOf } from './handles.ts';
import { migrate } from './migrate.ts';
import type { PostgresAddress } from './postgres/address.ts';
import { inJsonList } from './scope-nodes.ts';

interface SharedOptions {
  readonly modules: readonly StateModule[];
  readonly clock: Clock;
}

export interface SqliteStateOptions extends SharedOptions {
  /** The file, or ':memory:' for tests of one thread. */
  readonly path: string;
}

export interface PostgresStateOptions extends SharedOptions {
  /** PostgreSQL 15 or newer; a database of its own, encoded in UTF-8. */
  readonly postgres: PostgresAddress;
  /** Takes when the server is lost and found again. */
  readonly logger?: Pick<Logger, 'info' | 'warn' | 'error'>;
}

export type StateOptions = SqliteStateOptions | PostgresStateOptions;

/**
 * Opens the state, runs the modules' migrations and gives scoped and unscoped handles to it. On PostgreSQL it throws
 * STATE_UNAVAILABLE while the server cannot be reached, STATE_SERVER for one that cannot hold the state.
 */
export async function openState(options: StateOptions): Promise<State> {
  if ('path' in options) return await openSqlite(options);
  const { openPostgres } = await import('./postgres/open.ts');
  return await openPostgres(options);
}

async function openSqlite({ path, modules, clock }: SqliteStateOptions): Promise<State> {
  const inMemory = path === ':memory:';
  if (!inMemory) mkdirSync(dirname(path), { recursive: true });
  const writer = new Connection(path);
  const reader = inMemory ? writer : new Connection(path, true);
  const bodies = new Bodies();
  const checkpointer = inMemory ? undefined : new Checkpointer(path);
  let closed = false;
  const shared = { writer, reader, queue: new WriterQueue(), inTransaction: () => bodies.inside, isClosed: () => closed };
  const dialect = (refuseRaw: boolean): Dialect => sqliteDialect({ ...shared, refuseRaw });

  function close(): void {
    if (closed) return;
    closed = true;
    if (!inMemory) reader.close();
    writer.close();
  }

  try {
    await migrate(new Kysely<unknown>({ dialect: dialect(false) }), modules, clock);
  } catch (error) {
    await checkpointer?.close();
    close();
    throw error;
  }
  return {
    ...handlesOf({ dialect, modules, bodies, membership: inJsonList }),
    close: async () => {
      const done = await shared.queue.take();
      await checkpointer?.close();
      close();
      done();
    },
  };
}
