/** What the queue's URL says, as the server's query and as a test of one alert. Pure. */
import type { AlertStatus, AlertSummary, Severity } from '@vong/engine/contracts';
import type { QueryValue } from '../../client/api.ts';
import { defined, oneOf, someOf, text, whole } from '../../client/search-params.ts';

export const STATUSES: readonly AlertStatus[] = ['open', 'acknowledged', 'closed'];
export const LEVELS: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'informational'];
export const SORTS = ['newest', 'oldest', 'severity', 'count'] as const;
export const RANGES = ['1h', '24h', '7d', '30d'] as const;
export const TABS = ['why', 'event', 'raw', 'timeline', 'events', 'history'] as const;
export type Sort = (typeof SORTS)[number];
export type Range = (typeof RANGES)[number];
export type Tab = (typeof TABS)[number];

/** Lists are comma-separated, as in the URL. Absent status means work to do: open and acknowledged. */
export interface AlertsView {
  readonly agency?: string;
  readonly status?: string;
  readonly severity?: string;
  /** User id, `me` or `none`. */
  readonly assignee?: string;
  readonly host?: string;
  readonly user?: string;
  readonly rule?: string;
  readonly q?: string;
  readonly range?: Range;
  readonly from?: number;
  readonly to?: number;
  readonly sort?: Sort;
  /** The alert on the right. */
  readonly alert?: string;
  readonly tab?: Tab;
  /** Which of its events. */
  readonly event?: string;
}

export const RANGE_MS: Record<Range, number> = { '1h': 3_600_000, '24h': 86_400_000, '7d': 604_800_000, '30d': 2_592_000_000 };
const WORK: readonly AlertStatus[] = ['open', 'acknowledged'];
const MAX_TIME = 8_640_000_000_000;

export function detailSearch(raw: Record<string, unknown>): Pick<AlertsView, 'tab' | 'event'> {
  return defined({ tab: oneOf(raw['tab'], TABS), event: text(raw['event'], 64) });
}

export function alertsSearch(raw: Record<string, unknown>): AlertsView {
  return {
    ...detailSearch(raw),
    ...defined({
      status: someOf(raw['status'], STATUSES)?.join(','),
      severity: someOf(raw['severity'], LEVELS)?.join(','),
      assignee: text(raw['assignee'], 64),
      host: text(raw['host']),
      user: text(raw['user']),
      rule: text(raw['rule'], 64),
      q: text(raw['q']),
      range: oneOf(raw['range'], RANGES),
      from: whole(raw['from'], 0, MAX_TIME),
      to: whole(raw['to'], 0, MAX_TIME),
      sort: oneOf(raw['sort'], SORTS),
      alert: text(raw['alert'], 64),
    }),
  };
}

export function statusesOf(view: AlertsView): readonly AlertStatus[] {
  return someOf(view.status, STATUSES) ?? WORK;
}

export function levelsOf(view: AlertsView): readonly Severity[] {
  return someOf(view.severity, LEVELS) ?? LEVELS;
}

/** What of the view decides which alerts are listed and in which order: the key of the list. */
export function listKey({ alert: _alert, tab: _tab, event: _event, ...list }: AlertsView): AlertsView {
  return list;
}

/** Query of `GET /api/alerts`. `now` turns a relative range into a time. */
export function listQuery(view: AlertsView, now: number): Record<string, QueryValue> {
  return {
    agency: view.agency,
    status: statusesOf(view).join(','),
    severity: view.severity,
    assignee: view.assignee,
    host: view.host,
    user: view.user,
    rule: view.rule,
    q: view.q,
    from: view.range ? now - RANGE_MS[view.range] : view.from,
    to: view.range ? undefined : view.to,
    sort: view.sort,
  };
}

export interface Reader {
  readonly me: string;
  /** Codes at and below the chosen agency; undefined when none is chosen. */
  readonly agencies: ReadonlySet<string> | undefined;
  readonly now: number;
}

/** Says of an alert whether it belongs on the list: the same answer the server's query would give. Made once for many alerts. */
export function matcher(view: AlertsView, { agencies, me, now }: Reader): (alert: AlertSummary) => boolean {
  const statuses = new Set(statusesOf(view));
  const levels = new Set(levelsOf(view));
  const wanted = view.assignee === 'me' ? me : view.assignee;
  const from = view.range ? now - RANGE_MS[view.range] : view.from;
  const to = view.range ? undefined : view.to;
  const text = view.q?.trim().toLowerCase();
  const isOwned = (owner: string | undefined): boolean =>
    wanted === undefined || (wanted === 'none' ? owner === undefined : owner === wanted);
  return (alert) =>
    statuses.has(alert.status) &&
    levels.has(alert.rule.level) &&
    (agencies === undefined || agencies.has(alert.agency)) &&
    isOwned(alert.assignee?.id) &&
    (view.host === undefined || view.host === alert.host) &&
    (view.user === undefined || view.user === alert.user) &&
    (view.rule === undefined || view.rule === alert.rule.id) &&
    (from === undefined || alert.createdAt >= from) &&
    (to === undefined || alert.createdAt < to) &&
    (text === undefined || `${alert.rule.title}\n${alert.host}\n${alert.user}`.toLowerCase().includes(text));
}
