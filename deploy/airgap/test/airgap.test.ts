/** The archive for a site without internet: whole, refused when changed, installed and at work where no route leads out. */
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildArchive } from '../build.ts';
import type { Seen } from './site.ts';

const home = mkdtempSync(join(tmpdir(), 'vong-airgap-test-'));
const archive = join(home, 'vong-gac.tar.gz');
/** Without root, a user of one's own is needed to make a network. */
const ALONE = process.getuid?.() === 0 ? ['--net'] : ['--map-root-user', '--net'];
const why = spawnSync('unshare', [...ALONE, 'ip', 'link', 'set', 'lo', 'up'], { encoding: 'utf8' });
const namespaces = why.status === 0;
let folder: string;
let sha256: string;

beforeAll(async () => {
  const built = await buildArchive(archive);
  sha256 = built.sha256;
  execFileSync('tar', ['-xzf', archive, '-C', home]);
  folder = join(home, built.folder);
});
afterAll(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }));

function install(...options: readonly string[]): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(join(folder, 'install.sh'), options, { encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

describe('the archive', () => {
  it('is what its checksum file says, and holds what it needs', () => {
    expect(readFileSync(`${archive}.sha256`, 'utf8')).toBe(`${sha256}  vong-gac.tar.gz\n`);
    expect(execFileSync('sha256sum', ['--check', 'vong-gac.tar.gz.sha256'], { cwd: home, encoding: 'utf8' })).toContain('OK');
    for (const path of [
      'node/bin/node',
      'bin/vong',
      'sbom.cdx.json',
      'units/vong.service',
      'docs/reference/configuration.md',
      'app/console/web/dist/index.html',
    ])
      expect(existsSync(join(folder, path)) ? path : `${path} is missing`).toBe(path);
    expect(install('--verify')).toEqual({ status: 0, said: 'complete and unchanged\n' });
  });

  it('is refused when a file was changed, one is missing, one was put in, or a link leads elsewhere', () => {
    const changed = join(folder, 'app/main.ts');
    const before = readFileSync(changed);
    appendFileSync(changed, '\n');
    expect(install('--verify')).toMatchObject({ status: 1, said: expect.stringContaining('app/main.ts: FAILED') });
    truncateSync(changed, before.length);
    renameSync(changed, join(home, 'main.ts'));
    expect(install('--verify')).toMatchObject({ status: 1, said: expect.stringContaining('app/main.ts: FAILED open or read') });
    renameSync(join(home, 'main.ts'), changed);
    const more = join(folder, 'app/node_modules/more.js');
    writeFileSync(more, '');
    expect(install('--verify')).toMatchObject({ status: 1, said: expect.stringContaining('not packed') });
    rmSync(more);
    execFileSync('ln', ['-s', '/etc', join(folder, 'app/etc')]);
    expect(install('--verify')).toMatchObject({ status: 1, said: expect.stringContaining('links are not those') });
    rmSync(join(folder, 'app/etc'));
    expect(install('--verify').status).toBe(0);
  });

  it('says plainly what is wrong with its options, and changes nothing', () => {
    expect(install('--prefix')).toMatchObject({ status: 2, said: expect.stringContaining('--prefix needs a value') });
    expect(install('--prefix', 'opt')).toMatchObject({ status: 2, said: expect.stringContaining('must begin with /') });
    expect(install('--prefix', '/tmp/$(id)')).toMatchObject({ status: 2, said: expect.stringContaining('only letters') });
    expect(install('--what')).toMatchObject({ status: 2, said: expect.stringContaining('unknown option --what') });
    expect(install('--prefix', join(home, 'none'), '--rollback')).toMatchObject({
      status: 1,
      said: expect.stringContaining('no version before'),
    });
    expect(existsSync(join(home, 'none'))).toBe(false);
  });
});

describe.skipIf(!namespaces)(
  `a site without internet${namespaces ? '' : ` (no network namespace: ${why.stderr?.trim() ?? why.error?.message})`}`,
  () => {
    it('installs, serves its console, and makes an alert of what its agent reads, where no route leads out', async () => {
      const site = [
        ...ALONE,
        process.execPath,
        '--disable-warning=ExperimentalWarning',
        join(import.meta.dirname, 'site.ts'),
        folder,
        home,
      ];
      const { stdout } = await promisify(execFile)('unshare', site, { maxBuffer: 16 * 1024 * 1024 });
      const seen = JSON.parse(stdout) as Seen;
      expect(seen).toMatchObject({ outside: 'ENETUNREACH', interfaces: ['lo'], ended: true });
      expect(seen.printed).toContain('Vọng Gác answers at http://127.0.0.1:8080');
      expect(seen.console).toContain('<div id="root">');
      expect(seen.alerts.map(({ rule }) => rule.title)).toEqual(['Root Signed In Over SSH With a Password']);
      expect(seen.events).toHaveLength(1);
      expect(readFileSync(join(home, 'data/server.log'), 'utf8')).toContain('Set the first administrator');
    });

    it('takes a new version beside the old one, and goes back', () => {
      const prefix = join(home, 'opt');
      expect(readlinkSync(join(prefix, 'current'))).toBe('releases/0.1.0');
      renameSync(join(prefix, 'releases/0.1.0'), join(prefix, 'releases/0.0.9'));
      execFileSync('ln', ['-sfn', 'releases/0.0.9', join(prefix, 'current')]);
      expect(install('--prefix', prefix, '--data', join(home, 'data'), '--no-units')).toMatchObject({ status: 0 });
      expect([readlinkSync(join(prefix, 'current')), readlinkSync(join(prefix, 'previous'))]).toEqual(['releases/0.1.0', 'releases/0.0.9']);
      expect(install('--prefix', prefix, '--rollback')).toMatchObject({ status: 0, said: expect.stringContaining('now: releases/0.0.9') });
      expect(readlinkSync(join(prefix, 'current'))).toBe('releases/0.0.9');
      const help = execFileSync(join(prefix, 'current/bin/vong'), ['help'], { encoding: 'utf8', env: { PATH: '/usr/bin:/bin' } });
      expect(help).toContain('Vọng Gác');
    });
  },
);
