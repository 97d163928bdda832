/** The same questions to SQLite and to PostgreSQL with a collation of its own: the answers are equal. */
import { array, assert, asyncProperty, constantFrom, string } from 'fast-check';
import { sql, type Kysely } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres, type PostgresServer } from '../../../deploy/testbed/postgres.ts';
import { available } from '../../../deploy/testbed/servers.ts';
import { ManualClock } from '../../clock/index.ts';
import { openState, type State, type StateModule } from '../index.ts';
import { createDatabase } from '../testing.ts';
import { openNode } from './postgres-setup.ts';

interface Tables {
  rows: { id: string; number: number | null; part: number | null; bytes: Uint8Array | null };
}

const module: StateModule = {
  name: 'rows',
  scoped: [],
  migrations: {
    'rows-01': {
      async up(db: Kysely<Tables>) {
        await db.schema
          .createTable('rows')
          .addColumn('id', 'text', (c) => c.primaryKey())
          .addColumn('number', 'integer')
          .addColumn('part', 'real')
          .addColumn('bytes', 'blob')
          .execute();
      },
    },
  },
};

const found = await available('postgres');
const why = found.ok ? '' : ` (needs PostgreSQL: ${found.why})`;
let server: PostgresServer;
let states: State[];

async function both<Answer>(ask: (db: Kysely<Tables>) => Promise<Answer>): Promise<Answer> {
  const [sqlite, postgres] = await Promise.all(states.map((state) => ask(state.system<Tables>())));
  expect(postgres).toEqual(sqlite);
  return postgres!;
}

async function holding(...rows: readonly Partial<Tables['rows']>[]): Promise<void> {
  const whole = rows.map((row, i) => ({ id: `${i}`, number: null, part: null, bytes: null, ...row }));
  for (const state of states) {
    await state.system<Tables>().deleteFrom('rows').execute();
    if (whole.length > 0) await state.system<Tables>().insertInto('rows').values(whole).execute();
  }
}

