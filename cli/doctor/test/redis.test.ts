import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../deploy/testbed/native.ts';
import { startRedis, type RedisServer } from '../../../deploy/testbed/redis.ts';
import { available } from '../../../deploy/testbed/servers.ts';
import { certificate } from './certificates.ts';
import { doctor, wrong } from './doctor.ts';

const found = await available('redis');

describe.skipIf(!found.ok)(`the doctor of a real Redis${found.ok ? '' : ` (skipped: ${found.why})`}`, () => {
  let server: RedisServer;
  let folder: string;
  const env = (more: Record<string, string> = {}) => ({ VONG_REDIS: server.url, VONG_REDIS_PASSWORD: 'mat khau', ...more });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vong-doctor-'));
    server = await startRedis({ password: 'mat khau' });
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true });
  });

  it('finds nothing wrong with one as it must be', async () => {
    const findings = await doctor(env(), 'redis');
    expect(wrong(findings)).toEqual([]);
    expect(findings.map(({ check }) => check)).toEqual([
      'redis version',
      'redis appendonly',
      'redis maxmemory-policy',
      'redis memory',
      'redis clock',
    ]);
  });

  it('names a wrong password, a missing one, and shows none', async () => {
    for (const more of [{ VONG_REDIS_PASSWORD: 'HEMLIG' }, { VONG_REDIS_PASSWORD: '' }]) {
      const [line, ...rest] = wrong(await doctor(env(more), 'redis'));
      expect(rest).toEqual([]);
      expect(line).toMatch(/problem redis .*(WRONGPASS|NOAUTH).*correct VONG_REDIS_PASSWORD/s);
      expect(line).not.toContain('HEMLIG');
    }
  });

  it('says which settings lose jobs, and the command that sets them', async () => {
    await server.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    await server.command('CONFIG', 'SET', 'appendonly', 'no');
    const lines = wrong(await doctor(env(), 'redis')).join('\n');
    expect(lines).toMatch(/warning redis appendonly: off.*config set appendonly yes/);
    expect(lines).toMatch(/problem redis maxmemory-policy: allkeys-lru.*config set maxmemory-policy noeviction/);
    await server.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    await server.command('CONFIG', 'SET', 'appendonly', 'yes');
  });

  it('names one that hangs and one that is stopped, within its bound', async () => {
    server.pause();
    expect(wrong(await doctor(env(), 'redis')).join()).toMatch(/problem redis .*(timed out|no answer).*hangs, is overloaded/i);
    server.resume();
    await server.kill();
    expect(wrong(await doctor(env(), 'redis')).join()).toMatch(/problem redis .*ECONNREFUSED.*Nothing listens there: start Redis.*nc -vz/);
    await server.restart();
  });

  it('looks at certificates: good, soon to expire, expired, not trusted, none', async () => {
    const tls = async (days: number) => {
      const { ca, caFile, keyFile, certificateFile } = await certificate(folder, days);
      const port = await freePort();
      const files = ['--tls-cert-file', certificateFile, '--tls-key-file', keyFile, '--tls-ca-cert-file', caFile];
      const names = { files: [certificateFile, keyFile, caFile], ports: [port] };
      const secured = await startRedis({ args: ['--tls-port', String(port), ...files, '--tls-auth-clients', 'no'], names });
      return { secured, ca, url: `rediss://127.0.0.1:${port}` };
    };
    const good = await tls(365);
    expect(wrong(await doctor({ VONG_REDIS: good.url, VONG_REDIS_CA: good.ca }, 'redis'))).toEqual([]);
    expect(wrong(await doctor({ VONG_REDIS: good.url }, 'redis')).join()).toMatch(/problem redis certificate .*not trusted.*VONG_REDIS_CA/);
    expect(
      wrong(await doctor({ VONG_REDIS: good.secured.url.replace('redis:', 'rediss:'), VONG_REDIS_CA: good.ca }, 'redis')).join(),
    ).toMatch(/problem redis .*no answer to a greeting of TLS.*speaks no TLS there/);
    await good.secured.stop();
    for (const [days, expected] of [
      [10, /^warning redis certificate .*expires in 9 days, on \d{4}-\d\d-\d\d → Renew it.*openssl s_client -connect/],
      [-1, /^problem redis certificate .*expired on \d{4}-\d\d-\d\d → Renew it/],
    ] as const) {
      const { secured, ca, url } = await tls(days);
      const lines = wrong(await doctor({ VONG_REDIS: url, VONG_REDIS_CA: ca }, 'redis'));
      expect(lines).toEqual([expect.stringMatching(expected)]);
      await secured.stop();
    }
  });
});
