/** States on a real PostgreSQL, several on one database as on several nodes. */
import type { Generated, Kysely } from 'kysely';
import { ManualClock } from '../../clock/index.ts';
import type { State, StateModule } from '../index.ts';
import { openPostgres } from '../postgres/open.ts';
import { TIMES, type Times } from '../postgres/pools.ts';
import { createDatabase } from '../testing.ts';

export interface Tables {
  things: { id: string; n: number };
  halves: { id: string; side: string };
  numbered: { sequence: Generated<number>; who: string };
}

export const module: StateModule = {
  name: 'test',
  scoped: [],
  migrations: {
    'test-01': {
      async up(db: Kysely<Tables>) {
        await db.schema
          .createTable('things')
          .addColumn('id', 'text', (c) => c.primaryKey())
          .addColumn('n', 'integer')
          .execute();
        await db.schema
          .createTable('halves')
          .addColumn('id', 'text', (c) => c.notNull())
          .addColumn('side', 'text', (c) => c.notNull())
          .execute();
        await db.schema
          .createTable('numbered')
          .addColumn('sequence', 'integer', (c) => c.primaryKey().autoIncrement())
          .addColumn('who', 'text')
          .execute();
      },
    },
  },
};

const clock = new ManualClock(0);
let databases = 0;

export async function freshDatabase(server: { readonly url: string }): Promise<string> {
  return await createDatabase(server.url, `nodes_${++databases}`);
}

export async function openNode(url: string, times: Partial<Times> = {}, modules = [module]): Promise<State> {
  return await openPostgres({ postgres: { url, poolSize: 3 }, modules, clock }, { ...TIMES, ...times });
}
