/**
 * The plain evaluator that the streaming one is held to in tests: keeps every event, and after each looks at every window anew.
 * Written from docs/decisions/0021-correlations.md, sharing nothing with it but the parser.
 */
import type { Condition } from '../../model.ts';
import type { SigmaCorrelation } from '../model.ts';
import type { CorrelationEvent } from '../index.ts';

interface Held {
  readonly rule: number;
  id: string;
  time: number;
  readonly sequence: number;
  readonly value: number | string | undefined;
  readonly carried: readonly string[];
  /** By period: the match it is part of, and whether it has grown since. */
  readonly parts: Map<number, { grown: boolean }>;
}
interface Match {
  first: number;
  last: number;
  from: number;
  readonly counts: number[];
  readonly label: string;
  readonly period: number;
  result: number;
}
interface Group {
  readonly values: readonly string[];
  touched: number;
  readonly events: Held[];
  readonly matches: Match[];
}
export interface OracleMatch {
  readonly correlation: string;
  readonly label: string;
  readonly isNew: boolean;
  readonly from: number;
  readonly to: number;
  readonly group: readonly string[];
  readonly events: readonly string[];
  readonly counts: readonly number[];
  readonly result: number;
}

type Fields = Readonly<Record<string, unknown>>;

export class Oracle {
  private readonly correlations: readonly SigmaCorrelation[];
  private readonly latenessMs: number;
  private readonly periodMs: number;
  private readonly groups = new Map<string, Map<string, Group>>();
  private now = -Infinity;
  private sequence = 0;
  late = 0;

  /** Rules are known by their ids; what feeds others comes first. */
  constructor(correlations: readonly SigmaCorrelation[], { latenessMs, periodMs }: { latenessMs: number; periodMs: number }) {
    this.correlations = correlations;
    this.periodMs = periodMs;
    this.latenessMs = latenessMs;
  }

  push(event: CorrelationEvent): OracleMatch[] {
    const out: OracleMatch[] = [];
    const fed = this.correlations.filter(({ rules }) => rules.some(({ rule }) => rule === event.rule));
    if (fed.length > 0) this.now = Math.max(this.now, event.received ?? event.time);
    for (const correlation of fed) this.feed(correlation, event, out);
    return out;
  }

  private feed(correlation: SigmaCorrelation, event: CorrelationEvent, out: OracleMatch[]): void {
    const { id, rules, groupBy, condition, timespanMs } = correlation;
    const rule = rules.findIndex((each) => each.rule === event.rule);
    const values = valuesOf(correlation, event);
    for (const combination of product(groupBy.map((field) => texts(event.fields, aliased(correlation, field, event.rule))))) {
      const key = JSON.stringify([event.partition, combination.map((value) => value.toLowerCase())]);
      for (const value of condition.fields.length === 0 ? [undefined] : values) {
        const groups = this.groups.get(id) ?? new Map<string, Group>();
        this.groups.set(id, groups);
        for (const [other, { touched }] of groups) if (this.now - touched > timespanMs + this.latenessMs) groups.delete(other);
        const group: Group = groups.get(key) ?? { values: combination, touched: 0, events: [], matches: [] };
        const newest = Math.max(...group.events.map(({ time }) => time));
        if (event.time < newest - this.latenessMs) {
          this.late++;
          continue;
        }
        groups.set(key, group);
        group.touched = this.now;
        const carried = this.carriedBy(correlation).map((field) =>
          JSON.stringify(texts(event.fields, aliased(correlation, field, event.rule))),
        );
        const held = this.put(
          group,
          { rule, id: event.id, time: event.time, sequence: this.sequence++, value, carried, parts: new Map() },
          this.isChained(event.rule),
        );
        this.look(correlation, { group, held, key, values: combination, partition: event.partition ?? '' }, out);
      }
    }
  }

  private isChained(rule: string): boolean {
    return this.correlations.some(({ id }) => id === rule);
  }

