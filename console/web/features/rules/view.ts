/** What the URL of the rules says, and what follows from it. Pure. */
import type { RuleDetail, RuleSummary, Severity } from '@vong/engine/contracts';
import type { QueryValue } from '../../client/api.ts';
import { defined, oneOf, text } from '../../client/search-params.ts';

export const LEVELS: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'informational'];

export interface RulesView {
  readonly q?: string;
  readonly level?: Severity;
  readonly product?: string;
  readonly enabled?: 'yes' | 'no';
  /** The rule on the right; `new`: importing. */
  readonly rule?: string;
}

export const IMPORT = 'new';

export function rulesSearch(raw: Record<string, unknown>): RulesView {
  return defined({
    q: text(raw['q']),
    level: oneOf(raw['level'], LEVELS),
    product: text(raw['product'], 64),
    enabled: oneOf(raw['enabled'], ['yes', 'no']),
    rule: text(raw['rule'], 128),
  });
}

/** Query of `GET /api/rules`. */
export function rulesQuery({ q, level, product, enabled }: RulesView): Record<string, QueryValue> {
  return { q, level, product, enabled: enabled === undefined ? undefined : enabled === 'yes' };
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
