import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { vong } from '../../../test/harness/process.ts';
import type { Finding } from '../finding.ts';

const folder = mkdtempSync(join(tmpdir(), 'vong-doctor-'));
afterAll(() => rmSync(folder, { recursive: true }));

const config = join(folder, 'vong.yaml');
const file = (text: string): string => {
  writeFileSync(config, text);
  chmodSync(config, 0o600);
  return config;
};
const embedded = `data: ${join(folder, 'data')}\nlisten: 127.0.0.1:0\n`;

describe('./vong doctor', () => {
  it('ends with 0 where nothing is wrong', async () => {
    const { code, stdout } = await vong(['doctor', '--config', file(embedded)]);
    expect(stdout).toMatch(/^ok {7}settings +everything embedded; roles: gateway, /);
    expect(stdout).toMatch(/\d+ ok, \d+ warnings?, 0 problems\n$/);
    expect(code).toBe(0);
  });

  it('ends with 1 where a server is away, and says what to do', async () => {
    const env = { VONG_REDIS: 'redis://127.0.0.1:1', VONG_REDIS_PASSWORD: 'HEMLIG' };
    const { code, stdout, stderr } = await vong(['doctor', '--json', '--config', file(embedded)], env);
    const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: Finding[] };
    expect([code, ok]).toEqual([1, false]);
    expect(findings.find(({ level }) => level === 'problem')).toEqual({
      check: 'redis 127.0.0.1:1',
      level: 'problem',
      found: 'cannot be used: connect ECONNREFUSED 127.0.0.1:1',
      advice: 'Nothing listens there: start Redis, or correct VONG_REDIS. Try: nc -vz 127.0.0.1 1',
    });
    expect(stdout + stderr).not.toContain('HEMLIG');
  });

  it('ends with 2 where the settings are not valid, and names every problem', async () => {
    const { code, stdout } = await vong(['doctor', '--config', file('dta: /x\nlisten: 8080\nredis: { password: HEMLIG }\n')]);
    expect(code).toBe(2);
    expect(stdout).toContain(`${config}:1:1: dta is no setting; do you mean data?`);
    expect(stdout).toContain(`listen (${config}:2:9) is "8080"`);
    expect(stdout).toContain('redis.password');
    expect(stdout).not.toContain('HEMLIG');
    expect((await vong(['doctor', '--nonsense'])).code).toBe(2);
  });
});
