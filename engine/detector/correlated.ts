/** What a signal carries for correlations: the values they read of the event, and whether its rule alerts on its own. */
import {
  compileCorrelations,
  readFields,
  silencedRules,
  type Pipelines,
  type ProcessedCorrelations,
  type SigmaCorrelation,
  type SigmaRule,
} from 'sigma-rules-ts';
import type { Signal } from '../contracts.ts';
import type { FailedRule } from './messages.ts';

/** A rule as the detectors hold it: its `file` is its id, `origin` its file. */
type OriginRule = SigmaRule & { readonly origin: string };

export interface Correlated {
  readonly failed: readonly FailedRule[];
  /** Undefined for a rule that no correlation refers to. */
  readonly of: (ruleId: string, event: object) => Signal['correlated'];
}

export interface CorrelatedOptions {
  readonly correlations: readonly SigmaCorrelation[];
  /** What processing pipelines made of those; default: what is written. */
  readonly processed?: ProcessedCorrelations;
  /** All correlations of the rules' files, those that are switched off, too: the rules they are built of stay silent. */
  readonly written: readonly SigmaCorrelation[];
  readonly pipelines: Pipelines;
}

export function correlatedRules(rules: readonly OriginRule[], options: CorrelatedOptions): Correlated {
  const { correlations, written, pipelines, processed = { correlations, failures: [] } } = options;
  if (written.length === 0) return { failed: [], of: () => undefined };
  const named = referred(rules, [...correlations, ...written, ...processed.correlations]).map((rule) => ({ ...rule, file: rule.origin }));
  const compiled = compileCorrelations(processed.correlations, { rules: named });
  const { fieldsOf } = compiled;
  // What is switched off silences nothing beyond its own file.
  const silenced = silencedRules([...correlations, ...written.filter(({ generate }) => generate === undefined)], named);
  const wanted = new Map(named.map((rule) => [rule.id, { rule, fields: fieldsOf(rule.id), silent: silenced.has(rule.id) }]));
  const feeds = new Set(correlations.flatMap((correlation) => correlation.rules.map(({ rule }) => rule)));
  for (const [id, { rule, silent }] of wanted) if (!silent && !feeds.has(id) && !feeds.has(rule.name ?? id)) wanted.delete(id);
  return {
    failed: [...processed.failures, ...compiled.failures].map((failure) => ({
      ...failure,
      id: ownerOf(failure, correlations)?.id ?? failure.file,
    })),
    of: (ruleId, event) => {
      const found = wanted.get(ruleId);
      if (found === undefined) return undefined;
      return { silent: found.silent, fields: readFields(event, found.rule, { fields: found.fields, pipelines }) };
    },
  };
}

/** The rules that a correlation names, by id or name: a few of thousands. */
function referred(rules: readonly OriginRule[], correlations: readonly SigmaCorrelation[]): OriginRule[] {
  const names = new Set(correlations.flatMap((correlation) => correlation.rules.map(({ rule }) => rule)));
  return rules.filter(({ id, name }) => names.has(id) || (name !== undefined && names.has(name)));
}

/** The correlation a failure is in: the last of the file that begins before it. */
function ownerOf(
  failure: { readonly file: string; readonly line?: number },
  correlations: readonly SigmaCorrelation[],
): SigmaCorrelation | undefined {
  return correlations.filter(({ file, line }) => file === failure.file && line <= (failure.line ?? Infinity)).at(-1);
}
