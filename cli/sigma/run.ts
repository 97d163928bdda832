/** Runs the rule of a case over its samples. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  applyFilters,
  applyProcessing,
  applyProcessingToCorrelations,
  compileRules,
  explain,
  parseSigma,
  type Pipelines,
  type RuleSet,
  type SigmaCorrelation,
  type SigmaRule,
} from 'sigma-rules-ts';
import type { RuleCase, SampleFile } from './cases.ts';
import { readSamples } from './samples.ts';
import { runStream } from './stream.ts';
import { shortReason } from './tree.ts';
import type { LoadedTuning } from './tuning.ts';

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
  readonly correlations: readonly SigmaCorrelation[];
  readonly set: RuleSet;
  readonly pipelines: Pipelines;
  readonly failures: { place: string; reason: string }[];
}

/** What the rules of all cases are run with. */
export interface CaseOptions {
  readonly pipelines: Pipelines;
  readonly tuning: LoadedTuning;
  /** Told of the rules of each case, as they are written. */
  readonly onRules: (rules: readonly SigmaRule[]) => void;
}

export async function runCase(one: RuleCase, options: CaseOptions): Promise<CaseResult> {
  const { pipelines } = options;
  const started = performance.now();
  const done = (result: Omit<CaseResult, 'name' | 'seconds'>): CaseResult => ({
    name: one.name,
    ...result,
    seconds: (performance.now() - started) / 1000,
  });
  if (one.skip !== undefined) return done({ firing: 0, silent: 0, failures: [], skipped: one.skip });
  const failures = one.problem === undefined ? [] : [{ place: one.name, reason: one.problem }];
  const loaded = await load(one, failures, options);
  const run: Run = { ...loaded, set: compileCase(loaded.rules, { pipelines, failures, name: one.name }), pipelines, failures };
  const counts = { fires: 0, silent: 0 };
  if (run.rules.length > 0) for (const sample of one.samples) counts[sample.expected] += await runSamples(sample, run);
  const [shown] = [...run.correlations, ...run.rules];
  return done({
    ...(shown === undefined ? {} : { rule: shown.id, title: shown.title }),
    firing: counts.fires,
    silent: counts.silent,
    failures,
  });
}

/** The rules of a case, with the filters of its file and those of all cases applied, then the processing pipelines. */
async function load(
  { ruleFile, ruleId }: RuleCase,
  failures: Run['failures'],
  { tuning, onRules }: CaseOptions,
): Promise<Pick<Run, 'rules' | 'correlations'>> {
  if (ruleFile === undefined) return { rules: [], correlations: [] };
  const parsed = parseSigma(await readFile(ruleFile, 'utf8'), ruleFile);
  const own = applyFilters(parsed.rules, parsed.filters);
  onRules(parsed.rules);
  // A filter for all cases names rules of others, too: what it names nowhere is told once, after them.
  const filtered = applyFilters(own.rules, tuning.filters);
  const wanted = filtered.rules.filter(({ id }) => ruleId === undefined || id === ruleId);
  const processed = applyProcessing(wanted, tuning.pipelines);
  const related = ruleId === undefined ? parsed.correlations : [];
  const { correlations, failures: refused } = applyProcessingToCorrelations(related, tuning.pipelines, { rules: parsed.rules });
  for (const { file, line = 1, column = 1, code, reason } of [...parsed.failures, ...own.failures, ...processed.failures, ...refused])
    failures.push({ place: `${file}:${line}:${column}`, reason: `${code} ${reason}` });
  return { rules: processed.rules, correlations };
}

function compileCase(
  rules: readonly SigmaRule[],
  { pipelines, failures, name }: Pick<Run, 'pipelines' | 'failures'> & { readonly name: string },
): RuleSet {
  const onFault = (id: string, error: unknown): void =>
    void failures.push({ place: name, reason: `the rule ${id} threw: ${String(error)}` });
  const set = compileRules(rules, { pipelines, onFault });
  for (const { file, line = 1, code, reason } of set.unusable) failures.push({ place: `${file}:${line}`, reason: `${code} ${reason}` });
  return set;
}

/** Gives the number of events. */
async function runSamples({ path, expected, count }: SampleFile, run: Run): Promise<number> {
  const { rules, set, pipelines, failures } = run;
  const samples = await readSamples(path, basename(path));
  if (run.correlations.length > 0) {
    failures.push(...runStream(samples, expected, { ...run, place: basename(path) }));
    return samples.length;
  }
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
