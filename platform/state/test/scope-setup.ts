/** Alerts and notes of two ministries and a unit of each, for the tests of what a scoped handle shows and refuses. */
import type { ColumnType, Kysely } from 'kysely';
import { afterAll, beforeAll } from 'vitest';
import { ManualClock } from '../../clock/index.ts';
import type { Scope } from '../../identity/scope.ts';
import type { State, StateModule } from '../index.ts';
import { openTestState } from '../testing.ts';

export interface Tables {
  alerts: { id: string; agency: ColumnType<string, string | undefined>; n: number };
  notes: { id: string; agency: string; alert: string };
  plain: { id: string; alert: string };
}
export const AGENCIES = ['bca', 'bca-c06', 'byt', 'byt-k'];

const module: StateModule = {
  name: 'test',
  scoped: ['alerts', 'notes'],
  migrations: {
    'test-01': {
      async up(db: Kysely<Tables>) {
        const text = ['alerts', 'notes', 'plain'] as const;
        for (const name of text) {
          await db.schema
            .createTable(name)
            .addColumn('id', 'text', (column) => column.primaryKey())
            .addColumn('agency', 'text')
            .addColumn('alert', 'text')
            .addColumn('n', 'integer')
            .execute();
        }
      },
    },
  },
};

export const scopeOf = (...codes: string[]): Scope => ({
  actor: { kind: 'user', id: 'u', name: 'u' },
  role: 'analyst',
  agency: codes[0] ?? 'none',
  agencies: new Set(codes),
});

export let state: State;
beforeAll(async () => {
  state = await openTestState({ modules: [module], clock: new ManualClock(0) });
});
afterAll(() => state.close());

export async function fill(): Promise<void> {
  const db = state.system<Tables>();
  for (const table of ['alerts', 'notes', 'plain'] as const) await db.deleteFrom(table).execute();
  for (const [i, agency] of AGENCIES.entries()) {
    await db
      .insertInto('alerts')
      .values([0, 1].map((n) => ({ id: `${agency}/${n}`, agency, n: i * 10 + n })))
      .execute();
    // A note of one agency on the alert of the next: joins must not lead across.
    const alert = `${AGENCIES[(i + 1) % AGENCIES.length]}/0`;
    await db
      .insertInto('notes')
      .values({ id: `note ${agency}`, agency, alert })
      .execute();
    await db
      .insertInto('plain')
      .values({ id: `plain ${agency}`, alert })
      .execute();
  }
}