describe.skipIf(!found.ok)(`PostgreSQL answers as SQLite does${why}`, () => {
  beforeAll(async () => {
    server = await startPostgres({ durable: false });
    const url = await createDatabase(server.url, `vietnamese`, `locale_provider icu icu_locale 'vi-VN'`);
    states = [await openState({ path: ':memory:', modules: [module], clock: new ManualClock(0) }), await openNode(url, {}, [module])];
  });
  afterAll(async () => {
    await Promise.all(states.map((state) => state.close()));
    await server.stop();
  });

  it('with numbers, texts and bytes as they were stored', async () => {
    await holding(
      { id: 'größte', number: Number.MAX_SAFE_INTEGER, part: 0.1 },
      { id: 'kleinste', number: Number.MIN_SAFE_INTEGER, part: -1e300 },
      { id: 'năm chữ 🐢', number: 0, bytes: Uint8Array.of(0, 1, 92, 255) },
      { id: '', bytes: new Uint8Array() },
    );
    const rows = await both((db) => db.selectFrom('rows').selectAll().orderBy('id').execute());
    expect(rows.map(({ number }) => number)).toEqual([null, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 0]);
    expect(rows[0]?.bytes).toEqual(new Uint8Array());
  });

  it('with numbers for counts, sums and truth', async () => {
    await holding({ number: 7 }, { number: 8 }, {});
    const answer = await both((db) =>
      db
        .selectFrom('rows')
        .select((each) => [each.fn.countAll<number>().as('all'), each.fn.count<number>('number').as('some')])
        .select((each) => [each.fn.sum<number>('number').as('sum'), each.fn.max('number').as('max'), each.fn.min('id').as('first')])
        .select([
          sql<number>`max(number) / 3`.as('third'),
          sql<number>`max(number) > 7`.as('true'),
          sql<number>`max(number) > 8`.as('false'),
        ])
        .execute(),
    );
    expect(answer).toEqual([{ all: 3, some: 2, sum: 15, max: 8, first: '0', third: 2, true: 1, false: 0 }]);
  });

  it('in the order of the bytes of a text, and beyond any place in it', async () => {
    const text = string({ unit: 'binary', maxLength: 6 }).map((each) => each.replaceAll('\0', ''));
    const letters = array(constantFrom('a', 'B', 'á', 'ạ', 'đ', 'z', ' ', '-', '_', '🐢', '\uffee'), { maxLength: 4 }).map((all) =>
      all.join(''),
    );
    await assert(
      asyncProperty(array(text, { maxLength: 8 }), array(letters, { minLength: 1, maxLength: 12 }), async (some, more) => {
        const ids = [...new Set([...some, ...more])];
        await holding(...ids.map((id) => ({ id })));
        await both((db) => db.selectFrom('rows').select('id').orderBy('id', 'desc').execute());
        await both((db) => db.selectFrom('rows').select('id').where('id', '>', more[0]!).orderBy('id').execute());
      }),
      { numRuns: 40 },
    );
  });

  it('to `like`: the case of ASCII letters alone is no difference, and only % and _ mean something', async () => {
    await holding(
      { id: 'Alert' },
      { id: 'ALERT' },
      { id: 'Đồng' },
      { id: 'đồng' },
      { id: String.raw`a\lert` },
      { id: '100%' },
      { id: 'a_b' },
    );
    for (const pattern of ['al%', 'đ%', String.raw`a\l%`, String.raw`100\%`, '100%', 'a_b', '%']) {
      await both((db) => db.selectFrom('rows').select('id').where('id', 'like', pattern).orderBy('id').execute());
      await both((db) => db.selectFrom('rows').select('id').where('id', 'not like', pattern).orderBy('id').execute());
    }
    const folded = await both((db) => db.selectFrom('rows').select('id').where('id', 'like', 'al%').orderBy('id').execute());
    expect(folded).toEqual([{ id: 'ALERT' }, { id: 'Alert' }]);
  });

  it('to lists of none, to pairs, and to what a conflict does', async () => {
    await holding({ id: 'a', number: 1 }, { id: 'b', number: 1 }, { id: 'c', number: 2 });
    expect(await both((db) => db.selectFrom('rows').select('id').where('id', 'in', []).execute())).toEqual([]);
    expect(await both((db) => db.selectFrom('rows').select('id').where('id', 'not in', []).orderBy('id').execute())).toHaveLength(3);
    const beyond = (db: Kysely<Tables>) =>
      db
        .selectFrom('rows')
        .select('id')
        .where((where) => where(where.refTuple('number', 'id'), '>', where.tuple(1, 'a')))
        .orderBy('id')
        .execute();
    expect(await both(beyond)).toEqual([{ id: 'b' }, { id: 'c' }]);
    const upsert = (db: Kysely<Tables>) =>
      db
        .insertInto('rows')
        .values({ id: 'a', number: 5, part: null, bytes: null })
        .onConflict((conflict) =>
          conflict.column('id').doUpdateSet((row) => ({ number: row('rows.number', '+', row.ref('excluded.number')) })),
        )
        .executeTakeFirst();
    expect((await both(async (db) => ({ changed: (await upsert(db)).numInsertedOrUpdatedRows }))).changed).toBe(1n);
    const ignored = (db: Kysely<Tables>) =>
      db
        .insertInto('rows')
        .values({ id: 'a', number: 9, part: null, bytes: null })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .executeTakeFirst();
    expect((await both(async (db) => ({ changed: (await ignored(db)).numInsertedOrUpdatedRows }))).changed).toBe(0n);
    expect(await both((db) => db.selectFrom('rows').select('number').where('id', '=', 'a').execute())).toEqual([{ number: 6 }]);
  });

  it('except for NUL in a text, which PostgreSQL cannot hold: U+FFFD stands for it, also in questions', async () => {
    const db = states[1]!.system<Tables>();
    await db.deleteFrom('rows').execute();
    await db.insertInto('rows').values({ id: 'a\0b', number: null, part: null, bytes: null }).execute();
    expect(await db.selectFrom('rows').select('id').where('id', '=', 'a\0b').execute()).toEqual([{ id: 'a\ufffdb' }]);
  });
});