  private put(group: Group, held: Held, chained: boolean): Held {
    const known = chained
      ? group.events.findIndex(({ id, rule, value }) => id === held.id && rule === held.rule && value === held.value)
      : -1;
    const before = known < 0 ? undefined : group.events.splice(known, 1)[0];
    if (before !== undefined) {
      held.time = Math.max(held.time, before.time);
      for (const period of before.parts.keys()) held.parts.set(period, { grown: true });
    }
    group.events.push(held);
    group.events.sort((a, b) => a.time - b.time || a.rule - b.rule || a.sequence - b.sequence);
    return held;
  }

  private look(
    correlation: SigmaCorrelation,
    at: { group: Group; held: Held; key: string; values: readonly string[]; partition: string },
    out: OracleMatch[],
  ): void {
    const { group, held } = at;
    const span = correlation.timespanMs;
    const found = new Map<Match, { isNew: boolean; events: Held[] }>();
    const ends = [...new Set(group.events.map(({ time }) => time))].filter((end) => end >= held.time && end <= held.time + span);
    for (const end of ends) {
      const period = Math.floor(end / Math.max(span, this.periodMs));
      const window = group.events.filter(({ time }) => time >= end - span && time <= end);
      for (const { result, takes } of holding(correlation, window, end)) {
        const joining = window.filter((event) => event.parts.get(period)?.grown !== false && takes(event));
        let match = group.matches.find((each) => each.period === period);
        const isNew = match === undefined;
        if (match === undefined) {
          if (joining.length === 0) continue;
          const label = `${correlation.id} ${at.key} ${period}`;
          match = { first: end, last: end, from: Infinity, counts: correlation.rules.map(() => 0), label, period, result: 0 };
          group.matches.push(match);
        }
        if (end >= match.last) match.result = result;
        match.first = Math.min(match.first, end);
        match.last = Math.max(match.last, end);
        if (joining.length === 0) continue;
        const part = found.get(match) ?? { isNew, events: [] };
        found.set(match, part);
        for (const event of joining) {
          if (!event.parts.has(period)) match.counts[event.rule] = (match.counts[event.rule] ?? 0) + 1;
          event.parts.set(period, { grown: false });
          match.from = Math.min(match.from, event.time);
          part.events.push(event);
        }
      }
    }
    for (const [match, part] of found) this.raise(correlation, { ...at, match, part }, out);
  }

  private raise(
    correlation: SigmaCorrelation,
    at: { match: Match; part: { isNew: boolean; events: Held[] }; values: readonly string[]; partition: string },
    out: OracleMatch[],
  ): void {
    const { match, part, values, partition } = at;
    const { id, groupBy } = correlation;
    out.push({
      correlation: id,
      label: match.label,
      isNew: part.isNew,
      from: match.from,
      to: match.last,
      group: values,
      events: part.events.map((event) => event.id),
      counts: [...match.counts],
      result: match.result,
    });
    for (const above of this.correlations.filter(({ rules }) => rules.some(({ rule }) => rule === id))) {
      for (const carried of new Set(part.events.map((event) => JSON.stringify(event.carried)))) {
        const lists = (JSON.parse(carried) as string[]).map((list) => JSON.parse(list) as string[]);
        const fields = Object.fromEntries([
          ...groupBy.map((field, index) => [field, values[index]]),
          ...this.carriedBy(correlation).map((field, index) => [field, lists[index]]),
        ]) as Fields;
        this.feed(above, { rule: id, id: match.label, time: match.last, partition, fields }, out);
      }
    }
  }

  /** Fields that correlations above read of this one, besides those it groups by. */
  private carriedBy(correlation: SigmaCorrelation): string[] {
    const above = this.correlations.filter(({ rules }) => rules.some(({ rule }) => rule === correlation.id));
    const read = above.flatMap((each) =>
      [...each.groupBy, ...each.condition.fields, ...this.carriedBy(each)].map((field) => aliased(each, field, correlation.id)),
    );
    return [...new Set(read)].filter((field) => !correlation.groupBy.includes(field)).sort();
  }
}

interface Holding {
  readonly result: number;
  readonly takes: (event: Held) => boolean;
}

