/** The package `sigma-rules-ts` as a stranger gets it: packed, unpacked beside `yaml` alone, imported, type-checked, bundled. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { build, type Rolldown } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildSigmaPackage } from '../deploy/sigma-package.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'vong-sigma-package-'));
const installed = join(home, 'node_modules', 'sigma-rules-ts');
let packed: string[] = [];

function run(command: string, args: readonly string[], cwd = home): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

beforeAll(() => {
  const out = join(home, 'built');
  buildSigmaPackage(out);
  run('npm', ['pack', '--offline', '--ignore-scripts', '--pack-destination', home], out);
  mkdirSync(installed, { recursive: true });
  const archive = join(home, 'sigma-rules-ts-0.1.0.tgz');
  run('tar', ['-xzf', archive, '-C', installed, '--strip-components=1']);
  packed = run('tar', ['-tzf', archive]).trim().split('\n');
  symlinkSync(join(root, 'node_modules', 'yaml'), join(home, 'node_modules', 'yaml'));
  writeFileSync(join(home, 'package.json'), '{"type": "module"}');
}, 120_000);

afterAll(() => rmSync(home, { recursive: true, force: true }));

it('holds JavaScript, types, README and licence, and neither tests nor sources', () => {
  const names = packed.map((name) => name.replace(/^package\//, ''));
  expect(names).toEqual(expect.arrayContaining(['package.json', 'README.md', 'LICENSE', 'index.js', 'index.d.ts', 'pipelines/texts.js']));
  expect(names.filter((name) => !/^(package\.json|README\.md|LICENSE)$|\.js$|\.d\.ts$/.test(name))).toEqual([]);
  expect(names.filter((name) => /(^|\/)(test|bench)(\/|\.)|\.test\./.test(name))).toEqual([]);
  const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as { dependencies: object };
  expect(Object.keys(dependencies)).toEqual(['yaml']);
});

describe('in Node', () => {
  it('the example of its README prints what it says', () => {
    const example = /```js\n([\s\S]*?)```/.exec(readFileSync(join(installed, 'README.md'), 'utf8'))?.[1] ?? '';
    writeFileSync(join(home, 'example.js'), example);
    expect(run(process.execPath, ['example.js'])).toBe('high Encoded PowerShell\n');
  });
  it('every entry can be imported, and matches JSON text', () => {
    writeFileSync(join(home, 'entries.js'), PROGRAM);
    expect(run(process.execPath, ['entries.js'])).toBe('["Raw"] true []\n');
  });
});

const PROGRAM = `
import { compileRules, loadPipelines, parseRules } from 'sigma-rules-ts';
import { lintSigma } from 'sigma-rules-ts/lint';
import { PIPELINE_TEXTS } from 'sigma-rules-ts/pipelines';
import { plainMatch } from 'sigma-rules-ts/plain';
const text = 'title: Raw\\nid: r\\nlevel: low\\nlogsource: {product: linux, service: auditd}\\ndetection: {s: {type: EXECVE, a0|re: "^w.*t$"}, condition: s}\\n';
const { rules } = parseRules(text, 'r.yml');
const pipelines = loadPipelines(PIPELINE_TEXTS);
const event = { ls_product: 'linux', ls_service: 'auditd', type: 'EXECVE', a0: 'wget' };
const found = compileRules(rules, { pipelines }).matchJson(new TextEncoder().encode(JSON.stringify(event)));
const output = [
  JSON.stringify(found.map(({ rule }) => rule.title)),
  plainMatch(event, rules, pipelines).length === found.length,
  JSON.stringify(lintSigma([{ file: 'r.yml', text }]).filter(({ code }) => code === 'unreadable')),
].join(' ');
(globalThis.print ?? console.log)(output);
`;

it('its types hold for a strict consumer that has neither Node\u2019s nor our own', () => {
  writeFileSync(join(home, 'consumer.ts'), CONSUMER);
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2022'],
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
  };
  writeFileSync(join(home, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }));
  const check = (): string => run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', home]);
  expect(check()).toBe('');
  // The types say something: what is wrong is refused.
  writeFileSync(join(home, 'consumer.ts'), CONSUMER.replace("'high'", "'urgent'"));
  expect(check).toThrow('Command failed');
}, 60_000);

const CONSUMER = `
import { compileRules, loadPipelines, parseRules, type Level, type Match, type RuleSet, SigmaError } from 'sigma-rules-ts';
import { type Finding, lintSigma } from 'sigma-rules-ts/lint';
import { PIPELINE_TEXTS } from 'sigma-rules-ts/pipelines';
import { plainMatch } from 'sigma-rules-ts/plain';
const { rules, failures } = parseRules('title: T', 't.yml');
const wanted: Level = 'high';
const set: RuleSet = compileRules(rules.filter((rule) => rule.level === wanted), { pipelines: loadPipelines(PIPELINE_TEXTS) });
const found: Match[] = set.match({ a: 1 });
const first: Finding | undefined = lintSigma([{ file: 't.yml', text: '' }])[0];
export const all: [string[], number, string | undefined, boolean, number] =
  [found.map(({ rule }) => rule.id), failures.length, first?.message, failures instanceof SigmaError, plainMatch({}, rules, loadPipelines([])).length];
`;

it('bundles for browsers without any module of Node, and runs with nothing but what browsers have', async () => {
  writeFileSync(join(home, 'page.js'), PROGRAM);
  const asked: string[] = [];
  const result = (await build({
    configFile: false,
    root: home,
    logLevel: 'silent',
    plugins: [{ name: 'no-node', enforce: 'pre', resolveId: (id) => void (isBuiltin(id) && asked.push(id)) }],
    build: { write: false, minify: false, lib: { entry: join(home, 'page.js'), formats: ['iife'], name: 'page' } },
  })) as Rolldown.RolldownOutput[];
  const code = result.flatMap(({ output }) => output.flatMap((one) => (one.type === 'chunk' ? one.code : []))).join('\n');
  expect(asked).toEqual([]);
  expect(code).not.toMatch(/\brequire\(["']|^\s*(import|export)\b/m);
  const printed: string[] = [];
  runInNewContext(code, { print: (line: string) => printed.push(line), TextEncoder, TextDecoder, performance });
  expect(printed).toEqual(['["Raw"] true []']);
}, 60_000);
