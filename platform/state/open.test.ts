import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { afterAll, describe, expect, it } from 'vitest';
import { ManualClock } from '../clock/index.ts';
import { hasCode } from '../errors/index.ts';
import type { StateModule } from './index.ts';
import { openTestState } from './testing.ts';

interface Tables {
  things: { id: string; n: number };
  parts: { id: string; thing: string };
}

const folder = mkdtempSync(join(tmpdir(), 'vong-state-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const clock = new ManualClock(1000);
const ran: string[] = [];

const things: StateModule = {
  name: 'things',
  scoped: [],
  migrations: {
    '2026-01-02-things': {
      async up(db: Kysely<Tables>) {
        ran.push('things');
        await db.schema
          .createTable('things')
          .addColumn('id', 'text', (c) => c.primaryKey())
          .addColumn('n', 'integer')
          .execute();
      },
    },
  },
};
const parts: StateModule = {
  name: 'parts',
  scoped: [],
  migrations: {
    '2026-01-03-parts': {
      async up(db: Kysely<Tables>) {
        ran.push('parts');
        await db.schema
          .createTable('parts')
          .addColumn('id', 'text', (c) => c.primaryKey())
          .addColumn('thing', 'text', (c) => c.references('things.id'))
          .execute();
      },
    },
  },
};
const open = (modules: readonly StateModule[] = [parts, things], path = join(folder, `${files++}.db`)) =>
  openTestState({ path, modules, clock });

describe('migrations', () => {
  it('run once, in name order over all modules', async () => {
    ran.length = 0;
    const path = join(folder, 'once.db');
    await (await open([parts, things], path)).close();
    await (await open([parts, things], path)).close();
    expect(ran).toEqual(['things', 'parts']);
  });

  it('leave nothing behind when one fails, and go on from there when it is mended', async () => {
    const path = join(folder, 'fails.db');
    const broken: StateModule = {
      name: 'broken',
      scoped: [],
      migrations: {
        '2026-02-01': {
          async up(db: Kysely<unknown>) {
            await db.schema.createTable('half').addColumn('id', 'text').execute();
            await db.schema.createTable('things').addColumn('id', 'text').execute();
          },
        },
      },
    };
    await expect(open([things, broken], path)).rejects.toThrow(
      /Migration 2026-02-01 of broken failed: (table|relation) "things" already exists/,
    );
    const state = await open([things, parts], path);
    const names = await state.system().introspection.getTables();
    expect(names.map((row) => row.name)).toContain('parts');
    expect(names.map((row) => row.name)).not.toContain('half');
    await state.close();
  });

  it('of the same name in two modules are refused', async () => {
    const twin = { ...things, name: 'twin' };
    await expect(open([things, twin])).rejects.toSatisfy((error) => hasCode(error, 'STATE_MIGRATION_DUPLICATE'));
  });
});

describe('transactions', () => {
  it('run one after the other: no update is lost', async () => {
    const state = await open();
    await state.system<Tables>().insertInto('things').values({ id: 'a', n: 0 }).execute();
    const add = () =>
      state.transaction<Tables, void>('system', async (trx) => {
        const { n } = await trx.selectFrom('things').select('n').where('id', '=', 'a').executeTakeFirstOrThrow();
        await Promise.resolve();
        await trx
          .updateTable('things')
          .set({ n: n + 1 })
          .execute();
      });
    await Promise.all(Array.from({ length: 50 }, add));
    expect(await state.system<Tables>().selectFrom('things').select('n').executeTakeFirst()).toMatchObject({ n: 50 });
    await state.close();
  });

  it('are invisible outside until they end, and leave nothing when they fail', async () => {
    const state = await open();
    const outside = state.system<Tables>();
    const failing = state.transaction<Tables, void>('system', async (trx) => {
      await trx.insertInto('things').values({ id: 'a', n: 0 }).execute();
      expect(await outside.selectFrom('things').selectAll().execute()).toEqual([]);
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await outside.selectFrom('things').selectAll().execute()).toEqual([]);
    await state.transaction<Tables, unknown>('system', (trx) => trx.insertInto('things').values({ id: 'b', n: 0 }).execute());
    expect(await outside.selectFrom('things').selectAll().execute()).toHaveLength(1);
    await state.close();
  });

  it('are not joined by a write from outside, which waits its turn', async () => {
    const state = await open();
    const { promise: gate, resolve: go } = Promise.withResolvers<void>();
    const failing = state
      .transaction<Tables, void>('system', async (trx) => {
        await trx.insertInto('things').values({ id: 'inside', n: 0 }).execute();
        await gate;
        throw new Error('no');
      })
      .catch(() => undefined);
    const outside = state.system<Tables>().insertInto('things').values({ id: 'outside', n: 0 }).execute();
    go();
    await Promise.all([failing, outside]);
    expect(await state.system<Tables>().selectFrom('things').select('id').execute()).toMatchObject([{ id: 'outside' }]);
    await state.close();
  });

  it('opened, or written beside, inside a transaction are refused instead of waiting for themselves', async () => {
    const state = await open();
    const nested = state.transaction<Tables, void>('system', async () => {
      await state.system<Tables>().insertInto('things').values({ id: 'x', n: 0 }).execute();
    });
    await expect(nested).rejects.toSatisfy((error) => hasCode(error, 'STATE_NESTED'));
    await state.transaction<Tables, unknown>('system', (trx) => trx.insertInto('things').values({ id: 'y', n: 0 }).execute());
    await state.close();
  });
});

describe('the file', () => {
  it('holds references and survives being reopened', async () => {
    const path = join(folder, 'kept.db');
    const state = await open([things, parts], path);
    await expect(state.system<Tables>().insertInto('parts').values({ id: 'p', thing: 'none' }).execute()).rejects.toThrow(/foreign key/i);
    await state.system<Tables>().insertInto('things').values({ id: 'kept', n: 1 }).execute();
    await state.close();
    await expect(state.system<Tables>().selectFrom('things').selectAll().execute()).rejects.toSatisfy((error) =>
      hasCode(error, 'STATE_CLOSED'),
    );
    const again = await open([things, parts], path);
    expect(await again.system<Tables>().selectFrom('things').selectAll().execute()).toMatchObject([{ id: 'kept', n: 1 }]);
    await again.close();
  });
});
