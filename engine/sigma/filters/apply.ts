/**
 * Adds filters to rules: the rule then matches when its own condition **and** the filter's hold (specification: "enrich an existing
 * Sigma rule"). A pure transformation, so that nothing that looks at rules has to know filters. Filters come before processing
 * pipelines, which then see the filter's fields too. A correlation has no log source of its own: it is filtered through its rules.
 */
import { SigmaError, type Place } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { Condition, LogSource, NamedDetection, RuleFailure, SigmaRule } from '../model.ts';
import { toFailure } from '../parse/rule.ts';
import type { SigmaFilter } from './model.ts';

export interface FilteredRules<Rule extends SigmaRule> {
  /** The rules in the order given, each with its filters; a rule that no filter is about is the very same object. */
  readonly rules: readonly Rule[];
  /** References to rules that are not there or whose log source the filter does not fit (`SIGMA_FILTER`). */
  readonly failures: readonly RuleFailure[];
  /** The rules each filter was added to, by id. */
  readonly applied: readonly { readonly filter: string; readonly rules: readonly string[] }[];
}

/** Adds every filter to the rules it names. A filter that cannot be added to a rule is reported; the rule stays as it was. */
export function applyFilters<Rule extends SigmaRule>(rules: readonly Rule[], filters: readonly SigmaFilter[]): FilteredRules<Rule> {
  const failures: RuleFailure[] = [];
  const filtered = [...rules];
  const places = placesByReference(rules);
  const applied = filters.map((filter) => {
    const targets = targetsOf(filter, { rules, places, failures });
    const reached: string[] = [];
    for (const index of targets) {
      const rule = filtered[index];
      if (rule === undefined) continue;
      try {
        filtered[index] = addFilter(rule, filter);
        reached.push(rule.id);
      } catch (error) {
        failures.push(toFailure(error, filter.file, { line: filter.line, column: 1 }));
      }
    }
    return { filter: filter.id, rules: reached };
  });
  return { rules: filtered, failures, applied };
}

/** Where the rules stand that an id or a name stands for. */
function placesByReference(rules: readonly SigmaRule[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  for (const [index, rule] of rules.entries())
    for (const reference of new Set([rule.id, rule.name ?? rule.id])) {
      const known = places.get(reference);
      if (known === undefined) places.set(reference, [index]);
      else known.push(index);
    }
  return places;
}

interface Given {
  readonly rules: readonly SigmaRule[];
  readonly places: ReadonlyMap<string, readonly number[]>;
  readonly failures: RuleFailure[];
}

function targetsOf(filter: SigmaFilter, { rules, places, failures }: Given): readonly number[] {
  const suits = (index: number): boolean => fits(filter.logsource, rules[index]?.logsource ?? {});
  if (filter.rules === 'any') return [...rules.keys()].filter(suits);
  const targets = new Set<number>();
  const report = (place: Place, reason: string): void =>
    void failures.push(toFailure(new SigmaError('SIGMA_FILTER', { filter: filter.title, reason }, place), filter.file, place));
  for (const { rule, place } of filter.rules) {
    const found = places.get(rule) ?? [];
    if (found.length === 0) report(place, `there is no rule "${rule}"`);
    else if (!found.some(suits)) report(place, `its log source is not the one of the rule "${rule}"`);
    for (const index of found.filter(suits)) targets.add(index);
  }
  return [...targets].sort((a, b) => a - b);
}

/** True when the rule's log source is all that the filter's asks for. */
function fits(filter: LogSource, rule: LogSource): boolean {
  return (['product', 'service', 'category'] as const).every((key) => filter[key] === undefined || filter[key] === rule[key]);
}

function addFilter<Rule extends SigmaRule>(rule: Rule, filter: SigmaFilter): Rule {
  if (rule.detections.length + filter.detections.length > LIMITS.detections)
    throw new SigmaError('SIGMA_FILTER', { filter: filter.title, reason: `the rule "${rule.id}" has too many detections with it` });
  const names = apart(rule.detections, filter);
  const condition = renamed(filter.condition, names);
  return {
    ...rule,
    detections: [...rule.detections, ...filter.detections.map(({ name, detection }) => ({ name: names.get(name) ?? name, detection }))],
    conditions: rule.conditions.map((own): Condition => ({ kind: 'and', children: [own, condition] })),
  };
}

/** New names for the filter's detections, kept apart from the rule's and from those of other filters. They start with `_`, as no pattern of a rule means them. */
function apart(detections: readonly NamedDetection[], filter: SigmaFilter): ReadonlyMap<string, string> {
  const taken = new Set(detections.map(({ name }) => name));
  const names = new Map<string, string>();
  for (const { name } of filter.detections) {
    let fresh = `_filter_${name}`;
    for (let count = 2; taken.has(fresh); count++) fresh = `_filter${count}_${name}`;
    taken.add(fresh);
    names.set(name, fresh);
  }
  return names;
}

function renamed(condition: Condition, names: ReadonlyMap<string, string>): Condition {
  if (condition.kind === 'and' || condition.kind === 'or')
    return { kind: condition.kind, children: condition.children.map((child) => renamed(child, names)) };
  if (condition.kind === 'not') return { kind: 'not', child: renamed(condition.child, names) };
  if (condition.kind === 'selection') return { kind: 'selection', name: names.get(condition.name) ?? condition.name };
  return { ...condition, names: condition.names.map((name) => names.get(name) ?? name) };
}