/** The ways in which the condition holds of a window. */
function holding({ type, condition, rules }: SigmaCorrelation, window: readonly Held[], end: number): Holding[] {
  const ok = (result: number): boolean =>
    condition.criteria.every(({ operator, value }) => {
      const order = result === value ? 'eq' : result < value ? 'lt' : 'gt';
      return operator === 'neq' ? order !== 'eq' : operator.startsWith(order) || (order === 'eq' && operator.endsWith('e'));
    });
  const all = (result: number): Holding[] => (ok(result) ? [{ result, takes: () => true }] : []);
  const numbers = window.map(({ value }) => Number(value)).sort((a, b) => a - b);
  const occurred = new Set(window.map(({ rule }) => rule));
  if (type === 'event_count') return all(window.length);
  if (type === 'value_count') return all(new Set(window.map(({ value }) => value)).size);
  if (type === 'value_sum') return all(numbers.reduce((a, b) => a + b, 0));
  if (type === 'value_avg') return all(numbers.reduce((a, b) => a + b, 0) / numbers.length);
  if (type === 'temporal') return condition.expression === undefined ? all(occurred.size) : words(condition.expression, rules, occurred);
  if (type === 'temporal_ordered') return all(longestChain(window));
  if (condition.percentile !== undefined) return all(percentile(numbers, condition.percentile));
  return window.toReversed().flatMap((event) => {
    const share = (100 * window.filter(({ value }) => value === event.value).length) / window.length;
    return event.time === end && ok(share) ? [{ result: share, takes: ({ value }: Held) => value === event.value }] : [];
  });
}

function words(expression: Condition, rules: SigmaCorrelation['rules'], occurred: ReadonlySet<number>): Holding[] {
  const has = (name: string): boolean => occurred.has(rules.findIndex(({ rule }) => rule === name));
  const holds = (node: Condition): boolean => {
    if (node.kind === 'and') return node.children.every((child) => holds(child));
    if (node.kind === 'or') return node.children.some((child) => holds(child));
    if (node.kind === 'not') return !holds(node.child);
    if (node.kind === 'selection') return has(node.name);
    return node.names.filter((name) => has(name)).length >= (node.count === 'all' ? node.names.length : node.count);
  };
  return holds(expression) ? [{ result: occurred.size, takes: () => true }] : [];
}

/** Longest run of rules in rising order, in the order of time; what happens at one moment may be in any order. */
function longestChain(window: readonly Held[]): number {
  const lengths: number[] = [];
  window.forEach(({ rule }, index) => {
    const before = window.slice(0, index).map((event, at) => (event.rule < rule ? (lengths[at] ?? 0) : 0));
    lengths.push(1 + Math.max(0, ...before));
  });
  return Math.max(0, ...lengths);
}

function percentile(sorted: readonly number[], p: number): number {
  const rank = (p / 100) * (sorted.length - 1);
  const [low = 0, high = 0] = [sorted[Math.floor(rank)], sorted[Math.ceil(rank)]];
  return low === high ? low : low + (high - low) * (rank - Math.floor(rank));
}

function aliased({ aliases }: SigmaCorrelation, field: string, rule: string): string {
  return aliases.find(({ name }) => name === field)?.fields.find((each) => each.rule === rule)?.field ?? field;
}

function valuesOf(correlation: SigmaCorrelation, { fields, rule }: CorrelationEvent): (number | string)[] {
  const { type, condition } = correlation;
  const lists = condition.fields.map((field) => texts(fields, aliased(correlation, field, rule)));
  const isText = type === 'value_count' || (type === 'value_percentile' && condition.percentile === undefined);
  if (isText) return [...new Set(product(lists).map((values) => JSON.stringify(values).toLowerCase()))];
  const raw = fields[aliased(correlation, condition.fields[0] ?? '', rule)];
  return (Array.isArray(raw) ? raw : [raw]).filter((value) => /^-?\d+(\.\d+)?$/.test(String(value))).map(Number);
}

function texts(fields: Fields, field: string): string[] {
  const value = fields[field];
  if (value === undefined || value === null) return [];
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.map(String).filter((text, index, all) => all.findIndex((other) => other.toLowerCase() === text.toLowerCase()) === index);
}

function product(lists: readonly (readonly string[])[]): string[][] {
  return lists.reduce<string[][]>((found, list) => found.flatMap((before) => list.map((value) => [...before, value])), [[]]);
}
