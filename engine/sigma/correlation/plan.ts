/** Correlations with their references resolved: which rule is which, which fields are read, what feeds what. */
import { SigmaError, type Place } from '../errors.ts';
import { type Level, LEVELS, type RuleFailure, type SigmaRule } from '../model.ts';
import { toFailure } from '../parse/rule.ts';
import { digest } from './digest.ts';
import type { SigmaCorrelation } from './model.ts';

/** What a correlation needs to know of a rule. */
export type CorrelatedRule = Pick<SigmaRule, 'id' | 'name' | 'title' | 'level' | 'file'>;

/** A correlation as it raises matches: its level is settled. */
export type ResolvedCorrelation = SigmaCorrelation & { readonly level: Level };

/** One of the rules a correlation refers to. */
export interface Source {
  /** Id of the rule or correlation. */
  readonly id: string;
  /** As the correlation writes it. */
  readonly name: string;
  readonly title: string;
  readonly chained: boolean;
  /** Field to read for each of `group-by`. */
  readonly group: readonly string[];
  /** Field to read for each of the condition's fields. */
  readonly values: readonly string[];
  /** Field to read for each of the plan's `carried`. */
  readonly carried: readonly string[];
}

export interface Plan {
  readonly correlation: ResolvedCorrelation;
  readonly sources: readonly Source[];
  /** Fields that correlations above read of this one's matches, besides those it groups by. */
  readonly carried: readonly string[];
  /** Correlations that refer to this one, and as which of their rules. */
  readonly above: readonly { readonly id: string; readonly rule: number }[];
  /** Changes with everything that decides what the state means. */
  readonly fingerprint: string;
}

export interface Plans {
  /** By correlation id; what feeds others comes first. */
  readonly plans: ReadonlyMap<string, Plan>;
  readonly failures: readonly RuleFailure[];
  /** Fields of a rule's events that its correlations read. */
  fieldsOf(ruleId: string): readonly string[];
}

interface Found {
  readonly id: string;
  readonly title: string;
  readonly level: Level | undefined;
  readonly chained: boolean;
}

export interface PlanOptions {
  readonly rules: readonly CorrelatedRule[];
  /** Events a window may hold. */
  readonly windowEvents: number;
}

export function planCorrelations(correlations: readonly SigmaCorrelation[], options: PlanOptions): Plans {
  return new Planner(correlations, options).run();
}

class Planner {
  private readonly given: readonly SigmaCorrelation[];
  private readonly options: PlanOptions;
  private readonly failures: RuleFailure[] = [];
  private readonly resolved = new Map<string, { correlation: ResolvedCorrelation; found: readonly Found[] }>();
  private readonly open = new Set<string>();
  private readonly refused = new Set<string>();

  constructor(correlations: readonly SigmaCorrelation[], options: PlanOptions) {
    this.given = correlations;
    this.options = options;
  }

  run(): Plans {
    for (const correlation of this.given) {
      try {
        this.resolve(correlation);
      } catch (error) {
        this.failures.push(toFailure(error, correlation.file, { line: correlation.line, column: 1 }));
      }
    }
    const plans = this.plans();
    const fields = new Map<string, Set<string>>();
    for (const { sources } of plans.values()) {
      for (const { id, group, values, carried } of sources) {
        const known = fields.get(id) ?? new Set<string>();
        for (const field of [...group, ...values, ...carried]) known.add(field);
        fields.set(id, known);
      }
    }
    return { plans, failures: this.failures, fieldsOf: (id) => [...(fields.get(id) ?? [])] };
  }

  /** Depth first, so that what feeds a correlation is known before it. */
  private resolve(correlation: SigmaCorrelation): ResolvedCorrelation {
    const { id, file, line } = correlation;
    const known = this.resolved.get(id);
    if (known !== undefined) {
      if (known.correlation.file !== file || known.correlation.line !== line) throw refuse(`its id ${id} is used twice`);
      return known.correlation;
    }
    if (this.refused.has(id)) throw refuse(`it refers to "${id}", which cannot be used`);
    this.open.add(id);
    try {
      const found = correlation.rules.map(({ rule, place }) => this.find(correlation, rule, place));
      checkAliases(correlation, this.options.rules);
      this.checkSize(correlation);
      const levels = found.map(({ level }) => LEVELS.indexOf(level ?? 'informational'));
      const level = correlation.level ?? LEVELS[Math.max(...levels)] ?? 'medium';
      const resolved = { ...correlation, level };
      this.resolved.set(id, { correlation: resolved, found });
      return resolved;
    } catch (error) {
      this.refused.add(id);
      throw error;
    } finally {
      this.open.delete(id);
    }
  }

