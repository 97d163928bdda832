import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Kysely, type Transaction } from 'kysely';
import type { Clock } from '../clock/index.ts';
import type { Scope } from '../identity/scope.ts';
import type { State, StateModule } from './contract.ts';
import { Checkpointer } from './checkpointer.ts';
import { Connection, WriterQueue } from './database.ts';
import { sqliteDialect } from './dialect.ts';
import { migrate } from './migrate.ts';
import { ScopePlugin } from './scope-plugin.ts';

export interface StateOptions {
  /** The file, or ':memory:' for tests of one thread. */
  readonly path: string;
  readonly modules: readonly StateModule[];
  readonly clock: Clock;
}

/** Opens the state, runs the modules' migrations and gives scoped and unscoped handles to it. */
export async function openState({ path, modules, clock }: StateOptions): Promise<State> {
  const inMemory = path === ':memory:';
  if (!inMemory) mkdirSync(dirname(path), { recursive: true });
  const writer = new Connection(path);
  const reader = inMemory ? writer : new Connection(path, true);
  const current = new AsyncLocalStorage<{ active: boolean }>();
  const checkpointer = inMemory ? undefined : new Checkpointer(path);
  let closed = false;
  const shared = {
    writer,
    reader,
    queue: new WriterQueue(),
    inTransaction: () => current.getStore()?.active === true,
    isClosed: () => closed,
  };
  const system = new Kysely<unknown>({ dialect: sqliteDialect({ ...shared, refuseRaw: false }) });
  const scoped = new Kysely<unknown>({ dialect: sqliteDialect({ ...shared, refuseRaw: true }) });
  const tables = new Set(modules.flatMap((module) => module.scoped.map((name) => name.toLowerCase())));

  function close(): void {
    if (closed) return;
    closed = true;
    if (!inMemory) reader.close();
    writer.close();
  }

  try {
    await migrate(system, modules, clock);
  } catch (error) {
    await checkpointer?.close();
    close();
    throw error;
  }

  function as<Tables>(scope: Scope): Kysely<Tables> {
    return typed<Tables>(scoped.withPlugin(new ScopePlugin(scope, tables)));
  }

  async function transaction<Tables, Result>(
    scope: Scope | 'system',
    body: (trx: Transaction<Tables>) => Promise<Result>,
  ): Promise<Result> {
    const handle = scope === 'system' ? typed<Tables>(system) : as<Tables>(scope);
    const store = { active: false };
    return handle.transaction().execute((trx) => {
      store.active = true;
      return current.run(store, () => body(trx)).finally(() => (store.active = false));
    });
  }

  return {
    // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the contract: the caller names its tables
    system: <Tables>() => typed<Tables>(system),
    as,
    transaction,
    close: async () => {
      const done = await shared.queue.take();
      await checkpointer?.close();
      close();
      done();
    },
  };
}

/** The same handle in the words of the caller's own tables. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the contract: the caller names its tables
function typed<Tables>(db: Kysely<unknown>): Kysely<Tables> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- which tables exist is known to the domain that asks, not to Kysely
  return db as unknown as Kysely<Tables>;
}
