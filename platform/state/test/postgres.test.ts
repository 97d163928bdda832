import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sql, type Kysely } from 'kysely';
import { startPostgres, type PostgresServer } from '../../../deploy/testbed/postgres.ts';
import { available } from '../../../deploy/testbed/servers.ts';
import { hasCode } from '../../errors/index.ts';
import type { State, StateModule } from '../index.ts';
import { freshDatabase, module, openNode, type Tables } from './postgres-setup.ts';

const found = await available('postgres');
const why = found.ok ? '' : ` (needs PostgreSQL: ${found.why})`;
const coded = (code: string) => (error: unknown) => hasCode(error, code);

let server: PostgresServer;
const open: State[] = [];

async function nodes(count: number, url?: string): Promise<State[]> {
  const database = url ?? (await freshDatabase(server));
  const states = await Promise.all(Array.from({ length: count }, () => openNode(database)));
  open.push(...states);
  return states;
}

describe.skipIf(!found.ok)(`the state of several nodes on PostgreSQL${why}`, () => {
  beforeAll(async () => void (server = await startPostgres({ durable: false })));
  afterAll(async () => {
    await Promise.all(open.map((state) => state.close()));
    await server.stop();
  });

  it('is migrated once when all start together', async () => {
    const ran: number[] = [];
    const slow: StateModule = {
      name: 'slow',
      scoped: [],
      migrations: {
        'test-02': {
          async up(db: Kysely<unknown>) {
            ran.push(1);
            await sql`select pg_sleep(0.2)`.execute(db);
            await db.schema.createTable('late').addColumn('id', 'text').execute();
          },
        },
      },
    };
    const url = await freshDatabase(server);
    open.push(...(await Promise.all([1, 2, 3, 4].map(() => openNode(url, {}, [module, slow])))));
    expect(ran).toHaveLength(1);
  });

  it('loses no update of two nodes that read before they write', async () => {
    const states = await nodes(2);
    await states[0]!.system<Tables>().insertInto('things').values({ id: 'a', n: 0 }).execute();
    const add = (state: State) =>
      state.transaction<Tables, void>('system', async (trx) => {
        const { n } = await trx.selectFrom('things').select('n').where('id', '=', 'a').executeTakeFirstOrThrow();
        await trx
          .updateTable('things')
          .set({ n: n + 1 })
          .execute();
      });
    await Promise.all(states.flatMap((state) => Array.from({ length: 40 }, () => add(state))));
    expect(await states[1]!.system<Tables>().selectFrom('things').select('n').executeTakeFirst()).toEqual({ n: 80 });
  });

  it('a write of its own waits for the transaction of another node, and reads wait for nobody', async () => {
    const [one, other] = await nodes(2);
    await one!.system<Tables>().insertInto('things').values({ id: 'a', n: 0 }).execute();
    let written = false;
    let alone: Promise<unknown> = Promise.resolve();
    await one!.transaction<Tables, void>('system', async (trx) => {
      await trx.updateTable('things').set({ n: 1 }).execute();
      alone = other!
        .system<Tables>()
        .updateTable('things')
        .set((eb) => ({ n: eb('n', '*', 10) }))
        .execute()
        .then(() => (written = true));
      for (let i = 0; i < 20; i++) expect(await other!.system<Tables>().selectFrom('things').select('n').execute()).toEqual([{ n: 0 }]);
      expect(written).toBe(false);
    });
    await alone;
    expect(await one!.system<Tables>().selectFrom('things').select('n').execute()).toEqual([{ n: 10 }]);
  });

  it('shows numbers of a sequence in their order: who goes on from the last one seen misses none', async () => {
    const states = await nodes(3);
    const add = (state: State, who: string) =>
      state.transaction<Tables, void>('system', async (trx) => {
        await trx.insertInto('numbered').values({ who }).execute();
        await trx.selectFrom('things').selectAll().execute();
        await trx.insertInto('numbered').values({ who }).execute();
      });
    let writing = true;
    const writers = Promise.all([0, 1].flatMap((node) => Array.from({ length: 60 }, (_, i) => add(states[node]!, `${node}-${i}`))));
    void writers.finally(() => (writing = false));
    const seen: string[] = [];
    let last = 0;
    for (let more = true; more;) {
      more = writing;
      const rows = await states[2]!
        .system<Tables>()
        .selectFrom('numbered')
        .selectAll()
        .where('sequence', '>', last)
        .orderBy('sequence')
        .execute();
      seen.push(...rows.map(({ who }) => who));
      last = rows.at(-1)?.sequence ?? last;
    }
    await writers;
    expect(seen).toHaveLength(240);
  });

  it('a node that hangs in a transaction is ended: others go on, and nothing of it is stored', async () => {
    const url = await freshDatabase(server);
    const [hung, other] = [await openNode(url, { idleMs: 300 }), await openNode(url)];
    open.push(hung, other);
    const { promise: stuck, resolve: wake } = Promise.withResolvers<void>();
    const { promise: holds, resolve: held } = Promise.withResolvers<void>();
    const lost = hung.transaction<Tables, void>('system', async (trx) => {
      await trx.insertInto('things').values({ id: 'of the hung', n: 0 }).execute();
      held();
      await stuck;
      await trx.insertInto('things').values({ id: 'after', n: 0 }).execute();
    });
    await holds;
    await other.system<Tables>().insertInto('things').values({ id: 'of the other', n: 0 }).execute();
    wake();
    await expect(lost).rejects.toSatisfy(coded('STATE_UNAVAILABLE'));
    await hung.system<Tables>().insertInto('things').values({ id: 'again', n: 0 }).execute();
    const ids = await hung.system<Tables>().selectFrom('things').select('id').orderBy('id').execute();
    expect(ids).toEqual([{ id: 'again' }, { id: 'of the other' }]);
  });

  it('waits for another node’s transaction only so long', async () => {
    const url = await freshDatabase(server);
    const [one, other] = [await openNode(url), await openNode(url, { lockMs: 200 })];
    open.push(one, other);
    await one.transaction<Tables, void>('system', async () => {
      await expect(other.transaction('system', async () => undefined)).rejects.toSatisfy(coded('STATE_BUSY'));
    });
    await other.transaction('system', async () => undefined);
  });

  it('stops a query that takes too long, and the state goes on', async () => {
    const state = await openNode(await freshDatabase(server), { statementMs: 200 });
    open.push(state);
    const slow = state.system<Tables>().selectNoFrom(sql`pg_sleep(20)`.as('slept'));
    await expect(slow.execute()).rejects.toSatisfy(coded('STATE_TIMEOUT'));
    expect(await state.system<Tables>().selectFrom('things').selectAll().execute()).toEqual([]);
  });

  it('stores nothing of a transaction whose failed statement its body passed over', async () => {
    const [state] = await nodes(1);
    const passedOver = state!.transaction<Tables, void>('system', async (trx) => {
      await trx.insertInto('things').values({ id: 'a', n: 0 }).execute();
      await trx
        .insertInto('things')
        .values({ id: 'a', n: 0 })
        .execute()
        .catch(() => undefined);
    });
    await expect(passedOver).rejects.toSatisfy(coded('STATE_ABORTED'));
    expect(await state!.system<Tables>().selectFrom('things').selectAll().execute()).toEqual([]);
  });

  it('takes tens of thousands of values in one statement, and says when they are too many', async () => {
    const [state] = await nodes(1);
    const db = state!.system<Tables>();
    const rows = Array.from({ length: 32_000 }, (_, n) => ({ id: `${n}`, n }));
    await db.insertInto('things').values(rows).execute();
    const ids = rows.map(({ id }) => id);
    expect(await db.selectFrom('things').select('id').where('id', 'in', ids).execute()).toHaveLength(32_000);
    const tooMany = Array.from({ length: 65_536 }, (_, n) => `${n}`);
    await expect(db.selectFrom('things').select('id').where('id', 'in', tooMany).execute()).rejects.toThrow(/65536 parameters/);
  });

  it('goes through a result of any size page by page while others read and write', async () => {
    const [state] = await nodes(1);
    const db = state!.system<Tables>();
    await db
      .insertInto('things')
      .values(Array.from({ length: 1200 }, (_, n) => ({ id: `${n}`, n })))
      .execute();
    let sum = 0;
    for await (const { n } of db.selectFrom('things').select('n').where('n', '>=', 10).stream(100)) {
      sum += n;
      if (n === 500) await db.deleteFrom('things').execute();
    }
    expect(sum).toBe((1200 * 1199) / 2 - 45);
  });
});
