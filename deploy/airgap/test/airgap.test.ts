/** The archive for a site without internet: whole, and at work where no route leads out. */
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
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
const tried = spawnSync('unshare', [...ALONE, 'ip', 'link', 'set', 'lo', 'up'], { encoding: 'utf8' });
const why = tried.status === 0 ? '' : ` (no network namespace: ${tried.error?.message ?? tried.stderr.trim()})`;
const NEEDED = [
  'install.sh',
  'node/bin/node',
  'bin/vong',
  'sbom.cdx.json',
  'units/vong.service',
  'units/agent.json',
  'docs/deployment.md',
  'docs/reference/configuration.md',
  'app/console/web/dist/index.html',
];
let folder: string;
let sha256: string;

beforeAll(async () => {
  const built = await buildArchive(archive);
  sha256 = built.sha256;
  execFileSync('tar', ['-xzf', archive, '-C', home]);
  folder = join(home, built.folder);
}, 240_000);
afterAll(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }));

describe('the archive', () => {
  it('is what its checksum file says, and holds what it needs', () => {
    expect(readFileSync(`${archive}.sha256`, 'utf8')).toBe(`${sha256}  vong-gac.tar.gz\n`);
    expect(execFileSync('sha256sum', ['--check', 'vong-gac.tar.gz.sha256'], { cwd: home, encoding: 'utf8' })).toContain('OK');
    expect(NEEDED.filter((path) => !existsSync(join(folder, path)))).toEqual([]);
  });
});

describe.skipIf(why !== '')(`a site without internet${why}`, () => {
  it('installs, serves its console, and makes an alert of what its agent reads, where no route leads out', async () => {
    const site = [...ALONE, process.execPath, '--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'site.ts'), folder, home];
    const { stdout } = await promisify(execFile)('unshare', site, { maxBuffer: 16 * 1024 * 1024 });
    const seen = JSON.parse(stdout) as Seen;
    expect(seen).toMatchObject({ outside: 'ENETUNREACH', interfaces: ['lo'], ended: true });
    expect(seen.printed).toContain('Vọng Gác answers at http://127.0.0.1:8080');
    expect(seen.console).toContain('<div id="root">');
    expect(seen.alerts.map(({ rule }) => rule.title)).toEqual(['Root Signed In Over SSH With a Password']);
    expect(seen.events).toHaveLength(1);
    expect(readFileSync(join(home, 'data/server.log'), 'utf8')).toContain('Set the first administrator');
  });
});
