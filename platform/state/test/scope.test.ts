import { assert, asyncProperty, constantFrom, uniqueArray } from 'fast-check';
import { sql, type ColumnType, type Kysely } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ManualClock } from '../../clock/index.ts';
import { hasCode } from '../../errors/index.ts';
import type { Scope } from '../../identity/scope.ts';
import type { State, StateModule } from '../index.ts';
import { openTestState } from '../testing.ts';

interface Tables {
  alerts: { id: string; agency: ColumnType<string, string | undefined>; n: number };
  notes: { id: string; agency: string; alert: string };
  plain: { id: string; alert: string };
}
const AGENCIES = ['bca', 'bca-c06', 'byt', 'byt-k'];

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

const scopeOf = (...codes: string[]): Scope => ({
  actor: { kind: 'user', id: 'u', name: 'u' },
  role: 'analyst',
  agency: codes[0] ?? 'none',
  agencies: new Set(codes),
});
const everything: Scope = { ...scopeOf('vn'), agencies: 'all' };

let state: State;
beforeAll(async () => {
  state = await openTestState({ modules: [module], clock: new ManualClock(0) });
});
afterAll(() => state.close());

async function fill(): Promise<void> {
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

/** Every shape of reading; each yields rows whose `seen` columns name the agencies they came from. */
const SHAPES: Record<string, (db: Kysely<Tables>) => Promise<{ seen: string | null }[]>> = {
  plain: (db) => db.selectFrom('alerts').select('agency as seen').execute(),
  alias: (db) => db.selectFrom('alerts as a').select('a.agency as seen').execute(),
  'where or': (db) =>
    db
      .selectFrom('alerts')
      .select('agency as seen')
      .where((where) => where.or([where('n', '>', 0), where('n', '<=', 0)]))
      .execute(),
  'raw or': (db) =>
    db
      .selectFrom('alerts')
      .select('agency as seen')
      .where(sql<boolean>`n > 0 or n <= 0`)
      .execute(),
  'inner join': (db) => db.selectFrom('plain').innerJoin('alerts', 'alerts.id', 'plain.alert').select('alerts.agency as seen').execute(),
  'left join': (db) => db.selectFrom('plain').leftJoin('alerts as a', 'a.id', 'plain.alert').select('a.agency as seen').execute(),
  'right join': (db) => db.selectFrom('plain').rightJoin('alerts', 'alerts.id', 'plain.alert').select('alerts.agency as seen').execute(),
  'full join': (db) => db.selectFrom('notes').fullJoin('alerts', 'alerts.id', 'notes.alert').select('alerts.agency as seen').execute(),
  'cross join': (db) => db.selectFrom('plain').crossJoin('alerts').select('alerts.agency as seen').execute(),
  'self join': (db) =>
    db
      .selectFrom('alerts as a')
      .leftJoin('alerts as b', (join) => join.on(sql<boolean>`1 = 1`))
      .select('b.agency as seen')
      .execute(),
  'two tables': (db) => db.selectFrom(['notes', 'alerts']).select('alerts.agency as seen').execute(),
  subquery: (db) =>
    db
      .selectFrom((inner) => inner.selectFrom('alerts').selectAll().as('x'))
      .select('x.agency as seen')
      .execute(),
  'scalar subquery': (db) =>
    db
      .selectFrom('plain')
      .select((select) => select.selectFrom('alerts').select('agency').whereRef('alerts.id', '=', 'plain.alert').as('seen'))
      .execute(),
  exists: (db) =>
    db
      .selectFrom('plain')
      .select((select) =>
        select
          .case()
          .when(select.exists(select.selectFrom('alerts').select('id').where('agency', '=', 'byt')))
          .then('byt')
          .else(null)
          .end()
          .as('seen'),
      )
      .execute(),
  'in subquery': (db) =>
    db
      .selectFrom('plain')
      .select(sql<string>`replace(replace(alert, '/0', ''), '/1', '')`.as('seen'))
      .where('alert', 'in', (inner) => inner.selectFrom('alerts').select('id'))
      .execute(),
  cte: (db) =>
    db
      .with('mine', (inner) => inner.selectFrom('alerts').selectAll())
      .selectFrom('mine')
      .select('agency as seen')
      .execute(),
  union: (db) => db.selectFrom('alerts').select('agency as seen').unionAll(db.selectFrom('notes').select('agency as seen')).execute(),
  aggregate: (db) =>
    db
      .selectFrom('alerts')
      .select((select) => select.fn.max('agency').as('seen'))
      .groupBy('agency')
      .execute(),
  'having without where': (db) =>
    db
      .selectFrom('alerts')
      .select('agency as seen')
      .groupBy('agency')
      .having(sql<boolean>`1 = 1`)
      .execute(),
  'order by subquery': (db) =>
    db
      .selectFrom('alerts')
      .select('agency as seen')
      .orderBy((order) => order.selectFrom('alerts as o').select('o.n').limit(1))
      .execute(),
  stream: async (db) => {
    const rows: { seen: string }[] = [];
    for await (const row of db.selectFrom('alerts').select('agency as seen').stream()) rows.push(row);
    return rows;
  },
  'update returning': (db) => db.updateTable('alerts').set({ n: 1 }).returning('agency as seen').execute(),
  'update raw or': (db) =>
    db
      .updateTable('alerts')
      .set({ n: 1 })
      .where(sql<boolean>`n > 0 or n <= 0`)
      .returning('agency as seen')
      .execute(),
  'update from': (db) =>
    db
      .updateTable('plain')
      .from('alerts')
      .set({ id: sql`${sql.ref('alerts.agency')} || ${sql.ref('plain.id')}` })
      .whereRef('alerts.id', '=', 'plain.alert')
      .returning('plain.alert')
      .execute()
      .then((rows) => rows.map((row) => ({ seen: row.alert.split('/')[0] ?? null }))),
  'delete returning': (db) => db.deleteFrom('alerts').returning('agency as seen').execute(),
  'delete by subquery': (db) =>
    db
      .deleteFrom('plain')
      .where('alert', 'in', (inner) => inner.selectFrom('alerts').select('id'))
      .returning('alert')
      .execute()
      .then((rows) => rows.map((row) => ({ seen: row.alert.split('/')[0] ?? null }))),
};

const sorted = (rows: readonly { seen: string | null }[]): string[] =>
  rows.map((row) => row.seen ?? '').toSorted((a, b) => (a < b ? -1 : 1));

describe('a scoped handle', () => {
  it.each(Object.keys(SHAPES))('shows and touches no row of a sibling agency: %s', async (shape) => {
    const scopes = uniqueArray(constantFrom(...AGENCIES), { minLength: 0, maxLength: 3 });
    await assert(
      asyncProperty(scopes, async (codes) => {
        await fill();
        const seen = await SHAPES[shape]!(state.as<Tables>(scopeOf(...codes)));
        for (const row of seen) if (row.seen !== null) expect(codes).toContain(row.seen);
        const others = await state
          .system<Tables>()
          .selectFrom('alerts')
          .select(['id', 'n'])
          .where('agency', 'not in', ['-', ...codes])
          .execute();
        expect(others).toHaveLength((AGENCIES.length - codes.length) * 2);
        for (const { id, n } of others) expect(n).toBe(AGENCIES.indexOf(id.split('/')[0]!) * 10 + Number(id.split('/')[1]));
      }),
      { numRuns: 12 },
    );
  });

  it.each(Object.keys(SHAPES))('sees what is in its scope as if nothing else were there: %s', async (shape) => {
    const codes = ['bca', 'byt-k'];
    await fill();
    const scoped = await SHAPES[shape]!(state.as<Tables>(scopeOf(...codes)));
    await fill();
    const db = state.system<Tables>();
    for (const table of ['alerts', 'notes'] as const) await db.deleteFrom(table).where('agency', 'not in', codes).execute();
    const alone = await SHAPES[shape]!(db);
    expect(sorted(scoped)).toEqual(sorted(alone));
    expect(alone.length + (shape.startsWith('order') ? 1 : 0)).toBeGreaterThan(0);
  });

  it('with the scope `all` sees everything and writes everywhere', async () => {
    await fill();
    const db = state.as<Tables>(everything);
    expect(await db.selectFrom('alerts').selectAll().execute()).toHaveLength(8);
    await db.insertInto('alerts').values({ id: 'new', agency: 'anywhere', n: 0 }).execute();
    expect(await db.deleteFrom('alerts').executeTakeFirst()).toMatchObject({ numDeletedRows: 9n });
  });

  it('holds thousands of agencies in one parameter', async () => {
    await fill();
    const codes = Array.from({ length: 4000 }, (_, i) => `unit-${i}`);
    const query = state
      .as<Tables>(scopeOf(...codes, 'byt'))
      .selectFrom('alerts')
      .selectAll();
    expect(query.compile().parameters).toHaveLength(1);
    expect(await query.execute()).toHaveLength(2);
  });
});

const mine = () => state.as<Tables>(scopeOf('bca'));
const refused = (code: string) => (error: unknown) => hasCode(error, code);

describe('a scoped handle refuses', () => {
  const row = { id: 'x', n: 0 };

  it.each([
    [
      'an insert for a sibling',
      () =>
        mine()
          .insertInto('alerts')
          .values({ ...row, agency: 'byt' }),
      'STATE_OUT_OF_SCOPE',
    ],
    [
      'an insert of which one row is for a sibling',
      () =>
        mine()
          .insertInto('alerts')
          .values([
            { ...row, agency: 'bca' },
            { ...row, id: 'y', agency: 'byt' },
          ]),
      'STATE_OUT_OF_SCOPE',
    ],
    [
      'an insert with a computed agency',
      () =>
        mine()
          .insertInto('alerts')
          .values({ ...row, agency: sql`'by' || 't'` }),
      'STATE_OUT_OF_SCOPE',
    ],
    [
      'an insert without an agency',
      () =>
        mine()
          .insertInto('alerts')
          .values({ ...row, agency: undefined }),
      'STATE_OUT_OF_SCOPE',
    ],
    [
      'an insert from a select',
      () =>
        mine()
          .insertInto('alerts')
          .columns(['id', 'agency'])
          .expression((inner) => inner.selectFrom('plain').select(['id', 'alert'])),
      'STATE_UNSCOPABLE',
    ],
    [
      'insert or replace',
      () =>
        mine()
          .replaceInto('alerts')
          .values({ ...row, agency: 'bca' }),
      'STATE_UNSCOPABLE',
    ],
    ['moving a row to a sibling', () => mine().updateTable('alerts').set({ agency: 'byt' }), 'STATE_OUT_OF_SCOPE'],
    [
      'moving a row by an upsert',
      () =>
        mine()
          .insertInto('alerts')
          .values({ ...row, agency: 'bca' })
          .onConflict((c) => c.column('id').doUpdateSet({ agency: 'byt' })),
      'STATE_OUT_OF_SCOPE',
    ],
    ['raw SQL', () => sql`select * from alerts`, 'STATE_RAW_SQL'],
    [
      'a raw table',
      () =>
        mine()
          .selectFrom(sql<Tables['alerts']>`alerts`.as('a'))
          .selectAll(),
      'STATE_RAW_SQL',
    ],
    [
      'a raw table by name',
      () =>
        mine()
          .selectFrom(sql<Tables['alerts']>`${sql.table('alerts')}`.as('a'))
          .selectAll(),
      'STATE_RAW_SQL',
    ],
    [
      'a raw membership',
      () =>
        mine()
          .selectFrom('plain')
          .selectAll()
          .where(sql<boolean>`alert in ALERTS`),
      'STATE_RAW_SQL',
    ],
    [
      'a raw subquery',
      () =>
        mine()
          .selectFrom('plain')
          .select(sql<string>`(select 1)`.as('x')),
      'STATE_RAW_SQL',
    ],
    [
      'a CTE that hides a table',
      () =>
        mine()
          .with('alerts', (db) => db.selectFrom('plain').selectAll())
          .selectFrom('alerts')
          .selectAll(),
      'STATE_UNSCOPABLE',
    ],
  ])('%s', async (_, query, code) => {
    await fill();
    const built = query();
    const run = 'toOperationNode' in built && 'compile' in built && 'isRawBuilder' in built ? built.execute(mine()) : built.execute();
    await expect(Promise.resolve(run)).rejects.toSatisfy(refused(code));
    expect(await state.system<Tables>().selectFrom('alerts').selectAll().execute()).toHaveLength(8);
  });

  it('changing a sibling’s row through a conflict', async () => {
    await fill();
    const upsert = { id: 'byt/0', agency: 'bca', n: 99 };
    await mine()
      .insertInto('alerts')
      .values(upsert)
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ n: 99 }))
      .execute();
    const kept = await state.system<Tables>().selectFrom('alerts').selectAll().where('id', '=', 'byt/0').executeTakeFirst();
    expect(kept).toMatchObject({ agency: 'byt', n: 20 });
  });

  it('compiled raw SQL, which no plugin sees', async () => {
    const { CompiledQuery } = await import('kysely');
    await expect(mine().executeQuery(CompiledQuery.raw('select * from alerts'))).rejects.toSatisfy(refused('STATE_RAW_SQL'));
  });

  it('changing the schema', async () => {
    await expect(mine().schema.dropTable('alerts').execute()).rejects.toSatisfy(refused('STATE_UNSCOPABLE'));
  });

  it('the same inside its transactions', async () => {
    await fill();
    const seen = await state.transaction<Tables, unknown[]>(scopeOf('bca'), (trx) => trx.selectFrom('alerts').selectAll().execute());
    expect(seen).toHaveLength(2);
    const write = state.transaction<Tables, unknown>(scopeOf('bca'), (trx) =>
      trx
        .insertInto('alerts')
        .values({ ...row, agency: 'byt' })
        .execute(),
    );
    await expect(write).rejects.toSatisfy(refused('STATE_OUT_OF_SCOPE'));
  });
});
