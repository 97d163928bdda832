/** Runs the rule of a case over its samples. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { compileRules, explain, parseRules, type Pipelines, type RuleSet, type SigmaRule } from 'sigma-rules-ts';
import type { RuleCase, SampleFile } from './cases.ts';
import { readSamples } from './samples.ts';
import { shortReason } from './tree.ts';

export interface CaseResult {
  readonly name: string;
  readonly rule?: string;
  readonly title?: string;
  /** Events that were looked at, by what was expected of them. */
  readonly firing: number;
  readonly silent: number;
  readonly failures: readonly { readonly place: string; readonly reason: string }[];
  readonly skipped?: string;
  readonly seconds: number;
}

interface Run {
  readonly rules: readonly SigmaRule[];
  readonly set: RuleSet;
  readonly pipelines: Pipelines;
  readonly failures: { place: string; reason: string }[];
}

export async function runCase(one: RuleCase, pipelines: Pipelines): Promise<CaseResult> {
  const started = performance.now();
  const done = (result: Omit<CaseResult, 'name' | 'seconds'>): CaseResult => ({
    name: one.name,
    ...result,
    seconds: (performance.now() - started) / 1000,
  });
  if (one.skip !== undefined) return done({ firing: 0, silent: 0, failures: [], skipped: one.skip });
  const failures = one.problem === undefined ? [] : [{ place: one.name, reason: one.problem }];
  const loaded = one.ruleFile === undefined ? { rules: [], failures: [] } : parseRules(await readFile(one.ruleFile, 'utf8'), one.ruleFile);
  const rules = loaded.rules.filter(({ id }) => one.ruleId === undefined || id === one.ruleId);
  for (const { file, line = 1, column = 1, code, reason } of loaded.failures)
    failures.push({ place: `${file}:${line}:${column}`, reason: `${code} ${reason}` });
  const set = compileRules(rules, {
    pipelines,
    onFault: (id, error) => failures.push({ place: one.name, reason: `the rule ${id} threw: ${String(error)}` }),
  });
  for (const { file, line = 1, code, reason } of set.unusable) failures.push({ place: `${file}:${line}`, reason: `${code} ${reason}` });
  const counts = { fires: 0, silent: 0 };
  if (rules.length > 0)
    for (const sample of one.samples) counts[sample.expected] += await runSamples(sample, { rules, set, pipelines, failures });
  const [rule] = rules;
  return done({
    ...(rule === undefined ? {} : { rule: rule.id, title: rule.title }),
    firing: counts.fires,
    silent: counts.silent,
    failures,
  });
}

/** Gives the number of events. */
async function runSamples({ path, expected, count }: SampleFile, { rules, set, pipelines, failures }: Run): Promise<number> {
  const samples = await readSamples(path, basename(path));
  const missed: { place: string; reason: string }[] = [];
  let matched = 0;
  for (const { place, event, problem } of samples) {
    const hits = event === undefined ? [] : set.match(event);
    matched += hits.length > 0 ? 1 : 0;
    if (event === undefined) failures.push({ place, reason: problem ?? 'it is no event' });
    else if (expected === 'silent' && hits.length > 0) failures.push({ place, reason: 'the rule fires' });
    else if (expected === 'fires' && hits.length === 0)
      missed.push({ place, reason: `the rule does not fire: ${whyNot(rules, event, pipelines)}` });
  }
  if (samples.length === 0) failures.push({ place: basename(path), reason: 'it holds no events' });
  if (count === undefined) failures.push(...missed);
  else if (matched < count) {
    const why = missed.slice(0, 3).map(({ place, reason }) => `${place}: ${reason}`);
    failures.push({
      place: basename(path),
      reason: `${matched} of ${samples.length} events match, ${count} are expected; ${why.join('; ')}`,
    });
  }
  return samples.length;
}

function whyNot(rules: readonly SigmaRule[], event: object, pipelines: Pipelines): string {
  const [rule] = rules;
  return rule === undefined ? 'there is no rule' : shortReason(explain(rule, event, { pipelines }));
}