  private find(from: SigmaCorrelation, reference: string, place: Place): Found {
    const rules = candidates(this.options.rules, from, reference);
    const correlations = candidates(this.given, from, reference);
    const all = [...rules, ...correlations];
    const [first] = all;
    if (first === undefined) throw refuse(`there is no rule "${reference}", or it is switched off`, place);
    if (all.length > 1) throw refuse(`"${reference}" is the name of ${all.length} rules: write the id`, place);
    const correlation = correlations[0];
    if (correlation === undefined) return { id: first.id, title: first.title, level: first.level, chained: false };
    if (this.open.has(correlation.id)) throw refuse(`"${reference}" refers back to this correlation`, place);
    if (this.refused.has(correlation.id)) throw refuse(`it refers to "${reference}", which cannot be used`, place);
    const { id, title, level } = this.resolve(correlation);
    return { id, title, level, chained: true };
  }

  /** A limit that no window can reach would make a correlation that never matches, and nobody would know. */
  private checkSize({ type, condition }: SigmaCorrelation): void {
    if (type !== 'event_count' && type !== 'value_count') return;
    const needed = condition.criteria.find(
      ({ operator, value }) =>
        (operator === 'gte' || operator === 'eq' ? value : operator === 'gt' ? value + 1 : 0) > this.options.windowEvents,
    );
    if (needed !== undefined) throw refuse(`it needs ${needed.value} events in one window, ${this.options.windowEvents} are kept`);
  }

  /** From the outermost inwards, because what is above says what must be carried. */
  private plans(): Map<string, Plan> {
    const above = new Map<string, { id: string; rule: number }[]>();
    const wanted = new Map<string, Set<string>>();
    const plans: [string, Plan][] = [];
    for (const [id, { correlation, found }] of [...this.resolved].toReversed()) {
      const carried = [...(wanted.get(id) ?? [])].filter((field) => !correlation.groupBy.includes(field)).toSorted();
      const sources = found.map((source, rule): Source => {
        const name = correlation.rules[rule]?.rule ?? source.id;
        const read = (field: string): string => this.alias(correlation, field, { name, id: source.id });
        const { groupBy, condition } = correlation;
        return { ...source, name, group: groupBy.map(read), values: condition.fields.map(read), carried: carried.map(read) };
      });
      sources.forEach((source, rule) => {
        if (!source.chained) return;
        above.set(source.id, [...(above.get(source.id) ?? []), { id, rule }]);
        const fields = wanted.get(source.id) ?? new Set();
        for (const field of [...source.group, ...source.values, ...source.carried]) fields.add(field);
        wanted.set(source.id, fields);
      });
      plans.push([
        id,
        { correlation, sources, carried, above: above.get(id) ?? [], fingerprint: fingerprintOf(correlation, sources, carried) },
      ]);
    }
    return new Map(plans.toReversed());
  }

  /** The field an alias stands for in a rule's events; a field that is no alias, or not for this rule, is itself. */
  private alias({ aliases }: SigmaCorrelation, field: string, rule: { name: string; id: string }): string {
    const alias = aliases.find(({ name }) => name === field);
    if (alias === undefined) return field;
    const named = this.options.rules.find(({ id }) => id === rule.id)?.name;
    return alias.fields.find((each) => each.rule === rule.name || each.rule === rule.id || each.rule === named)?.field ?? field;
  }
}

/** By id, else by name; a name of the same file comes before the same name elsewhere. */
function candidates<Named extends { id: string; name?: string; file: string }>(
  all: readonly Named[],
  from: SigmaCorrelation,
  reference: string,
): Named[] {
  const byId = all.filter(({ id }) => id === reference);
  if (byId.length > 0) return byId.slice(0, 1);
  const byName = all.filter(({ name }) => name === reference);
  const near = byName.filter(({ file }) => file === from.file);
  return near.length > 0 ? near : byName;
}

function checkAliases({ aliases, rules }: SigmaCorrelation, all: readonly CorrelatedRule[]): void {
  const names = new Set(rules.map(({ rule }) => rule));
  for (const { id, name } of all) {
    if (names.has(id) && name !== undefined) names.add(name);
    if (name !== undefined && names.has(name)) names.add(id);
  }
  for (const { name, fields } of aliases)
    for (const { rule, place } of fields)
      if (!names.has(rule)) throw refuse(`the alias "${name}" is for "${rule}", which is none of its rules`, place);
}

function refuse(reason: string, place?: Place): SigmaError {
  return new SigmaError('SIGMA_CORRELATION', { reason }, place);
}

function fingerprintOf(
  { type, timespanMs, condition, groupBy }: SigmaCorrelation,
  sources: readonly Source[],
  carried: readonly string[],
): string {
  const read = sources.map(({ id, group, values, carried: kept }) => [id, group, values, kept]);
  return digest([JSON.stringify([type, timespanMs, condition, groupBy, read, carried])]);
}
