/** What is shipped: complete, nothing of development, counted in the bill of materials. */
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localUrl } from '../health.ts';
import type { Sbom } from '../sbom.ts';
import { stageApplication } from '../stage.ts';
import { programsOf, unreachable } from './reach.ts';

const home = mkdtempSync(join(tmpdir(), 'vong-stage-'));
const app = join(home, 'app');
const release = { version: '0.1.0', node: '24.0.0', created: '2026-01-02T03:04:05.000Z' };

beforeAll(() => stageApplication(app, release), 240_000);
afterAll(() => rmSync(home, { recursive: true, force: true }));

const bill = (): Sbom => JSON.parse(readFileSync(join(app, 'sbom.cdx.json'), 'utf8')) as Sbom;

/** Folders of packages directly in `node_modules` of `folder` and in those of its packages, as paths inside the application. */
function packageFolders(folder = ''): string[] {
  const modules = join(folder, 'node_modules');
  if (!existsSync(join(app, modules))) return [];
  return readdirSync(join(app, modules), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== '@vong')
    .flatMap((entry) =>
      entry.name.startsWith('@')
        ? readdirSync(join(app, modules, entry.name)).map((inside) => join(modules, entry.name, inside))
        : [join(modules, entry.name)],
    )
    .flatMap((each) => [each, ...packageFolders(each)]);
}

describe('the staged application', () => {
  it('reaches everything its programs import, but what only the tests of a checkout start servers with', () => {
    expect(programsOf(app).length).toBeGreaterThan(5);
    expect(unreachable(app).filter((each) => !each.endsWith(' → testcontainers'))).toEqual([]);
  });

  it('runs its command line, away from the checkout', () => {
    const printed = execFileSync(process.execPath, ['cli/main.ts', 'help'], { cwd: app, encoding: 'utf8' });
    expect(printed).toContain('serve');
  });

  it('holds the built console and the rules, and neither tests nor packages of development', () => {
    expect(existsSync(join(app, 'console/web/dist/index.html'))).toBe(true);
    expect(existsSync(join(app, 'rules/sigma/linux/sshd_root_password/rule.yml'))).toBe(true);
    const ours = globSync('{main.ts,cli,platform,collector,engine,range,console,deploy}/**', { cwd: app });
    expect(ours.length).toBeGreaterThan(200);
    expect(ours.filter((path) => /\.test\.tsx?$|(^|\/)test(\/|$)/.test(path))).toEqual([]);
    const development = ['vite', 'vitest', 'typescript', 'testcontainers', 'react', 'oxlint'];
    expect(development.filter((name) => existsSync(join(app, 'node_modules', name)))).toEqual([]);
  });
});

describe('the bill of materials', () => {
  it('names every package that is shipped with its version, and none that is not', () => {
    const shipped = new Set(
      packageFolders().map((folder) => {
        const { name, version } = JSON.parse(readFileSync(join(app, folder, 'package.json'), 'utf8')) as { name: string; version: string };
        return `${name}@${version}`;
      }),
    );
    const { components } = bill();
    const named = components.filter(({ hashes }) => hashes !== undefined).map(({ name, version }) => `${name}@${version}`);
    expect(shipped.size).toBeGreaterThan(100);
    expect([...new Set(named)].toSorted()).toEqual([...shipped].toSorted());
  });

  it('says of every component what it is licensed under and what it needs, of what is shipped', () => {
    const { components, dependencies } = bill();
    expect(components.filter(({ licenses }) => licenses === undefined)).toEqual([]);
    const known = new Set(['vong-gac', ...components.map((each) => each['bom-ref'])]);
    expect(known.size).toBe(components.length + 1);
    expect(dependencies.map(({ ref }) => ref).toSorted()).toEqual([...known].filter((ref) => ref !== 'node').toSorted());
    const needed = new Set(dependencies.flatMap(({ dependsOn }) => dependsOn));
    expect([...needed].filter((ref) => !known.has(ref))).toEqual([]);
    // The console is shipped built: nothing needs its package.
    expect([...known].filter((ref) => !['vong-gac', 'console'].includes(ref) && !needed.has(ref))).toEqual([]);
  });

  it('names the runtime, and says the same of the same content', () => {
    const sbom = bill();
    expect(sbom).toMatchObject({ bomFormat: 'CycloneDX', metadata: { timestamp: release.created } });
    expect(sbom.components).toContainEqual(expect.objectContaining({ type: 'platform', name: 'node', version: '24.0.0' }));
    expect(sbom.serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe('the health check', () => {
  it.each([
    ['0.0.0.0:8080', 'http://127.0.0.1:8080/readyz'],
    ['[::]:80', 'http://127.0.0.1:80/readyz'],
    ['[::1]:9', 'http://[::1]:9/readyz'],
    ['10.0.0.4:8081', 'http://10.0.0.4:8081/readyz'],
  ])('asks a server that listens at %s at %s', (listen, url) => {
    expect(localUrl(listen, '/readyz')).toBe(url);
  });

  it('fails plainly where nobody answers', () => {
    const env = { ...process.env, VONG_LISTEN: '127.0.0.1:1' };
    expect(() => execFileSync(process.execPath, [join(app, 'deploy/images/health.ts')], { env, stdio: 'pipe' })).toThrow(/fetch failed/);
  });
});
