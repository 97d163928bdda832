import type { Kysely } from 'kysely';
import type { StateModule } from '../state/contract.ts';

export interface JobRow {
  id: string;
  kind: string;
  /** Unique per kind while the job waits or runs; null for jobs without one and for dead ones. */
  key: string | null;
  payload: string;
  state: 'waiting' | 'running' | 'dead';
  /** While running: when the lease ends and another worker may take the job. */
  run_at: number;
  every_ms: number | null;
  attempts: number;
  max_attempts: number;
  /** Proves that who ends the job is who holds it. */
  claim: string | null;
  error: string | null;
  updated_at: number;
}

export interface JobTables {
  jobs: JobRow;
}

export const jobsModule: StateModule = {
  name: 'jobs',
  scoped: [],
  migrations: {
    '2026-11-22-jobs-01': {
      async up(db: Kysely<JobTables>) {
        await db.schema
          .createTable('jobs')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('kind', 'text', (column) => column.notNull())
          .addColumn('key', 'text')
          .addColumn('payload', 'text', (column) => column.notNull())
          .addColumn('state', 'text', (column) => column.notNull())
          .addColumn('run_at', 'bigint', (column) => column.notNull())
          .addColumn('every_ms', 'bigint')
          .addColumn('attempts', 'integer', (column) => column.notNull())
          .addColumn('max_attempts', 'integer', (column) => column.notNull())
          .addColumn('claim', 'text')
          .addColumn('error', 'text')
          .addColumn('updated_at', 'bigint', (column) => column.notNull())
          .execute();
        await db.schema.createIndex('jobs_key').on('jobs').columns(['kind', 'key']).unique().execute();
        await db.schema.createIndex('jobs_due').on('jobs').columns(['state', 'run_at']).execute();
      },
    },
  },
};
