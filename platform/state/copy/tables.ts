/** Tables of an open state by name, for what is moved whole: no domain's words, no scope. */
import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { State } from '../contract.ts';
import type { Row, Value } from './checksum.ts';
import type { Key, TableShape } from './file.ts';

type Tables = Record<string, Record<string, Value>>;

/** Bind messages count parameters in 16 bits. */
const MOST_PARAMETERS = 30_000;

export class StateTables {
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  /** Rows in the order of the key, after the one and up to the other; at most `limit`. */
  async page(table: TableShape, range: { readonly after?: Key | undefined; readonly upTo?: Key | undefined; readonly limit?: number }) {
    let select = this.#db()
      .selectFrom(table.name)
      .select([...table.columns]);
    if (range.after !== undefined) select = select.where(compared(table, '>', range.after));
    if (range.upTo !== undefined) select = select.where(compared(table, '<=', range.upTo));
    if (range.limit !== undefined) select = select.limit(range.limit);
    for (const column of table.key) select = select.orderBy(column);
    return await select.execute();
  }

  async count(table: string): Promise<number> {
    const { count } = await this.#db()
      .selectFrom(table)
      .select(sql<number>`count(*)`.as('count'))
      .executeTakeFirstOrThrow();
    return count;
  }

  /** All rows of a table without a key: the few there are. */
  async whole(table: TableShape): Promise<Row[]> {
    return await this.#db()
      .selectFrom(table.name)
      .select([...table.columns])
      .execute();
  }

  /** Inserts the rows; those whose key is there take the new values. */
  async put(table: TableShape, rows: readonly Row[]): Promise<void> {
    if (rows.length === 0) return;
    const others = table.columns.filter((column) => !table.key.includes(column));
    await this.#change(async (db) => {
      for (const some of slices(rows, table.columns.length)) {
        const insert = db.insertInto(table.name).values(some);
        const replaced = insert.onConflict((conflict) => {
          const same = conflict.columns([...table.key]);
          if (others.length === 0) return same.doNothing();
          return same.doUpdateSet(Object.fromEntries(others.map((column) => [column, sql`excluded.${sql.ref(column)}`])));
        });
        await (table.key.length === 0 ? insert : replaced).execute();
      }
    });
  }

  async remove(table: TableShape, keys: readonly Key[]): Promise<void> {
    if (keys.length === 0) return;
    await this.#change(async (db) => {
      for (const some of slices(keys, table.key.length)) {
        const list = sql.join(some.map((key) => sql`(${sql.join(key)})`));
        await db
          .deleteFrom(table.name)
          .where(sql<boolean>`${tuple(table)} in (${list})`)
          .execute();
      }
    });
  }

  /** Everything of the table in place of what is there, at once. */
  async replace(table: TableShape, pages: Iterable<readonly Row[]>): Promise<void> {
    await this.#change(async (db) => {
      await db.deleteFrom(table.name).execute();
      for (const rows of pages)
        for (const some of slices(rows, table.columns.length)) await db.insertInto(table.name).values(some).execute();
    });
  }

  /** The next number the table gives is above `last` (PostgreSQL). */
  async numberFrom(table: string, { column, last }: { readonly column: string; readonly last: number }): Promise<void> {
    await this.#change(async (db) => {
      const sequence = sql`pg_get_serial_sequence(${table}, ${column})`;
      await sql`select setval(${sequence}, ${sql.lit(Math.max(1, last))}, ${sql.lit(last > 0)})`.execute(db);
    });
  }

  #db(): Kysely<Tables> {
    return this.#state.system<Tables>();
  }

  async #change(body: (db: Kysely<Tables>) => Promise<void>): Promise<void> {
    await this.#state.transaction<Tables, void>('system', body);
  }
}

function tuple({ key }: TableShape): RawBuilder<unknown> {
  return sql`(${sql.join(key.map((column) => sql.ref(column)))})`;
}

function compared(table: TableShape, operator: '>' | '<=', key: Key): RawBuilder<boolean> {
  return sql<boolean>`${tuple(table)} ${sql.raw(operator)} (${sql.join(key)})`;
}

function* slices<Item>(items: readonly Item[], each: number): Generator<readonly Item[]> {
  const size = Math.max(1, Math.floor(MOST_PARAMETERS / Math.max(1, each)));
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}
