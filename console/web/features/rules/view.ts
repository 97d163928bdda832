/** What the URL of the rules says, and what follows from it. Pure. */
import type { PlaceholderView, RuleDetail, RuleSort, RuleState, RuleSummary, Severity } from '@vong/engine/contracts';
import type { QueryValue } from '../../client/api.ts';
import { defined, oneOf, text } from '../../client/search-params.ts';
import type { StateTone } from '../../ui/StateMark.tsx';

export const LEVELS: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'informational'];
/** As `GET /api/rules` names them. */
export const KINDS = ['rule', 'correlation', 'filter'] as const;
export const STATES: readonly RuleState[] = ['in_use', 'pending', 'off', 'faulty', 'needs_values', 'no_logsource'];
const SORTS: readonly RuleSort[] = ['title', 'level', 'state', 'matches', 'last', 'cost'];
const DIRECTIONS = ['ascending', 'descending'] as const;

export interface RulesView {
  readonly q?: string;
  readonly kind?: (typeof KINDS)[number];
  readonly level?: Severity;
  readonly product?: string;
  readonly state?: RuleState;
  readonly sort?: RuleSort;
  readonly direction?: 'ascending' | 'descending';
  /** The rule on the right; `new`: importing. */
  readonly rule?: string;
}

export const IMPORT = 'new';

export function rulesSearch(raw: Record<string, unknown>): RulesView {
  return defined({
    q: text(raw['q']),
    kind: oneOf(raw['kind'], KINDS),
    level: oneOf(raw['level'], LEVELS),
    product: text(raw['product'], 64),
    state: oneOf(raw['state'], STATES),
    sort: oneOf(raw['sort'], SORTS),
    direction: oneOf(raw['direction'], DIRECTIONS),
    rule: text(raw['rule'], 128),
  });
}

/** Query of `GET /api/rules`. */
export function rulesQuery({ rule: _rule, ...asked }: RulesView): Record<string, QueryValue> {
  return asked;
}

/** The order of the list; where the URL says nothing, by title. */
export function orderOf({ sort = 'title', direction }: RulesView): { column: RuleSort; direction: 'ascending' | 'descending' } {
  return { column: sort, direction: direction ?? firstDirection(sort) };
}

/** Numbers begin with the largest, words with A. */
function firstDirection(sort: RuleSort): 'ascending' | 'descending' {
  return sort === 'title' ? 'ascending' : 'descending';
}

/** What a click on the head of a column makes of the order. */
export function sortedBy(view: RulesView, column: string): Pick<RulesView, 'sort' | 'direction'> {
  const sort = SORTS.find((one) => one === column) ?? 'title';
  const now = orderOf(view);
  if (now.column !== sort) return { sort, direction: firstDirection(sort) };
  return { sort, direction: now.direction === 'ascending' ? 'descending' : 'ascending' };
}

const TONES: Readonly<Record<RuleState, StateTone>> = {
  in_use: 'ok',
  pending: 'waiting',
  off: 'waiting',
  faulty: 'failed',
  needs_values: 'late',
  no_logsource: 'late',
};

export function toneOf(state: RuleState): StateTone {
  return TONES[state];
}

/** Where the values page stands: a placeholder on the right. */
export interface ValuesView {
  readonly name?: string;
}

export function valuesSearch(raw: Record<string, unknown>): ValuesView {
  return defined({ name: text(raw['name'], 64) });
}

/** One value a line, as a person types or pastes them. */
export function linesOf(typed: string): string[] {
  return [
    ...new Set(
      typed
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== ''),
    ),
  ];
}

/** Products rule sets name most; the list is completed by those of the rules on screen. */
const COMMON = ['windows', 'linux', 'macos', 'aws', 'azure', 'gcp', 'm365', 'okta', 'github', 'cisco', 'fortigate', 'zeek', 'kubernetes'];

export function productsOf(rules: readonly RuleSummary[], chosen: string | undefined): string[] {
  const own = rules.flatMap(({ logsource: { product } }) => (product === undefined ? [] : [product]));
  return [...new Set([...COMMON, ...own, ...(chosen === undefined ? [] : [chosen])])].sort();
}

/** `windows · process_creation` */
export function logsourceText({ product, category, service }: RuleSummary['logsource']): string {
  return [product, category, service].filter((part) => part !== undefined).join(' · ');
}

/** `T1003.001, T1027`: what is done says more in little room than what for; without a technique the other tags. */
export function techniquesText(tags: readonly string[]): string {
  const short = tags.map((tag) => tag.replace(/^attack\./, ''));
  const techniques = short.filter((tag) => /^t\d{4}/.test(tag));
  return (techniques.length > 0 ? techniques.map((tag) => tag.toUpperCase()) : short).join(', ');
}

const SYSTEMS = new Set(['windows', 'linux', 'macos']);
const CATEGORIES: readonly (readonly [RegExp, string])[] = [
  [/^(process_|image_load|driver_load|create_remote_thread|ps_)/, 'process'],
  [/^registry_/, 'registry'],
  [/^(file_|create_stream_hash)/, 'file'],
  [/^(network_connection|dns|dns_query|firewall)$/, 'network'],
  [/^(webserver|proxy)$/, 'web'],
];

/** KQL for the events such a rule reads; undefined when its log source names nothing that events are told apart by. */
export function huntQuery({ product, category, service }: RuleSummary['logsource']): string | undefined {
  const kind = category === undefined ? undefined : CATEGORIES.find(([pattern]) => pattern.test(category))?.[1];
  const terms = [
    product !== undefined && SYSTEMS.has(product) ? `host.os.type: "${product}"` : undefined,
    kind === undefined ? undefined : `event.category: "${kind}"`,
    service === 'sysmon' || service === 'auditd' ? `event.module: "${service}"` : undefined,
  ].filter((term) => term !== undefined);
  return terms.length === 0 ? undefined : terms.join(' and ');
}

/** The address when it is one that may be opened; rules come from anywhere. */
export function safeLink(reference: string): string | undefined {
  try {
    const url = new URL(reference.trim());
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : undefined;
  } catch {
    return undefined;
  }
}

/** Rules with their switches as they are now. */
export function withEnabled<Rule extends RuleSummary | RuleDetail>(rule: Rule, ids: ReadonlySet<string>, enabled: boolean): Rule {
  return ids.has(rule.id) && rule.enabled !== enabled ? { ...rule, enabled } : rule;
}

/** Nanoseconds as `0.42 µs`. */
export function costText(ns: number, language: 'vi' | 'en'): string {
  const digits = ns < 10_000 ? 2 : 0;
  return `${new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(ns / 1000)} µs`;
}

/** A share (0…1) as `3.1 %`. */
export function shareText(share: number, language: 'vi' | 'en'): string {
  return new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 }).format(share);
}

export const HOUR_MS = 3_600_000;

/** Counts of the last hours, the present one last, with the times they begin at. */
export function bucketsOf(hourly: readonly number[], now: number): { from: number; count: number }[] {
  const present = Math.floor(now / HOUR_MS) * HOUR_MS;
  return hourly.map((count, at) => ({ count, from: present - (hourly.length - 1 - at) * HOUR_MS }));
}

/** Where the values in force come from. */
export function originOf({ own, inherited, effective }: PlaceholderView): 'own' | 'replaced' | 'both' | 'inherited' | 'none' {
  if (effective.length === 0) return 'none';
  if (own === undefined) return 'inherited';
  if (inherited.length === 0 || own.values.length === 0) return inherited.length === 0 ? 'own' : 'inherited';
  return own.replaces ? 'replaced' : 'both';
}
