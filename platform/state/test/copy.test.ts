import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Generated, Kysely } from 'kysely';
import { afterEach, expect, it } from 'vitest';
import { systemClock as clock } from '../../clock/index.ts';
import { compareTable, copyTables, openState, openStateFile, StateTables, type State, type StateModule } from '../index.ts';
import { openTestState } from '../testing.ts';

interface Tables {
  parents: { id: string; name: string; size: number | null };
  children: { parent: string; part: number; body: Uint8Array; share: number };
  numbered: { sequence: Generated<number>; text: string };
  keyless: { file: string; line: number | null };
}

/** Names that sort so that children come before what they refer to. */
const module: StateModule = {
  name: 'copied',
  scoped: [],
  migrations: {
    '2026-01-01-copied': {
      async up(db: Kysely<Tables>) {
        await db.schema
          .createTable('parents')
          .addColumn('id', 'text', (c) => c.primaryKey())
          .addColumn('name', 'text', (c) => c.notNull().unique())
          .addColumn('size', 'bigint')
          .execute();
        await db.schema
          .createTable('children')
          .addColumn('parent', 'text', (c) => c.notNull().references('parents.id'))
          .addColumn('part', 'integer', (c) => c.notNull())
          .addColumn('body', 'blob', (c) => c.notNull())
          .addColumn('share', 'real', (c) => c.notNull())
          .addPrimaryKeyConstraint('children_pk', ['parent', 'part'])
          .execute();
        await db.schema
          .createTable('numbered')
          .addColumn('sequence', 'integer', (c) => c.primaryKey().autoIncrement())
          .addColumn('text', 'text', (c) => c.notNull())
          .execute();
        await db.schema
          .createTable('keyless')
          .addColumn('file', 'text', (c) => c.notNull())
          .addColumn('line', 'integer')
          .execute();
      },
    },
  },
};

const made: { state: State; folder?: string }[] = [];
afterEach(async () => {
  for (const { state, folder } of made.splice(0)) {
    await state.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
});

async function both() {
  const folder = mkdtempSync(join(tmpdir(), 'vong-copy-'));
  const path = join(folder, 'state.db');
  const node = await openState({ path, modules: [module], clock });
  const cluster = await openTestState({ modules: [module] });
  made.push({ state: node, folder }, { state: cluster });
  const to = new StateTables(cluster);
  const with_ = async <Result>(body: (from: ReturnType<typeof openStateFile>) => Promise<Result>): Promise<Result> => {
    const from = openStateFile(path);
    return await body(from).finally(() => from.close());
  };
  const moved = (from: ReturnType<typeof openStateFile>) => from.tables.filter(({ name }) => name !== 'migrations');
  return {
    db: node.system<Tables>(),
    cluster: cluster.system<Tables>(),
    copy: async () => await with_(async (from) => await copyTables(moved(from), { from, to, changeOf: () => undefined })),
    unequal: async () =>
      await with_(async (from) => {
        const compared = [];
        for (const table of moved(from)) compared.push(await compareTable({ from, to, table }));
        return compared.filter(({ equal }) => !equal).map(({ table }) => table);
      }),
  };
}

async function fill(db: Kysely<Tables>, count: number): Promise<void> {
  const ids = Array.from({ length: count }, (_, n) => `id ${n} ${n % 3 === 0 ? 'đ' : '\u{1F600}'}`);
  for (let from = 0; from < count; from += 500) {
    const some = ids.slice(from, from + 500);
    await db
      .insertInto('parents')
      .values(some.map((id, n) => ({ id, name: `${id}\0`, size: n % 2 === 0 ? null : Number.MAX_SAFE_INTEGER })))
      .execute();
    await db
      .insertInto('children')
      .values(
        some.flatMap((parent, n) => [0, 10, 2].map((part) => ({ parent, part, body: Buffer.from([n % 256, part]), share: 0.1 * part }))),
      )
      .execute();
  }
  await db
    .insertInto('numbered')
    .values(Array.from({ length: 50 }, (_, n) => ({ text: `row ${n}` })))
    .execute();
  await db
    .insertInto('keyless')
    .values([
      { file: 'a', line: 1 },
      { file: 'a', line: 1 },
      { file: 'b', line: null },
    ])
    .execute();
}

it('copies every kind of value, and writes nothing the second time', async () => {
  const { db, cluster, copy, unequal } = await both();
  await fill(db, 2500);
  expect(await unequal()).toHaveLength(4);
  expect(await copy()).toEqual({ written: 2500 + 7500 + 50 + 3, removed: 0 });
  expect(await unequal()).toEqual([]);
  expect(await copy()).toEqual({ written: 0, removed: 0 });
  const row = await cluster.selectFrom('children').selectAll().where('parent', '=', 'id 9 đ').where('part', '=', 10).executeTakeFirst();
  expect(row).toEqual({ parent: 'id 9 đ', part: 10, body: new Uint8Array([9, 10]), share: 1 });
});

it('brings over what was changed, added and removed since, whatever refers to whatever', async () => {
  const { db, copy, unequal } = await both();
  await fill(db, 1500);
  await copy();
  await db.deleteFrom('children').where('parent', 'like', 'id 14%').execute();
  await db.deleteFrom('parents').where('id', 'like', 'id 14%').execute();
  await db.insertInto('parents').values({ id: 'new', name: 'new', size: 1 }).execute();
  await db
    .insertInto('children')
    .values({ parent: 'new', part: 1, body: Buffer.alloc(0), share: -0.5 })
    .execute();
  await db.updateTable('parents').set({ size: 7 }).where('id', 'like', 'id 2%').execute();
  await db.deleteFrom('keyless').where('file', '=', 'b').execute();
  expect(await unequal()).toEqual(['keyless', 'parents', 'children']);
  await copy();
  expect(await unequal()).toEqual([]);
});

it('copies rows that have exchanged what only one may have', async () => {
  const { db, copy, unequal } = await both();
  await db
    .insertInto('parents')
    .values([1, 2].map((n) => ({ id: `p${n}`, name: `n${n}`, size: n })))
    .execute();
  await copy();
  await db.updateTable('parents').set({ name: 'between' }).where('id', '=', 'p1').execute();
  await db.updateTable('parents').set({ name: 'n1' }).where('id', '=', 'p2').execute();
  await db.updateTable('parents').set({ name: 'n2' }).where('id', '=', 'p1').execute();
  await copy();
  expect(await unequal()).toEqual([]);
});

it('finds one changed, one missing and one doubled row', async () => {
  const { db, cluster, copy, unequal } = await both();
  await fill(db, 20);
  await copy();
  await cluster.updateTable('parents').set({ size: 8 }).where('id', '=', 'id 3 đ').execute();
  await cluster.deleteFrom('numbered').where('sequence', '=', 17).execute();
  await cluster.insertInto('keyless').values({ file: 'b', line: null }).execute();
  expect((await unequal()).toSorted()).toEqual(['keyless', 'numbered', 'parents']);
});

it('reads one moment of a file that a node goes on writing to', async () => {
  const { db, copy, unequal } = await both();
  await fill(db, 1500);
  const stop = new AbortController();
  const writing = (async () => {
    for (let n = 0; !stop.signal.aborted; n++) {
      const parent = `live ${n}`;
      await db.insertInto('parents').values({ id: parent, name: parent, size: n }).execute();
      await db
        .insertInto('children')
        .values({ parent, part: 0, body: Buffer.alloc(8), share: 1 })
        .execute();
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  await copy();
  await copy();
  stop.abort();
  await writing;
  await copy();
  expect(await unequal()).toEqual([]);
});
