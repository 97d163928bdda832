/** The handles of a state over whichever database holds it. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { Kysely, type Dialect, type Transaction } from 'kysely';
import type { Scope } from '../identity/scope.ts';
import type { State, StateModule } from './contract.ts';
import { ScopePlugin, type Membership } from './scope-plugin.ts';

/** Knows whether the caller is inside the body of a transaction. */
export class Bodies {
  readonly #current = new AsyncLocalStorage<{ active: boolean }>();

  get inside(): boolean {
    return this.#current.getStore()?.active === true;
  }

  run<Result>(body: () => Promise<Result>): Promise<Result> {
    const store = { active: true };
    return this.#current.run(store, body).finally(() => (store.active = false));
  }
}

export interface HandleOptions {
  /** With `refuseRaw` it refuses compiled raw SQL, which no plugin sees. */
  readonly dialect: (refuseRaw: boolean) => Dialect;
  readonly modules: readonly StateModule[];
  readonly bodies: Bodies;
  /** How this database asks whether a column is one of many agencies. */
  readonly membership: Membership;
}

export function handlesOf({ dialect, modules, bodies, membership }: HandleOptions): Omit<State, 'close'> {
  const system = new Kysely<unknown>({ dialect: dialect(false) });
  const scoped = new Kysely<unknown>({ dialect: dialect(true) });
  const tables = new Set(modules.flatMap((module) => module.scoped.map((name) => name.toLowerCase())));

  function as<Tables>(scope: Scope): Kysely<Tables> {
    return typed<Tables>(scoped.withPlugin(new ScopePlugin(scope, tables, membership)));
  }

  async function transaction<Tables, Result>(
    scope: Scope | 'system',
    body: (trx: Transaction<Tables>) => Promise<Result>,
  ): Promise<Result> {
    const handle = scope === 'system' ? typed<Tables>(system) : as<Tables>(scope);
    return handle.transaction().execute((trx) => bodies.run(() => body(trx)));
  }

  return {
    // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the contract: the caller names its tables
    system: <Tables>() => typed<Tables>(system),
    as,
    transaction,
  };
}

/** The same handle in the words of the caller's own tables. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the contract: the caller names its tables
function typed<Tables>(db: Kysely<unknown>): Kysely<Tables> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- which tables exist is known to the domain that asks, not to Kysely
  return db as unknown as Kysely<Tables>;
}
