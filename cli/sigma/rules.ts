/** Rules and pipelines from folders. */
import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadPipelines, type Pipelines, type RuleFailure, type SigmaFilter, type SigmaRule } from 'sigma-rules-ts';
import { CommandFailure, EXIT } from '../exit.ts';
import { parseCached, type ParsedCache } from './cache.ts';

/** The pipelines that come with the product. */
export const PIPELINES = fileURLToPath(new URL('../../rules/pipelines', import.meta.url));

export interface LoadedRules {
  readonly rules: SigmaRule[];
  /** Filters that stand among the rules. */
  readonly filters: SigmaFilter[];
  readonly failures: RuleFailure[];
}

/** Every `.yml` and `.yaml` below the folders; a path may also be one file. */
export async function loadRules(paths: readonly string[], cache?: ParsedCache): Promise<LoadedRules> {
  const loaded: LoadedRules = { rules: [], filters: [], failures: [] };
  for (const path of paths)
    for (const file of await yamlFiles(path)) {
      // Nothing else is to be done meanwhile, and thousands of small files are read in a third of the processor time.
      const found = parseCached(readFileSync(file, 'utf8'), file, cache);
      loaded.rules.push(...found.rules);
      loaded.filters.push(...found.filters);
      loaded.failures.push(...found.failures, ...found.correlations.map(({ line }) => refused(file, line)));
    }
  return loaded;
}

/** A correlation needs a stream of events; what looks at rules alone names it as what it cannot use. */
function refused(file: string, line: number): RuleFailure {
  return { file, line, column: 1, code: 'SIGMA_DOCUMENT', reason: 'This document is not a detection rule: it is a "correlation" document' };
}

/** The pipelines of a folder, in the order of their names. */
export async function loadPipelineFolder(folder: string): Promise<Pipelines> {
  const files = await yamlFiles(folder);
  if (files.length === 0) throw new CommandFailure(EXIT.usage, `${folder} holds no pipelines (.yml).`);
  try {
    return loadPipelines(await Promise.all(files.map((file) => readFile(file, 'utf8'))));
  } catch (error) {
    throw new CommandFailure(
      EXIT.usage,
      `The pipelines of ${folder} cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

/** Every `.yml` and `.yaml` at or below a path, in the order of their names. */
export async function yamlFiles(path: string): Promise<string[]> {
  if (!existsSync(path)) throw new CommandFailure(EXIT.usage, `${path} does not exist.`);
  if ((await stat(path)).isFile()) return [path];
  const files: string[] = [];
  for (const entry of (await readdir(path, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const inner = join(path, entry.name);
    const folder = entry.isDirectory() || (entry.isSymbolicLink() && (await stat(inner)).isDirectory());
    if (folder) files.push(...(await yamlFiles(inner)));
    else if (/\.ya?ml$/i.test(entry.name)) files.push(inner);
  }
  return files;
}
