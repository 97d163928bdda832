/** The units, by what systemd itself says of them, and by what the server and the agent know. */
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAgentConfig } from '@vong/collector/agent/config';
import { installed } from '../../testbed/native.ts';
import { configOf, unknownSettings } from '../../testbed/settings.ts';

const units = join(import.meta.dirname, '..');
const found = await installed('systemd');
const home = mkdtempSync(join(tmpdir(), 'vong-units-'));
const ROLES = ['gateway', 'detector', 'alerter', 'indexer', 'console', 'jobs'];
const SERVICES = ['vong.service', 'vong-agent.service', 'vong@gateway.service'];
/** Of `systemd-analyze security`: tenths, 0 is locked in entirely. */
const EXPOSURE = 20;

/** Units as the installer writes them, with the programs that are installed with them. */
beforeAll(() => {
  const prefix = join(home, 'opt');
  mkdirSync(join(prefix, 'current/app'), { recursive: true });
  cpSync(join(units, '../airgap/files/bin'), join(prefix, 'current/bin'), { recursive: true });
  for (const name of SERVICES) {
    const text = readFileSync(join(units, name.replace('@gateway', '@')), 'utf8');
    writeFileSync(join(home, name), text.replaceAll('/opt/vong', prefix));
  }
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** `NAME=value` lines, also those that stand there as examples. */
function settings(file: string): Record<string, string> {
  const lines = readFileSync(join(units, file), 'utf8').split('\n');
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, name, value] = /^(?:# )?(VONG_[A-Z_]+)=(.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );
}

describe.skipIf(!found.ok)(`systemd${found.ok ? '' : ` (${found.why})`}`, () => {
  const analyze = (...args: readonly string[]): { status: number | null; said: string } => {
    const program = join(found.ok ? found.home : '', 'bin/systemd-analyze');
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', env: { ...process.env, SYSTEMD_COLORS: '0' } });
    return { status, said: stdout + stderr };
  };

  it.each(SERVICES)('finds nothing wrong with %s', (name) => {
    expect(analyze('verify', '--man=no', join(home, name))).toEqual({ status: 0, said: '' });
  });

  it.each(SERVICES)(`rates %s ${EXPOSURE / 10} or better`, (name) => {
    const { status, said } = analyze('security', '--offline=true', '--no-pager', `--threshold=${EXPOSURE}`, join(home, name));
    expect(said).toMatch(/Overall exposure level for .*: \d/);
    expect(status).toBe(0);
  });
});

describe('what lies in /etc/vong at first', () => {
  it('is settings that the server knows, the examples in it too', () => {
    const all = settings('vong.env');
    expect(Object.keys(all).length).toBeGreaterThan(10);
    expect(unknownSettings(Object.keys(all))).toEqual([]);
    const { kafka, elasticsearch, postgres, redis, listen } = configOf(all);
    expect([kafka, elasticsearch, postgres, redis].filter((server) => server === undefined)).toEqual([]);
    expect(listen).toEqual({ host: '127.0.0.1', port: 8080 });
  });

  it('gives each role an address of its own', () => {
    const files = globSync('*.env', { cwd: units }).filter((name) => name !== 'vong.env');
    expect(files.map((name) => name.replace('.env', '')).toSorted()).toEqual(ROLES.toSorted());
    const addresses = [...files, 'vong.env'].map((name) => settings(name)['VONG_LISTEN']);
    expect(new Set(addresses).size).toBe(ROLES.length + 1);
    expect(addresses.filter((address) => !/^127\.0\.0\.1:80\d\d$/.test(address ?? ''))).toEqual([]);
  });

  it('is a configuration that the agent takes', () => {
    expect(parseAgentConfig(readFileSync(join(units, 'agent.json'), 'utf8'), 'agent.json')).toEqual({
      server: 'https://soc.example.gov.vn',
    });
  });
});
