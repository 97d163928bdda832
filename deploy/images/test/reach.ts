/** What the programs of a staged application reach by their imports, as far as import statements say it. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative } from 'node:path';

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s(?!type\b)[^;'"]*?from\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g;

interface Manifest {
  readonly exports?: Readonly<Record<string, string>>;
}

/** Programs that are started by their file's name: the server, the command line, the agent, worker threads. */
export function programsOf(app: string): string[] {
  const workers = globSync('{platform,collector,engine,range}/**/*{worker,consumer}.ts', { cwd: app });
  return ['main.ts', 'cli/main.ts', 'collector/agent/main.ts', ...workers.filter((path) => !path.includes('node_modules'))];
}

/** Every `file → specifier` that leads to nothing inside `app`. */
export function unreachable(app: string): string[] {
  const seen = new Set<string>();
  const missing: string[] = [];
  const follow = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const [, from, bare, dynamic] of readFileSync(join(app, file), 'utf8').matchAll(IMPORT)) {
      const specifier = from ?? bare ?? dynamic ?? '';
      if (isBuiltin(specifier)) continue;
      const target = resolved(app, file, specifier);
      if (target === undefined) missing.push(`${file} → ${specifier}`);
      else if (target.endsWith('.ts')) follow(target);
    }
  };
  for (const program of programsOf(app)) follow(program);
  return missing;
}

function resolved(app: string, file: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) {
    const target = relative(app, join(app, dirname(file), specifier));
    return existsSync(join(app, target)) ? target : undefined;
  }
  const parts = specifier.split('/');
  const name = parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
  const folder = join('node_modules', name);
  if (!existsSync(join(app, folder, 'package.json'))) return undefined;
  if (!name.startsWith('@vong/') && name !== 'sigma-rules-ts') return folder;
  const inside = `.${specifier.slice(name.length)}`;
  const { exports = {} } = JSON.parse(readFileSync(join(app, folder, 'package.json'), 'utf8')) as Manifest;
  const entry = exports[inside] ?? exports['./*']?.replace('*', inside.slice(2));
  const ours = { '@vong/platform': 'platform', '@vong/collector': 'collector', '@vong/engine': 'engine', '@vong/range': 'range' };
  const home = name in ours ? ours[name as keyof typeof ours] : 'engine/sigma';
  return entry !== undefined && existsSync(join(app, home, entry)) ? join(home, entry) : undefined;
}
