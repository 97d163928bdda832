/** Our correlations: each raises its match on the records of `firing.ndjson`, taken together, and none on those of `silent.ndjson`. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileCorrelations, compileRules, loadPipelines, parseSigma, readFields, silencedRules } from 'sigma-rules-ts';
import { describe, expect, it } from 'vitest';
import type { RecordFormat } from '@vong/collector/contracts';
import { parseRecord } from '@vong/collector/parsers';

const root = fileURLToPath(new URL('../rules/', import.meta.url));
const pipelines = loadPipelines(
  readdirSync(join(root, 'pipelines'))
    .filter((name) => name.endsWith('.yml'))
    .sort()
    .map((name) => readFileSync(join(root, 'pipelines', name), 'utf8')),
);
const all = readdirSync(join(root, 'correlation')).map((name) => ({
  name,
  folder: join(root, 'correlation', name),
  ...parseSigma(readFileSync(join(root, 'correlation', name, 'rule.yml'), 'utf8'), name),
}));
const ids = all.flatMap(({ rules, correlations }) => [...rules, ...correlations].map(({ id }) => id));

/** Ids of the correlations that match the records of a file, in order. */
function matchesOf({ folder, rules, correlations }: (typeof all)[number], file: string): string[] {
  const set = compileRules(rules, { pipelines });
  const { correlator, failures, fieldsOf } = compileCorrelations(correlations, { rules });
  expect(failures).toEqual([]);
  return readFileSync(join(folder, file), 'utf8')
    .trim()
    .split('\n')
    .flatMap((line, index) => {
      const { raw, format } = JSON.parse(line) as { raw: string; format: RecordFormat };
      const outcome = parseRecord({ raw, format, collected: '2026-11-22T02:00:00.000Z' });
      if ('error' in outcome) throw new Error(outcome.error.reason);
      const { event } = outcome;
      return set.match(event).flatMap(({ rule }) => {
        const fields = readFields(event, rule, { fields: fieldsOf(rule.id), pipelines });
        const found = correlator.push({ rule: rule.id, id: `${index}`, time: Date.parse(event['@timestamp']), fields });
        return found.map(({ correlation }) => correlation.id);
      });
    });
}

describe.each(all)('our correlation $name', (each) => {
  const outermost = each.correlations[0]?.id ?? '';

  it('loads, with ids of its own, and only its outermost correlation alerts', () => {
    expect(each.failures).toEqual([]);
    for (const { id } of [...each.rules, ...each.correlations]) expect(ids.filter((other) => other === id)).toHaveLength(1);
    const silent = silencedRules(each.correlations, each.rules);
    expect([...each.rules, ...each.correlations].map(({ id }) => id).filter((id) => !silent.has(id))).toEqual([outermost]);
  });
  it('fires once on its firing samples', () => {
    expect(matchesOf(each, 'firing.ndjson').filter((id) => id === outermost)).toHaveLength(1);
  });
  it('is silent on its silent samples', () => {
    expect(matchesOf(each, 'silent.ndjson')).not.toContain(outermost);
  });
});
