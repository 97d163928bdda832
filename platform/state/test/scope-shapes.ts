import { sql, type Kysely } from 'kysely';
import type { Tables } from './scope-setup.ts';

/** Every shape of reading; each yields rows whose `seen` columns name the agencies they came from. */
export const SHAPES: Record<string, (db: Kysely<Tables>) => Promise<{ seen: string | null }[]>> = {
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
