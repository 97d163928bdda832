import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { localImageMissing, makeLocalImage } from './containers/local-image.ts';
import { imageName } from './containers/images.ts';
import { runSql } from '../../platform/probes/testing.ts';
import { startDocker, type TestDocker } from './docker.ts';
import { startPostgres } from './postgres.ts';
import { startRedis } from './redis.ts';
import { available } from './servers.ts';

const TAG = 'vong-servers:local';
const missing = await localImageMissing(['redis', 'postgres']);
const why = missing === undefined ? '' : ` (skipped: ${missing})`;
if (missing !== undefined && process.env['CI']) throw new Error(missing);

describe('where the servers of the tests come from', () => {
  it('is asked for in one way or the other, and in no third', async () => {
    vi.stubEnv('VONG_TEST_SERVERS', 'clouds');
    await expect(available('kafka')).rejects.toThrow('VONG_TEST_SERVERS is native or containers, not clouds');
    vi.unstubAllEnvs();
  });

  it('are the images that are deployed', () => {
    const file = parse(readFileSync(fileURLToPath(new URL('../../docker-compose.yml', import.meta.url)), 'utf8')) as {
      services: Record<string, { image: string }>;
    };
    for (const name of ['kafka', 'elasticsearch', 'postgres', 'redis'] as const) expect(imageName(name)).toBe(file.services[name]?.image);
  });
});

describe.skipIf(missing !== undefined)(`a server in a container${why}`, () => {
  let docker: TestDocker;
  const containers = async (): Promise<string> => await docker.docker('ps', '--all', '--quiet');

  beforeAll(async () => {
    docker = await startDocker();
    await makeLocalImage(docker, TAG, ['redis', 'postgres']);
    const settings = { VONG_TEST_SERVERS: 'containers', VONG_TEST_IMAGE_REDIS: TAG, VONG_TEST_IMAGE_POSTGRES: TAG };
    const where = { DOCKER_HOST: docker.env['DOCKER_HOST'] ?? '', TESTCONTAINERS_RYUK_DISABLED: 'true' };
    for (const [name, value] of Object.entries({ ...settings, ...where })) vi.stubEnv(name, value);
  }, 300_000);
  afterAll(async () => await docker?.stop());

  it('keeps its port and its data over kill -9, loses them when wiped, and is gone when stopped', async () => {
    const server = await startRedis({ password: 'mật khẩu' });
    const before = server.pid;
    expect(await server.command('SET', 'timer', 'armed')).toBe('+OK');
    expect(await docker.docker('ps', '--format={{.Ports}}')).toMatch(new RegExp(`^127\\.0\\.0\\.1:${server.port}->`));
    await server.kill();
    await expect(server.command('PING')).rejects.toThrow('ECONNREFUSED');
    await server.restart();
    expect(server.pid).not.toBe(before);
    expect(await server.command('GET', 'timer')).toBe('$5\r\narmed');
    await server.wipe();
    await expect(server.command('PING')).rejects.toThrow('ECONNREFUSED');
    await server.restart();
    expect(await server.command('GET', 'timer')).toBe('$-1');
    await server.stop();
    expect(await containers()).toBe('');
  });

  it('that is paused takes connections and says nothing until it goes on; it can be killed meanwhile', async () => {
    const server = await startRedis();
    server.pause();
    await expect(server.command('PING')).rejects.toThrow('does not answer');
    server.resume();
    expect(await server.command('PING')).toBe('+PONG');
    server.pause();
    await server.kill();
    await server.restart();
    expect(await server.command('PING')).toBe('+PONG');
    await server.stop();
  });

  it('finds the files it needs: who speaks TLS is answered', async () => {
    const server = await startRedis({ tls: true });
    expect(server.url).toMatch(/^rediss:/);
    expect(await server.command('PING')).toBe('+PONG');
    await server.stop();
  });

  it.each([{ tls: false }, { tls: true }])('is a PostgreSQL that keeps its tables over kill -9 (TLS: $tls)', async ({ tls }) => {
    const server = await startPostgres({ tls });
    await runSql(server, `create table alerts as select 'Đà Nẵng' as place`);
    await server.kill();
    await expect(runSql(server, 'select 1')).rejects.toThrow('ECONNREFUSED');
    await server.restart();
    await runSql(server, `select 1 / count(*) from alerts where place = 'Đà Nẵng'`);
    // Who does not speak TLS is not let in where it is asked for.
    const plain = runSql({ url: server.url }, 'select 1').then(
      () => 'let in',
      (error: unknown) => String(error),
    );
    expect(await plain).toMatch(tls ? /pg_hba.*no encryption/ : /^let in$/);
    await server.stop();
    expect(await containers()).toBe('');
  });

  it('that cannot start is an error with what it said', async () => {
    await expect(startRedis({ args: ['--maxmemory', 'much'] })).rejects.toThrow(
      /Redis ended at once with code 1:[^]*argument must be a memory/,
    );
    expect(await containers()).toBe('');
  });

  it.each(['SIGKILL', 'SIGTERM'] as const)('ends with the process that started it, ended by %s', async (signal) => {
    const redis = fileURLToPath(new URL('redis.ts', import.meta.url));
    const starter = `
      import { startRedis } from ${JSON.stringify(redis)};
      console.log('started ' + (await startRedis()).pid);
      setInterval(() => {}, 1000);
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', starter], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    expect(line.toString()).toMatch(/started \d/);
    expect(await containers()).not.toBe('');
    child.kill(signal);
    await expect.poll(containers, { timeout: 20_000 }).toBe('');
  });
});
