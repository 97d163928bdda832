import type { Kysely } from 'kysely';
import type { StateModule } from '../state/contract.ts';
import type { ChangeTables } from './contract.ts';

/** The table of changes. `sequence` is never used twice, also not after the newest rows were pruned. */
export const liveModule: StateModule = {
  name: 'live',
  migrations: {
    '2026-11-22-live-01': {
      async up(db: Kysely<ChangeTables>): Promise<void> {
        await db.schema
          .createTable('changes')
          .addColumn('sequence', 'integer', (column) => column.primaryKey().autoIncrement())
          .addColumn('kind', 'text', (column) => column.notNull())
          .addColumn('agency', 'text', (column) => column.notNull())
          .addColumn('key', 'text', (column) => column.notNull())
          .addColumn('body', 'text', (column) => column.notNull())
          .addColumn('at', 'bigint', (column) => column.notNull())
          .execute();
        await db.schema.createIndex('changes_agency').on('changes').columns(['agency', 'sequence']).execute();
        await db.schema.createIndex('changes_at').on('changes').column('at').execute();
      },
    },
  },
  scoped: ['changes'],
};
