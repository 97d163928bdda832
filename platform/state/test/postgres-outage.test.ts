import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startPostgres, type PostgresServer } from '../../../deploy/testbed/postgres.ts';
import { available } from '../../../deploy/testbed/servers.ts';
import { hasCode, VongError } from '../../errors/index.ts';
import { openState, type State } from '../index.ts';
import { createDatabase } from '../testing.ts';
import { freshDatabase, module, openNode, type Tables } from './postgres-setup.ts';
import { systemClock } from '../../clock/index.ts';

const found = await available('postgres');
const why = found.ok ? '' : ` (needs PostgreSQL: ${found.why})`;
const coded = (code: string) => (error: unknown) => hasCode(error, code);
const unavailable = coded('STATE_UNAVAILABLE');

let server: PostgresServer;
const open: State[] = [];
async function node(...given: Parameters<typeof openNode>): Promise<State> {
  const state = await openNode(...given);
  open.push(state);
  return state;
}

/** Two rows in one transaction; tells which were confirmed, until told to stop. */
async function write(state: State, name: string, running: () => boolean) {
  const confirmed: string[] = [];
  const refused: unknown[] = [];
  for (let i = 0; running(); i++) {
    const id = `${name}-${i}`;
    try {
      await state.transaction<Tables, void>('system', async (trx) => {
        await trx.insertInto('halves').values({ id, side: 'left' }).execute();
        await trx.insertInto('halves').values({ id, side: 'right' }).execute();
      });
      confirmed.push(id);
    } catch (error) {
      refused.push(error);
      await sleep(20);
    }
  }
  return { confirmed, refused };
}

