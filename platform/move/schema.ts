/** What was moved into this state from an embedded node: a cluster knows where it comes from, and whether all of it is there. */
import type { Kysely } from 'kysely';
import type { State, StateModule } from '../state/contract.ts';
import { moveError } from './errors.ts';

export interface MoveRow {
  /** Of the move; the data directory of the node has it too. */
  id: string;
  /** Where the node was, for people. */
  source: string;
  /** `copying`: the node still runs. `ending`: it has stopped, and `plan` says from where its log is carried over. */
  stage: 'copying' | 'ending' | 'done';
  plan: string | null;
  /** Milliseconds since the epoch. */
  begun_at: number;
  done_at: number | null;
  /** What was moved and compared, JSON. */
  report: string | null;
}

export interface MoveTables {
  moves: MoveRow;
}

export const moveModule: StateModule = {
  name: 'move',
  scoped: [],
  migrations: {
    '2026-11-22-move-01': {
      async up(db: Kysely<MoveTables>): Promise<void> {
        await db.schema
          .createTable('moves')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('source', 'text', (column) => column.notNull())
          .addColumn('stage', 'text', (column) => column.notNull())
          .addColumn('plan', 'text')
          .addColumn('begun_at', 'bigint', (column) => column.notNull())
          .addColumn('done_at', 'bigint')
          .addColumn('report', 'text')
          .execute();
      },
    },
  },
};

/** For every process of a cluster, before it writes. @throws MOVE_UNFINISHED */
export async function refuseUnfinished(state: State): Promise<void> {
  const row = await state.system<MoveTables>().selectFrom('moves').select('source').where('stage', '!=', 'done').executeTakeFirst();
  if (row !== undefined) throw moveError('MOVE_UNFINISHED', { source: row.source });
}
