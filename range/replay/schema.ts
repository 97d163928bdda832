/** Replays and uploaded recordings. Times in milliseconds since the epoch. Both belong to an agency and are scoped. */
import type { Kysely } from 'kysely';
import type { ChangeTables } from '@vong/platform/live';
import type { StateModule } from '@vong/platform/state';
import type { RecordingView, ReplayView } from '../contracts.ts';

export interface ReplayRow {
  id: string;
  agency: string;
  recording: string;
  speed: number;
  shift_time: number;
  state: ReplayView['state'];
  total: number;
  sent: number;
  started_at: number;
  ended_at: number | null;
  /** Name of the person. */
  started_by: string;
  error: string | null;
  /** Agent enrolled for it; retired when it ends. */
  agent_id: string | null;
  /** When the console that runs it last said so; of use where there are several. */
  alive_at: number;
  /** 1 when somebody at another console wants it to end. */
  stop_asked: number;
}

export interface RecordingRow {
  id: string;
  agency: string;
  name: string;
  kind: RecordingView['kind'];
  bytes: number;
  uploaded_at: number;
  uploaded_by: string;
}

export interface ReplayTables extends ChangeTables {
  replays: ReplayRow;
  recordings: RecordingRow;
}

export const replaysModule: StateModule = {
  name: 'replays',
  scoped: ['replays', 'recordings'],
  migrations: {
    '2026-11-22-replays-01': {
      async up(db: Kysely<unknown>) {
        await db.schema
          .createTable('replays')
          .addColumn('id', 'text', (c) => c.primaryKey())
          .addColumn('agency', 'text', (c) => c.notNull())
          .addColumn('recording', 'text', (c) => c.notNull())
          .addColumn('speed', 'real', (c) => c.notNull())
          .addColumn('shift_time', 'integer', (c) => c.notNull())
          .addColumn('state', 'text', (c) => c.notNull())
          .addColumn('total', 'integer', (c) => c.notNull())
          .addColumn('sent', 'integer', (c) => c.notNull())
          .addColumn('started_at', 'integer', (c) => c.notNull())
          .addColumn('ended_at', 'integer')
          .addColumn('started_by', 'text', (c) => c.notNull())
          .addColumn('error', 'text')
          .addColumn('agent_id', 'text')
          .execute();
        await db.schema.createIndex('replays_started').on('replays').column('started_at').execute();
        await db.schema
          .createTable('recordings')
          .addColumn('id', 'text', (c) => c.primaryKey())
          .addColumn('agency', 'text', (c) => c.notNull())
          .addColumn('name', 'text', (c) => c.notNull())
          .addColumn('kind', 'text', (c) => c.notNull())
          .addColumn('bytes', 'integer', (c) => c.notNull())
          .addColumn('uploaded_at', 'integer', (c) => c.notNull())
          .addColumn('uploaded_by', 'text', (c) => c.notNull())
          .execute();
      },
    },
    '2026-11-22-replays-02': {
      async up(db: Kysely<unknown>) {
        await db.schema
          .alterTable('replays')
          .addColumn('alive_at', 'bigint', (c) => c.notNull().defaultTo(0))
          .execute();
        await db.schema
          .alterTable('replays')
          .addColumn('stop_asked', 'integer', (c) => c.notNull().defaultTo(0))
          .execute();
      },
    },
  },
};

export function replayView(row: ReplayRow): ReplayView {
  const { id, recording, agency, speed, state, total, sent } = row;
  const view: ReplayView = { id, recording, agency, speed, state, total, sent, startedAt: row.started_at, startedBy: row.started_by };
  if (row.ended_at !== null) view.endedAt = row.ended_at;
  if (row.error !== null) view.error = row.error;
  return view;
}
