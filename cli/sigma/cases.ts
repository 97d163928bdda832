/**
 * Rules with their samples, found in folders: `rule.yml` with `firing.ndjson` and `silent.ndjson`, as in `rules/sigma`; and SigmaHQ's
 * `regression_data`, where an `info.yml` names the rule by its id and the events beside it.
 */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { yamlFiles } from './rules.ts';

export interface SampleFile {
  readonly path: string;
  /** `fires`: every event must match, or as many as `count` says; `silent`: none may. */
  readonly expected: 'fires' | 'silent';
  readonly count?: number;
}

export interface RuleCase {
  /** Folder, from the one that was given. */
  readonly name: string;
  /** Undefined where the rule is not found. */
  readonly ruleFile?: string;
  /** Only this rule of the file. */
  readonly ruleId?: string;
  readonly samples: readonly SampleFile[];
  /** What is wrong with the case itself. */
  readonly problem?: string;
  /** Why there is nothing to test. */
  readonly skip?: string;
}

/** The cases below a folder, in the order of their names. `rules` are the folders in which rules are looked for by id. */
export async function findCases(folder: string, rules: readonly string[]): Promise<RuleCase[]> {
  const cases: RuleCase[] = [];
  const info: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if (entry.name === 'info.yml') info.push(path);
    else if (entry.name === 'rule.yml') cases.push(ownCase(path, folder));
  }
  if (info.length > 0) {
    const places = rules.length > 0 ? rules : await rulesBeside(folder);
    const files = await filesById(places);
    for (const path of info) cases.push(await regressionCase(path, folder, files));
  }
  return cases.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function ownCase(path: string, root: string): RuleCase {
  const folder = dirname(path);
  const samples = (['firing', 'silent'] as const).flatMap((word): SampleFile[] => {
    const file = join(folder, `${word}.ndjson`);
    return existsSync(file) ? [{ path: file, expected: word === 'firing' ? 'fires' : 'silent' }] : [];
  });
  const missing = ['fires', 'silent'].find((expected) => !samples.some((sample) => sample.expected === expected));
  const problem = missing === undefined ? {} : { problem: `it has no ${missing === 'fires' ? 'firing' : 'silent'}.ndjson` };
  return { name: nameOf(folder, root), ruleFile: path, samples, ...problem };
}

function nameOf(folder: string, root: string): string {
  return relative(root, folder) || basename(folder);
}

/** `rules`, `rules-*` beside the folder `regression_data` that a path leads through. */
async function rulesBeside(folder: string): Promise<string[]> {
  for (let at = resolve(folder), up = ''; at !== up; up = at, at = dirname(at)) {
    const home = basename(at) === 'regression_data' ? dirname(at) : existsSync(join(at, 'regression_data')) ? at : undefined;
    if (home === undefined) continue;
    const entries = await readdir(home, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory() && /^rules(?:-|$)/.test(entry.name)).map((entry) => join(home, entry.name));
  }
  return [];
}

async function filesById(folders: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const folder of folders)
    for (const file of await yamlFiles(folder))
      for (const found of (await readFile(file, 'utf8')).matchAll(/^id:\s*['"]?([^\s'"]+)/gm))
        if (found[1] !== undefined) files.set(found[1], file);
  return files;
}

async function regressionCase(path: string, root: string, files: ReadonlyMap<string, string>): Promise<RuleCase> {
  const folder = dirname(path);
  const name = nameOf(folder, root);
  const info = readInfo(await readFile(path, 'utf8'));
  if (info === undefined) return { name, samples: [], problem: 'info.yml cannot be read' };
  const ruleId = info.rule;
  if (info.tests.length === 0) return { name, samples: [], skip: 'info.yml names no tests' };
  const ruleFile = files.get(ruleId);
  const samples = info.tests.map((test): SampleFile => {
    // The JSON beside an event log holds the same records.
    const file = join(folder, basename(test.path));
    const json = file.replace(/\.evtx$/, '.json');
    return { path: existsSync(json) ? json : file, expected: 'fires', count: test.count };
  });
  if (ruleFile === undefined) return { name, ruleId, samples, problem: `no rule has the id ${ruleId} (say where they are with --rules)` };
  return { name, ruleFile, ruleId, samples };
}

interface Info {
  readonly rule: string;
  readonly tests: readonly { readonly path: string; readonly count: number }[];
}

/** The few keys of an `info.yml` that matter here, which it writes one to a line. */
function readInfo(text: string): Info | undefined {
  const rule = /^\s*-?\s*id:\s*['"]?([^\s'"]+)/m.exec(section(text, 'rule_metadata'))?.[1];
  if (rule === undefined) return undefined;
  const entries = section(text, 'regression_tests_info').split(/^\s*-\s+/m);
  const tests = entries.flatMap((entry) => {
    const path = /^\s*path:\s*['"]?(.+?)['"]?\s*$/m.exec(entry)?.[1];
    const count = /^\s*match_count:\s*(\d{1,9})\s*$/m.exec(entry)?.[1];
    return path === undefined ? [] : [{ path, count: count === undefined ? 1 : Number(count) }];
  });
  return { rule, tests };
}

/** The lines below a key at the start of a line, up to the next such key. */
function section(text: string, key: string): string {
  const lines = text.split(/\r?\n/);
  const start = lines.findIndex((line) => line.startsWith(`${key}:`));
  if (start < 0) return '';
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => /^[A-Za-z_]/.test(line));
  return rest.slice(0, end < 0 ? rest.length : end).join('\n');
}
