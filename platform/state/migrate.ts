import type { Kysely, Transaction } from 'kysely';
import type { Clock } from '../clock/index.ts';
import type { StateModule } from './contract.ts';
import { stateError } from './errors.ts';

// A type, not an interface: Kysely asks for an index signature.
type MigrationTables = {
  migrations: { name: string; module: string; applied_at: number };
};

/**
 * Runs what has not run yet, in name order over all modules, each in a transaction that also records it. Transactions run one after
 * the other, also those of other nodes: nodes that start together run each migration once.
 */
export async function migrate(db: Kysely<unknown>, modules: readonly StateModule[], clock: Clock): Promise<void> {
  const tables = db.withTables<MigrationTables>();
  const pending = inOrder(modules);
  const applied = await tables.transaction().execute(appliedIn);
  for (const { name, module, migration } of pending) {
    if (applied.has(name)) continue;
    try {
      await tables.transaction().execute(async (trx) => {
        if (await trx.selectFrom('migrations').select('name').where('name', '=', name).executeTakeFirst()) return;
        await migration.up(trx);
        await trx.insertInto('migrations').values({ name, module, applied_at: clock.now() }).execute();
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw stateError('STATE_MIGRATION_FAILED', { name, module, reason }, error);
    }
  }
}

async function appliedIn(trx: Transaction<MigrationTables>): Promise<ReadonlySet<string>> {
  await trx.schema
    .createTable('migrations')
    .ifNotExists()
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('module', 'text', (column) => column.notNull())
    .addColumn('applied_at', 'integer', (column) => column.notNull())
    .execute();
  return new Set((await trx.selectFrom('migrations').select('name').execute()).map((row) => row.name));
}

function inOrder(modules: readonly StateModule[]) {
  const all = modules.flatMap((module) =>
    Object.entries(module.migrations).map(([name, migration]) => ({ name, migration, module: module.name })),
  );
  all.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const [index, { name, module }] of all.entries()) {
    const next = all[index + 1];
    if (next?.name === name) throw stateError('STATE_MIGRATION_DUPLICATE', { name, first: module, second: next.module });
  }
  return all;
}
