/**
 * A state for tests: SQLite, or with `VONG_TEST_STATE=postgres` a schema of its own on PostgreSQL, so that the same tests run on
 * both. The server is the one of `VONG_TEST_POSTGRES` (a URL), or one started for this process.
 */
import { createHash, randomUUID } from 'node:crypto';
import { Client, DatabaseError } from 'pg';
import { startPostgres } from '../../deploy/testbed/postgres.ts';
import { systemClock, type Clock } from '../clock/index.ts';
import { openState, type State, type StateModule } from './index.ts';

export interface TestStateOptions {
  readonly modules: readonly StateModule[];
  readonly clock?: Clock;
  /** The same path is the same state again, in other processes too; without one it is gone when it is closed. */
  readonly path?: string;
}

export const testsOnPostgres = process.env['VONG_TEST_STATE'] === 'postgres';

const DUPLICATES = new Set(['42P04', '42710']);

export async function openTestState({ modules, clock = systemClock, path }: TestStateOptions): Promise<State> {
  if (!testsOnPostgres) return await openState({ path: path ?? ':memory:', modules, clock });
  const server = await testServer();
  const name = `test_${path === undefined ? randomUUID().replaceAll('-', '') : createHash('sha256').update(path).digest('hex').slice(0, 32)}`;
  const url = await createSchema(server, name);
  const state = await openState({ postgres: { url, poolSize: 4 }, modules, clock });
  if (path !== undefined) return state;
  return {
    ...state,
    close: async () => (
      await state.close(),
      await administer(server, `drop schema if exists ${name} cascade; drop role if exists ${name}`)
    ),
  };
}

/** A schema is made in a tenth of the time of a database. It belongs to a user of its own, who sees nothing else. */
async function createSchema(server: string, name: string): Promise<string> {
  const role = `create role ${name} login password '${name}'; alter role ${name} set search_path = ${name}`;
  await unlessThere(server, `${role}; create schema ${name} authorization ${name}`);
  const url = new URL(server);
  url.username = url.password = name;
  return url.href;
}

/** Makes the database unless it is there, with `settings` of `create database`; gives its URL. */
export async function createDatabase(server: string, name: string, settings = ''): Promise<string> {
  await unlessThere(server, `create database ${name} template template0 ${settings}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

async function unlessThere(server: string, create: string): Promise<void> {
  try {
    await administer(server, create);
  } catch (error) {
    if (!(error instanceof DatabaseError) || !DUPLICATES.has(error.code ?? '')) throw error;
  }
}

async function administer(server: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

let own: Promise<{ readonly url: string }> | undefined;

async function testServer(): Promise<string> {
  const given = process.env['VONG_TEST_POSTGRES'];
  if (given !== undefined) return given;
  own ??= startPostgres({ durable: false });
  return (await own).url;
}
