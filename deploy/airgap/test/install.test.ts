/** The installer: refuses what was changed, keeps versions beside each other, gives a machine with systemd its units. */
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { smallFolder } from './small.ts';

const all = mkdtempSync(join(tmpdir(), 'vong-install-'));
const MAY_MOUNT = process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'true']).status === 0;
let home: string;
let folder: string;

beforeEach(() => {
  home = mkdtempSync(join(all, 'run-'));
  folder = smallFolder(home, '0.1.0');
});
afterAll(() => rmSync(all, { recursive: true, force: true }));

function install(from: string, ...options: readonly string[]): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(join(from, 'install.sh'), options, { encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

const refused = (status: number, said: string): object => ({ status, said: expect.stringContaining(said) });

describe('the installer', () => {
  it('takes what is complete and unchanged', () => {
    expect(install(folder, '--verify')).toEqual({ status: 0, said: 'complete and unchanged\n' });
  });

  it('refuses a file that was changed, one that is missing, one that was put in, and a link that leads elsewhere', () => {
    const program = join(folder, 'app/cli/main.ts');
    const before = readFileSync(program);
    appendFileSync(program, '\n');
    expect(install(folder, '--verify')).toMatchObject(refused(1, 'app/cli/main.ts: FAILED'));
    writeFileSync(program, before);
    renameSync(program, join(home, 'main.ts'));
    expect(install(folder, '--verify')).toMatchObject(refused(1, 'app/cli/main.ts: FAILED open or read'));
    renameSync(join(home, 'main.ts'), program);
    writeFileSync(join(folder, 'app/more.js'), '');
    expect(install(folder, '--verify')).toMatchObject(refused(1, 'not packed'));
    rmSync(join(folder, 'app/more.js'));
    execFileSync('ln', ['-s', '/etc', join(folder, 'app/etc')]);
    expect(install(folder, '--prefix', join(home, 'opt'))).toMatchObject(refused(1, 'links are not those'));
    expect(existsSync(join(home, 'opt'))).toBe(false);
  });

  it('says plainly what is wrong with its options, and changes nothing', () => {
    expect(install(folder, '--prefix')).toMatchObject(refused(2, '--prefix needs a value'));
    expect(install(folder, '--prefix', 'opt')).toMatchObject(refused(2, 'must begin with /'));
    expect(install(folder, '--prefix', '/tmp/$(id)')).toMatchObject(refused(2, 'only letters'));
    expect(install(folder, '--what')).toMatchObject(refused(2, 'unknown option --what'));
    expect(install(folder, '--prefix', join(home, 'opt'), '--rollback')).toMatchObject(refused(1, 'no version before'));
    writeFileSync(join(folder, 'MACHINE'), 'linux-vax\n');
    rmSync(join(folder, 'SHA256SUMS'));
    expect(install(folder, '--prefix', join(home, 'opt')).status).toBe(1);
    expect(existsSync(join(home, 'opt'))).toBe(false);
  });

  it('puts a version beside the one before, goes back, and can be run again', () => {
    const prefix = join(home, 'opt');
    const to = (from: string, ...more: readonly string[]) =>
      install(from, '--prefix', prefix, '--data', join(home, 'data'), '--no-units', ...more);
    const links = (): string[] => ['current', 'previous'].map((link) => readlinkSync(join(prefix, link)));
    const runs = (): string => execFileSync(join(prefix, 'current/bin/vong'), ['help'], { encoding: 'utf8' }).trim();
    expect(to(smallFolder(home, '0.0.9'))).toMatchObject(refused(0, 'installed 0.0.9'));
    expect(runs()).toBe('0.0.9');
    expect(to(folder)).toMatchObject(refused(0, 'installed 0.1.0'));
    expect([runs(), ...links()]).toEqual(['0.1.0', 'releases/0.1.0', 'releases/0.0.9']);
    expect(to(folder)).toMatchObject(refused(0, 'installed 0.1.0'));
    expect(links()).toEqual(['releases/0.1.0', 'releases/0.0.9']);
    expect(to(folder, '--rollback')).toMatchObject(refused(0, 'now: releases/0.0.9'));
    expect([runs(), ...links()]).toEqual(['0.0.9', 'releases/0.0.9', 'releases/0.1.0']);
  });
});

/** A machine with systemd, as far as the installer sees: its own /etc, a systemctl that notes how it was called. */
const MACHINE = `
set -eu
cp -a /etc "$HOME/machine/etc"
mount --bind "$HOME/machine/etc" /etc
mount -t tmpfs none /run
mkdir -p /run/systemd/system
PATH="$HOME/machine/bin:$PATH"
"$FOLDER/install.sh" --prefix "$HOME/srv/vong" --data "$HOME/srv/data" --listen 127.0.0.1:9001
cat /etc/vong/vong.env > "$HOME/first.env"
echo 'VONG_LISTEN=127.0.0.1:9002' > /etc/vong/vong.env
"$FOLDER/install.sh" --prefix "$HOME/srv/vong" --data "$HOME/srv/data"
"$FOLDER/install.sh" --prefix "$HOME/srv/vong" --agent --start 2> "$HOME/agent.said" || echo "ended $?" >> "$HOME/agent.said"
echo token > /etc/vong/agent-token
"$FOLDER/install.sh" --prefix "$HOME/srv/vong" --agent --start
stat -c '%n %U:%G %a' /etc/vong /etc/vong/secrets /etc/vong/vong.env /etc/vong/gateway.env /etc/vong/agent.json "$HOME/srv/data"
`;

describe.skipIf(!MAY_MOUNT)(`a machine with systemd${MAY_MOUNT ? '' : ' (needs the right to mount)'}`, () => {
  it('gets a user, units for where it was installed, and settings that stay as a person set them', () => {
    mkdirSync(join(home, 'machine/bin'), { recursive: true });
    const systemctl = `#!/bin/sh\necho "$@" >> "${home}/systemctl"\n`;
    writeFileSync(join(home, 'machine/bin/systemctl'), systemctl, { mode: 0o755 });
    const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: home, FOLDER: folder };
    const { stdout, stderr, status } = spawnSync('unshare', ['--mount', 'sh', '-c', MACHINE], { encoding: 'utf8', env });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const etc = (path: string): string => readFileSync(join(home, 'machine/etc', path), 'utf8');
    expect(etc('passwd')).toMatch(/^vong:x:\d+:\d+::/m);
    expect(etc('systemd/system/vong.service')).toContain(`ExecStart=${home}/srv/vong/current/bin/vong serve\n`);
    expect(etc('systemd/system/vong@.service')).not.toContain('/opt/vong');
    expect(etc('systemd/system/vong.service.d/data.conf')).toBe(`[Service]\nReadWritePaths=${home}/srv/data\n`);
    expect(readFileSync(join(home, 'first.env'), 'utf8')).toContain(`\nVONG_LISTEN=127.0.0.1:9001\nVONG_DATA=${home}/srv/data\n`);
    expect(etc('vong/vong.env')).toBe('VONG_LISTEN=127.0.0.1:9002\n');
    expect(etc('vong/gateway.env')).toContain('VONG_LISTEN=127.0.0.1:8081');
    expect(readFileSync(join(home, 'systemctl'), 'utf8')).toBe(
      `${'daemon-reload\n'.repeat(4)}enable vong-agent.service\nrestart vong-agent.service\n`,
    );
    expect(readFileSync(join(home, 'agent.said'), 'utf8')).toMatch(/put the agent's token into \/etc\/vong\/agent-token [\s\S]*ended 1\n$/);
    expect(stdout.split('\n').slice(-7, -1)).toEqual([
      '/etc/vong root:vong 751',
      '/etc/vong/secrets root:vong 750',
      '/etc/vong/vong.env root:vong 640',
      '/etc/vong/gateway.env root:vong 640',
      '/etc/vong/agent.json root:vong 644',
      `${home}/srv/data vong:vong 700`,
    ]);
  });
});
