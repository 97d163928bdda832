/** Table of saved searches; times in milliseconds since the epoch. */
import type { Kysely } from 'kysely';
import type { StateModule } from '../state/contract.ts';

export interface SavedSearchTables {
  saved_searches: {
    id: string;
    agency: string;
    name: string;
    query: string;
    /** JSON list of field names. */
    columns: string;
    owner_id: string;
    owner_name: string;
    created_at: number;
  };
}

async function createSavedSearches(db: Kysely<SavedSearchTables>): Promise<void> {
  const text = ['agency', 'name', 'query', 'columns', 'owner_id', 'owner_name'] as const;
  let table = db.schema.createTable('saved_searches').addColumn('id', 'text', (column) => column.primaryKey());
  for (const name of text) table = table.addColumn(name, 'text', (column) => column.notNull());
  await table.addColumn('created_at', 'bigint', (column) => column.notNull()).execute();
  await db.schema.createIndex('saved_searches_agency').on('saved_searches').columns(['agency', 'name']).execute();
}

export const eventsModule: StateModule = {
  name: 'events',
  migrations: { '2026-11-22-events-01': { up: createSavedSearches } },
  scoped: ['saved_searches'],
};
