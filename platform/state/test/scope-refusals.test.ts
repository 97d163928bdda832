import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { hasCode } from '../../errors/index.ts';
import { fill, scopeOf, state, type Tables } from './scope-setup.ts';

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
