/** Correlations over the samples of a file, taken as one stream of events in the order of their times. */
import { compileCorrelations, type Pipelines, readFields, type RuleSet, type SigmaCorrelation, type SigmaRule } from 'sigma-rules-ts';
import type { Sample } from './samples.ts';

interface Stream {
  readonly rules: readonly SigmaRule[];
  readonly correlations: readonly SigmaCorrelation[];
  readonly set: RuleSet;
  readonly pipelines: Pipelines;
  /** Name of the file. */
  readonly place: string;
}

/** What is not as expected: a correlation that no other refers to must match the stream, or must not. */
export function runStream(samples: readonly Sample[], expected: 'fires' | 'silent', stream: Stream): { place: string; reason: string }[] {
  const { rules, correlations, set, pipelines, place } = stream;
  const compiled = compileCorrelations(correlations, { rules });
  const failures = compiled.failures.map(({ file, line = 1, code, reason }) => ({ place: `${file}:${line}`, reason: `${code} ${reason}` }));
  const timed: { sample: Sample; event: object; time: number }[] = [];
  for (const sample of samples) {
    const { event, time, problem } = sample;
    if (event !== undefined && time !== undefined) timed.push({ sample, event, time });
    else failures.push({ place: sample.place, reason: problem ?? 'it has no time (@timestamp)' });
  }
  if (samples.length === 0) failures.push({ place, reason: 'it holds no events' });
  const matched = new Set<string>();
  for (const { sample, event, time } of timed.toSorted((a, b) => a.time - b.time))
    for (const { rule } of set.match(event)) {
      const fields = readFields(event, rule, { fields: compiled.fieldsOf(rule.id), pipelines });
      for (const { correlation } of compiled.correlator.push({ rule: rule.id, id: sample.place, time, fields }))
        matched.add(correlation.id);
    }
  for (const { id, title } of outermost(correlations)) {
    if (expected === 'fires' && !matched.has(id)) failures.push({ place, reason: `the correlation "${title}" does not fire` });
    if (expected === 'silent' && matched.has(id)) failures.push({ place, reason: `the correlation "${title}" fires` });
  }
  return failures;
}

/** Those no other refers to: what raises alerts of a file whose documents build on each other. */
function outermost(correlations: readonly SigmaCorrelation[]): SigmaCorrelation[] {
  const referred = new Set(correlations.flatMap(({ rules }) => rules.map(({ rule }) => rule)));
  return correlations.filter(({ id, name }) => !referred.has(id) && (name === undefined || !referred.has(name)));
}
