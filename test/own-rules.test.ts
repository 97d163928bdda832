import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileRules, loadPipelines, parseRules } from 'sigma-rules-ts';
import { describe, expect, it } from 'vitest';
import type { RecordFormat } from '@vong/collector/contracts';
import { parseRecord } from '@vong/collector/parsers';

const root = fileURLToPath(new URL('../rules/', import.meta.url));
const pipelines = loadPipelines(
  readdirSync(join(root, 'pipelines'))
    .filter((name) => name.endsWith('.yml'))
    .map((name) => readFileSync(join(root, 'pipelines', name), 'utf8')),
);
const folders = readdirSync(join(root, 'sigma'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.name === 'rule.yml')
  .map((entry) => entry.parentPath);

const all = folders.map((folder) => {
  const { rules, failures } = parseRules(readFileSync(join(folder, 'rule.yml'), 'utf8'), folder);
  return { folder, name: folder.slice(root.length), rules, failures };
});
const set = compileRules(
  all.flatMap((each) => each.rules),
  { pipelines },
);

function matchesOf(folder: string, file: string): string[][] {
  const lines = readFileSync(join(folder, file), 'utf8').trim().split('\n');
  return lines.map((line) => {
    const { raw, format } = JSON.parse(line) as { raw: string; format: RecordFormat };
    const outcome = parseRecord({ raw, format, collected: '2026-11-22T02:00:00.000Z' });
    if ('error' in outcome) throw new Error(outcome.error.reason);
    return set.match(outcome.event).map(({ rule }) => rule.id);
  });
}

describe.each(all)('our rule $name', ({ folder, rules, failures }) => {
  it('loads, with an id of its own', () => {
    expect(failures).toEqual([]);
    expect(rules).toHaveLength(1);
    expect(all.filter((other) => other.rules[0]?.id === rules[0]?.id)).toHaveLength(1);
  });

  it('fires on each of its firing samples', () => {
    for (const matches of matchesOf(folder, 'firing.ndjson')) expect(matches).toContain(rules[0]?.id);
  });

  it('is silent on each of its silent samples', () => {
    for (const matches of matchesOf(folder, 'silent.ndjson')) expect(matches).not.toContain(rules[0]?.id);
  });
});
