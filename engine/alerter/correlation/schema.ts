/** Tables of correlations: the state of the correlator, the signals its matches link, and what alerts show of them. */
import type { Kysely } from 'kysely';

export interface CorrelationTables {
  /**
   * Parts of the correlator's state; see `CorrelationPart` of the Sigma engine. `partition` is the one of `signals` they were
   * counted from: who reads it goes on with them.
   */
  correlation_state: { correlation: string; grp: string; part: number; state: string; partition: number };
  /** Signals that may still become part of a match, as JSON. */
  correlation_signals: { id: string; signal: string; keep_until: number };
  /** Signals of each match, those of the matches below it included. */
  correlation_links: { match_id: string; signal_id: string; keep_until: number };
  /** Why an alert was raised: `AlertCorrelation` as JSON. */
  alert_correlations: { alert_id: string; agency: string; body: string };
}

export async function createCorrelations(db: Kysely<CorrelationTables>): Promise<void> {
  await db.schema
    .createTable('correlation_state')
    .addColumn('correlation', 'text', (column) => column.notNull())
    .addColumn('grp', 'text', (column) => column.notNull())
    .addColumn('part', 'integer', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('correlation_state_pk', ['correlation', 'grp', 'part'])
    .execute();
  await db.schema
    .createTable('correlation_signals')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('signal', 'text', (column) => column.notNull())
    .addColumn('keep_until', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('correlation_signals_keep').on('correlation_signals').column('keep_until').execute();
  await db.schema
    .createTable('correlation_links')
    .addColumn('match_id', 'text', (column) => column.notNull())
    .addColumn('signal_id', 'text', (column) => column.notNull())
    .addColumn('keep_until', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('correlation_links_pk', ['match_id', 'signal_id'])
    .execute();
  await db.schema.createIndex('correlation_links_keep').on('correlation_links').column('keep_until').execute();
  await db.schema
    .createTable('alert_correlations')
    .addColumn('alert_id', 'text', (column) => column.primaryKey().references('alerts.id'))
    .addColumn('agency', 'text', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .execute();
}

/** Rows of before belong to no partition: whoever comes first goes on with them. */
export const NO_PARTITION = -1;

export async function addPartition(db: Kysely<CorrelationTables>): Promise<void> {
  await db.schema
    .alterTable('correlation_state')
    .addColumn('partition', 'integer', (column) => column.notNull().defaultTo(NO_PARTITION))
    .execute();
}
