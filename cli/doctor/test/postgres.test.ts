import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock as clock } from '@vong/platform/clock';
import { openState } from '@vong/platform/state';
import { MODULES } from '../../../roles/modules.ts';
import { postgresMissing, startPostgres, type PostgresServer } from '../../../deploy/testbed/postgres.ts';
import { runSql } from '../../../platform/probes/testing.ts';
import { doctor, wrong } from './doctor.ts';

const missing = await postgresMissing();

describe.skipIf(missing !== undefined)(`the doctor of a real PostgreSQL${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let server: PostgresServer;
  const env = (more: Record<string, string> = {}) => ({ VONG_POSTGRES: server.url, VONG_POSTGRES_CA: server.ca ?? '', ...more });
  const sql = async (text: string): Promise<void> => await runSql(server, text);
  const as = (change: (url: URL) => void): string => {
    const url = new URL(server.url);
    change(url);
    return url.href;
  };

  beforeAll(async () => {
    server = await startPostgres({ tls: true });
  });
  afterAll(() => server?.stop());

  it('says what will be made before the first start, and what was after it', async () => {
    const before = await doctor(env(), 'postgres');
    expect(before.find(({ check }) => check === 'postgres migrations')?.found).toContain('none yet');
    // Its certificate lives two days.
    expect(wrong(before)).toEqual([expect.stringMatching(/^warning postgres certificate .*expires in 1 days.*-starttls postgres/)]);
    const { password, ...url } = { password: decodeURIComponent(new URL(server.url).password), url: as((each) => (each.password = '')) };
    const state = await openState({ postgres: { ...url, password, ca: server.ca ?? '' }, modules: MODULES, clock });
    await state.close();
    const after = await doctor(env(), 'postgres');
    expect(after.find(({ check }) => check === 'postgres migrations')?.found).toMatch(/^all \d+ applied$/);
  });

  it('names migrations that are pending, and those of a newer version', async () => {
    await sql(`delete from migrations where name = (select max(name) from migrations)`);
    expect(wrong(await doctor(env(), 'postgres')).join('\n')).toMatch(/warning postgres migrations: 1 pending: .*make a backup first/);
    await sql(`insert into migrations (name, module, applied_at) values ('9999-later', 'x', 0)`);
    expect(wrong(await doctor(env(), 'postgres')).join('\n')).toMatch(
      /postgres migrations: the database has 1 that this program does not know/,
    );
  });

  it('names a wrong password, an unknown user and an unknown database, and shows no password', async () => {
    const cases = [
      [as((url) => (url.password = 'HEMLIG')), /password authentication failed.*Correct VONG_POSTGRES_PASSWORD/],
      [as((url) => (url.username = 'nobody')), /password authentication failed.*create role nobody login/],
      [as((url) => (url.pathname = '/nowhere')), /does not exist.*create database nowhere owner vong encoding 'UTF8'/],
    ] as const;
    for (const [url, expected] of cases) {
      const lines = wrong(await doctor(env({ VONG_POSTGRES: url }), 'postgres')).join('\n');
      expect(lines).toMatch(expected);
      expect(lines).not.toContain('HEMLIG');
    }
  });

  it('says that TLS is needed, or that its certificate is not trusted', async () => {
    const { VONG_POSTGRES } = env();
    expect(wrong(await doctor({ VONG_POSTGRES }, 'postgres')).join()).toMatch(/no encryption.*add \?sslmode=verify-full/);
    expect(wrong(await doctor({ VONG_POSTGRES: `${VONG_POSTGRES}?sslmode=verify-full` }, 'postgres')).join()).toMatch(
      /problem postgres certificate .*not trusted.*VONG_POSTGRES_CA/,
    );
  });

  it('says which rights and settings are missing, with the SQL that gives them', async () => {
    await sql(`create role poor login password 'x'; alter role poor set synchronous_commit = off`);
    const poor = as((url) => {
      url.username = 'poor';
      url.password = 'x';
    });
    const lines = wrong(await doctor(env({ VONG_POSTGRES: poor }), 'postgres')).join('\n');
    expect(lines).toContain('grant create on schema public to poor;');
    expect(lines).toContain('poor may not read the tables that are there');
    expect(lines).toContain('alter system set synchronous_commit = on;');
  });

  it('names one that is stopped', async () => {
    await server.kill();
    expect(wrong(await doctor(env(), 'postgres')).join()).toMatch(/ECONNREFUSED.*start PostgreSQL/);
  });
});
