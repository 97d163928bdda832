/**
 * Which alert a signal belongs to. Pure: the same alerts and signals in the same order give the same result, whatever the size of
 * the batches they come in.
 */
import { stableId } from '@vong/platform/ids';
import type { Signal } from '../contracts.ts';
import { rankOf, type AlertRow } from './schema.ts';

/** An alert while a batch is worked on. */
export interface WorkingAlert {
  row: AlertRow;
  readonly isNew: boolean;
  changed: boolean;
}

/** Finds the alert of the group whose time, widened by the window, holds the event; the nearest, then the older, then the lower id. */
export function alertFor(candidates: readonly WorkingAlert[], happened: number, windowMs: number): WorkingAlert | undefined {
  let best: WorkingAlert | undefined;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    const { row } = candidate;
    if (row.status === 'closed') continue;
    const distance = Math.max(0, row.first - happened, happened - row.last);
    if (distance > windowMs) continue;
    if (best === undefined || distance < bestDistance || (distance === bestDistance && older(row, best.row))) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** An alert keeps the host and the user that all its events share; a correlation's events may be of several. */
export function joinSignal(alert: WorkingAlert, { event, rule, ...signal }: Signal, now: number): void {
  const { row } = alert;
  const host = row.host === signal.host ? row.host : '';
  const user = row.user_name === signal.user ? row.user_name : '';
  alert.row = {
    ...row,
    host,
    user_name: user,
    search: searchText(row.rule_title, host, user),
    count: row.count + 1,
    first: Math.min(row.first, event.happened),
    last: Math.max(row.last, event.happened),
    rule_version: rule.version,
    updated_at: now,
  };
  alert.changed = true;
}

function searchText(title: string, host: string, user: string): string {
  return [title, host, user].join('\n').toLowerCase();
}

/** `only`: the group has one alert and never had another, so that its id does not hang on which of its events came first. */
export function newAlert(signal: Signal, { now, only }: { now: number; only: boolean }): WorkingAlert {
  const { rule, group, agency, host, user, event, detected } = signal;
  const row: AlertRow = {
    id: only ? stableId(group) : stableId(group, event.id),
    agency,
    grp: group,
    rule_id: rule.id,
    rule_title: rule.title,
    rule_version: rule.version,
    severity: rankOf(rule.level),
    tags: JSON.stringify(rule.tags),
    host,
    user_name: user,
    search: searchText(rule.title, host, user),
    status: 'open',
    assignee_id: null,
    assignee_name: null,
    verdict: null,
    verdict_reason: null,
    count: 1,
    first: event.happened,
    last: event.happened,
    created_at: now,
    updated_at: now,
    version: 1,
    happened: event.happened,
    collected: event.collected,
    received: event.received,
    detected,
    alerted: now,
  };
  return { row, isNew: true, changed: true };
}

function older(a: AlertRow, b: AlertRow): boolean {
  return a.first < b.first || (a.first === b.first && a.id < b.id);
}