describe.skipIf(!found.ok)(`PostgreSQL that goes away${why}`, () => {
  beforeEach(async () => void (server = await startPostgres()));
  afterEach(async () => {
    await Promise.all(open.splice(0).map((state) => state.close()));
    await server.stop();
  });

  it('killed again and again under two nodes that write: what was confirmed is there, nothing is there by half', async () => {
    const url = await freshDatabase(server);
    const states = [await node(url), await node(url)];
    let running = true;
    const writers = states.map((state, i) => write(state, `n${i}`, () => running));
    const count = async () =>
      Number(
        (
          await states[0]!
            .system<Tables>()
            .selectFrom('halves')
            .select((each) => each.fn.countAll().as('n'))
            .executeTakeFirst()
        )?.n,
      );
    for (let round = 0; round < 4; round++) {
      const before = await count();
      await vi.waitFor(async () => expect(await count()).toBeGreaterThan(before + 20), { timeout: 20_000 });
      await server.kill();
      await server.restart();
    }
    // Both go on by themselves.
    const after = await count();
    await vi.waitFor(async () => expect(await count()).toBeGreaterThan(after + 20), { timeout: 20_000 });
    running = false;
    const results = await Promise.all(writers);
    const rows = await states[1]!.system<Tables>().selectFrom('halves').selectAll().execute();
    const sides = Map.groupBy(rows, ({ id }) => id);
    expect([...sides.values()].filter((pair) => pair.length !== 2)).toEqual([]);
    expect(results.flatMap(({ confirmed }) => confirmed).filter((id) => !sides.has(id))).toEqual([]);
    const refused = results.flatMap((result) => result.refused);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.filter((error) => !unavailable(error) && !hasCode(error, 'STATE_UNCERTAIN'))).toEqual([]);
  });

  it('refuses with 503 and when to come back while it is down, and answers by itself when it is up', async () => {
    const state = await node(await freshDatabase(server));
    const db = state.system<Tables>();
    await Promise.all(
      [1, 2, 3].map((n) =>
        db
          .selectFrom('things')
          .select(sql`${n}`.as('n'))
          .execute(),
      ),
    );
    await server.kill();
    for (const query of [db.selectFrom('things').selectAll(), db.insertInto('things').values({ id: 'a', n: 1 })]) {
      const refused: unknown = await query.execute().catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(VongError);
      expect(refused).toMatchObject({ code: 'STATE_UNAVAILABLE', status: 503, details: { retryAfterSeconds: 2 } });
    }
    const opened = openState({ postgres: { url: server.url }, modules: [module], clock: systemClock });
    await expect(opened).rejects.toSatisfy(unavailable);
    await server.restart();
    await db.insertInto('things').values({ id: 'b', n: 1 }).execute();
    expect(await db.selectFrom('things').select('id').execute()).toEqual([{ id: 'b' }]);
  });

  it('in the middle of a transaction: it is refused, and nothing of it is stored', async () => {
    const state = await node(await freshDatabase(server));
    const broken = state.transaction<Tables, void>('system', async (trx) => {
      await trx.insertInto('things').values({ id: 'a', n: 1 }).execute();
      await server.kill();
      await trx.insertInto('things').values({ id: 'b', n: 1 }).execute();
    });
    await expect(broken).rejects.toSatisfy(unavailable);
    await server.restart();
    expect(await state.system<Tables>().selectFrom('things').selectAll().execute()).toEqual([]);
  });

  it('while a commit is under way: it is said that nobody knows', async () => {
    const state = await node(await freshDatabase(server), { statementMs: 300, hungMs: 200 });
    const uncertain = state.transaction<Tables, void>('system', async (trx) => {
      await trx.insertInto('things').values({ id: 'a', n: 1 }).execute();
      await server.pause();
    });
    await expect(uncertain).rejects.toSatisfy(coded('STATE_UNCERTAIN'));
    await server.resume();
    await state.system<Tables>().insertInto('things').values({ id: 'b', n: 1 }).execute();
  });

  it('hangs: queries are refused in time, the end of the node does not wait, and what comes afterwards is answered', async () => {
    const url = await freshDatabase(server);
    const times = { statementMs: 300, hungMs: 200, connectMs: 500 };
    const [state, ending] = [await node(url, times), await openNode(url, times)];
    await ending.system<Tables>().selectFrom('things').selectAll().execute();
    await state.system<Tables>().selectFrom('things').selectAll().execute();
    await server.pause();
    await expect(state.system<Tables>().selectFrom('things').selectAll().execute()).rejects.toSatisfy(unavailable);
    await expect(state.transaction('system', async () => undefined)).rejects.toSatisfy(unavailable);
    await ending.close();
    await server.resume();
    await state.system<Tables>().insertInto('things').values({ id: 'b', n: 1 }).execute();
    expect(await state.system<Tables>().selectFrom('things').select('id').execute()).toEqual([{ id: 'b' }]);
  });
});

describe.skipIf(!found.ok)(`a server of PostgreSQL that is not right${why}`, () => {
  const openAt = (url: string, ca?: string) =>
    openState({ postgres: { url, ...(ca === undefined ? {} : { ca }) }, modules: [module], clock: systemClock });
  afterEach(() => server.stop());

  it('is refused with the reason: another encoding, a wrong password', async () => {
    server = await startPostgres({ durable: false });
    const ascii = await createDatabase(server.url, 'ascii', `encoding 'SQL_ASCII' locale 'C'`);
    await expect(openAt(ascii)).rejects.toThrow(/cannot hold the state: the database is encoded in SQL_ASCII; make one with/);
    const url = new URL(server.url);
    url.password = 'wrong';
    await expect(openAt(url.href)).rejects.toThrow(/password authentication failed/);
  });

  it('is spoken to with TLS alone where an authority is given, and only when it signed the certificate', async () => {
    server = await startPostgres({ durable: false, tls: true });
    const state = await openAt(server.url, server.ca);
    const { rows } = await sql<{ tls: number }>`select ssl as tls from pg_stat_ssl where pid = pg_backend_pid()`.execute(state.system());
    expect(rows).toEqual([{ tls: 1 }]);
    await state.close();
    await expect(openAt(`${server.url}?sslmode=require`)).rejects.toThrow(/self-signed certificate/);
    await expect(openAt(server.url)).rejects.toThrow(/no pg_hba.conf entry|no encryption/);
  });
});
