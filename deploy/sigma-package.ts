/**
 * Builds the npm package `sigma-rules-ts` as it is published: JavaScript and types of `engine/sigma`, our pipelines as an entry of
 * their own, README and licence. `node deploy/sigma-package.ts [--out DIR]` (default `dist/sigma-rules-ts`), then
 * `npm publish DIR`. In the workspace the package's entries are its TypeScript files; those named here replace them.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import manifest from '../engine/sigma/package.json' with { type: 'json' };

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'engine', 'sigma');
const PIPELINES = './pipelines/texts';

/** Fills `out`, which is emptied first. Throws where TypeScript finds errors or an entry is missing. */
export function buildSigmaPackage(out: string): void {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [tsc, '-p', join(source, 'tsconfig.package.json'), '--outDir', out], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  for (const file of globSync('**/*.d.ts', { cwd: out })) rewriteImports(join(out, file));
  writePipelines(out);
  for (const file of ['README.md', 'LICENSE']) copyFileSync(join(source, file), join(out, file));
  writeManifest(out);
}

/** TypeScript leaves `.ts` in the imports of declarations, where not every version of it looks for `.d.ts`. */
function rewriteImports(file: string): void {
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace(/((?:from |import\()["']\.{1,2}\/[^"']+)\.ts(["'])/g, '$1.js$2'));
}

function writePipelines(out: string): void {
  const texts = globSync(join(root, 'rules', 'pipelines', '*.yml'))
    .sort()
    .map((file) => JSON.stringify(readFileSync(file, 'utf8')));
  const comment =
    '/** Pipelines for ECS and Winlogbeat, Sysmon, auditd, web servers, clouds and flat events, for `loadPipelines`: the YAML of each. */';
  writeFileSync(join(out, `${PIPELINES}.js`), `${comment}\nexport const PIPELINE_TEXTS = [\n${texts.join(',\n')},\n];\n`);
  writeFileSync(join(out, `${PIPELINES}.d.ts`), `${comment}\nexport declare const PIPELINE_TEXTS: readonly string[];\n`);
}

function writeManifest(out: string): void {
  const entries: Record<string, string> = { './pipelines': PIPELINES };
  // Measurements and tests are the workspace's own.
  for (const [name, file] of Object.entries(manifest.exports))
    if (file.endsWith('.ts') && !/(^|\/)(bench|test)(\/|$)/.test(name)) entries[name] = file.replace(/\.ts$/, '');
  for (const [name, file] of Object.entries(entries))
    if (!existsSync(join(out, `${file}.js`)))
      throw new Error(`the entry ${name} is not in the files of engine/sigma/tsconfig.package.json`);
  const published = {
    name: 'sigma-rules-ts',
    version: manifest.version,
    description: 'Sigma rules (specification 2.1): parse, compile, match, correlate, explain and check them, in Node and in browsers',
    keywords: ['sigma', 'sigma-rules', 'siem', 'detection', 'correlation', 'security'],
    license: manifest.license,
    type: 'module',
    sideEffects: false,
    exports: {
      ...Object.fromEntries(
        Object.entries(entries)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, file]) => [name, { types: `${file}.d.ts`, default: `${file}.js` }]),
      ),
      './package.json': './package.json',
    },
    types: './index.d.ts',
    files: ['**/*.js', '**/*.d.ts'],
    dependencies: manifest.dependencies,
    engines: { node: '>=22' },
  };
  writeFileSync(join(out, 'package.json'), `${JSON.stringify(published, undefined, 2)}\n`);
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { out: { type: 'string', default: join(root, 'dist', 'sigma-rules-ts') } } });
  buildSigmaPackage(values.out);
  console.log(`sigma-rules-ts: built in ${values.out}`);
}
