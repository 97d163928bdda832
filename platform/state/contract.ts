/**
 * The relational state: people, agencies, alerts, rules, audit. Embedded: `node:sqlite`; cluster: PostgreSQL. One set of
 * migrations, the same tests on both. SQL only through Kysely, in words both understand (README.md).
 *
 * A table whose name a domain lists in `scoped` has a column `agency`; every query a person's request makes goes through
 * `as(scope)`, which adds the agency condition to each select, update and delete of those tables by itself and refuses an
 * insert outside the scope. `system()` is for services that act for nobody (alerter, retention).
 */
import type { Kysely, Transaction } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Scope } from '../identity/scope.ts';

/** What a domain brings to the state: its migrations (names sort in the order they run) and which of its tables are scoped. */
export interface StateModule {
  readonly name: string;
  readonly migrations: Readonly<Record<string, Migration>>;
  readonly scoped: readonly string[];
}

/** `Tables` is what the caller's domain declares in its `schema.ts`; the database holds the union of all domains. */
export interface State {
  system<Tables>(): Kysely<Tables>;
  as<Tables>(scope: Scope): Kysely<Tables>;
  /**
   * One serialised, durable transaction. Concurrent callers, on other nodes too, wait their turn; readers wait for nobody. The body
   * must not await anything but the database. Rejects with STATE_BUSY, STATE_UNAVAILABLE: nothing was stored; with STATE_UNCERTAIN:
   * the connection was lost during the commit, and whether it was stored must be read.
   */
  transaction<Tables, Result>(scope: Scope | 'system', body: (trx: Transaction<Tables>) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}
