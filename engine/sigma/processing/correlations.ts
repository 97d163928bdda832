/**
 * Applies processing pipelines to correlations: they have fields but no detections, so only what renames fields, refuses or sets
 * state does something to them. A log source is theirs when it is that of a rule they refer to.
 */
import type { SigmaCorrelation } from '../correlation/model.ts';
import { SigmaError } from '../errors.ts';
import type { LogSource, RuleFailure, SigmaRule } from '../model.ts';
import { toFailure } from '../parse/rule.ts';
import { joined, type ProcessingOptions } from './apply.ts';
import { Draft } from './draft.ts';
import type { ProcessingPipeline } from './model.ts';
import { applyItems } from './run.ts';

export interface CorrelationProcessing extends ProcessingOptions {
  /** The rules the correlations refer to, as they were before the pipelines. */
  readonly rules: readonly SigmaRule[];
}

export interface ProcessedCorrelations {
  /** Correlations in the order given, changed; without those that failed. */
  readonly correlations: readonly SigmaCorrelation[];
  readonly failures: readonly RuleFailure[];
}

/** Group-by fields, the fields of aliases and those of conditions get the names the pipelines give them. */
export function applyProcessingToCorrelations(
  correlations: readonly SigmaCorrelation[],
  pipelines: readonly ProcessingPipeline[],
  options: CorrelationProcessing,
): ProcessedCorrelations {
  const { items, vars } = joined(pipelines, options);
  const logsources = new LogSources(options.rules, correlations);
  const failures: RuleFailure[] = [];
  const processed = correlations.flatMap((correlation): SigmaCorrelation[] => {
    try {
      const sources = logsources.of(correlation);
      return [renamed(correlation, (field) => namesOf(field, correlation, { items, vars, sources }))];
    } catch (error) {
      failures.push(toFailure(error, correlation.file, { line: correlation.line, column: 1 }));
      return [];
    }
  });
  return { correlations: processed, failures };
}

interface Run extends ReturnType<typeof joined> {
  readonly sources: readonly LogSource[];
}

/** What a field becomes: the pipelines see a rule that has nothing but this field in its list. */
function namesOf(field: string, correlation: SigmaCorrelation, { items, vars, sources }: Run): readonly string[] {
  const { id, title, taxonomy, status, references, tags, falsepositives, file, line, source } = correlation;
  const about = { id, title, taxonomy, status, references, tags, falsepositives, file, line, source };
  const rest = { level: correlation.level ?? 'medium', scope: [], related: [], logsource: {}, detections: [], conditions: [] } as const;
  const draft = new Draft({ ...about, ...rest, fields: [field] }, vars, sources);
  applyItems(items, draft);
  return draft.rule.fields;
}

function renamed(correlation: SigmaCorrelation, namesFor: (field: string) => readonly string[]): SigmaCorrelation {
  const aliases = new Set(correlation.aliases.map(({ name }) => name));
  const one = (field: string): string => {
    if (aliases.has(field)) return field;
    const [name, ...others] = namesFor(field);
    if (name !== undefined && others.length === 0) return name;
    throw new SigmaError('SIGMA_TRANSFORMATION', {
      item: field,
      reason: 'a field of an alias or a condition becomes several names or none',
    });
  };
  return {
    ...correlation,
    groupBy: correlation.groupBy.flatMap((field) => (aliases.has(field) ? [field] : namesFor(field))),
    aliases: correlation.aliases.map((alias) => ({
      ...alias,
      fields: alias.fields.map((each) => ({ ...each, field: one(each.field) })),
    })),
    condition: { ...correlation.condition, fields: correlation.condition.fields.map(one) },
  };
}

/** Log sources behind a correlation, through the correlations it refers to. */
class LogSources {
  private readonly rules: readonly SigmaRule[];
  private readonly correlations: readonly SigmaCorrelation[];

  constructor(rules: readonly SigmaRule[], correlations: readonly SigmaCorrelation[]) {
    this.rules = rules;
    this.correlations = correlations;
  }

  of(correlation: SigmaCorrelation, seen = new Set<SigmaCorrelation>()): LogSource[] {
    if (seen.has(correlation)) return [];
    seen.add(correlation);
    const named = new Set(correlation.rules.map(({ rule }) => rule));
    const is = ({ id, name }: { readonly id: string; readonly name?: string }): boolean =>
      named.has(id) || (name !== undefined && named.has(name));
    return [
      ...this.rules.filter(is).map(({ logsource }) => logsource),
      ...this.correlations.filter(is).flatMap((other) => this.of(other, seen)),
    ];
  }
}
