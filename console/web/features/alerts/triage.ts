/** What a person decides about alerts, the way back, and both as requests. Pure. */
import type { AlertBulkChange, AlertStatus, AlertSummary, Verdict } from '@vong/engine/contracts';

export type Change = Omit<AlertBulkChange, 'ids'>;

export const VERDICTS: readonly Verdict[] = ['true_positive', 'false_positive', 'benign', 'duplicate'];
/** The most alerts one request may change. */
export const BULK = 500;

export interface Person {
  readonly id: string;
  readonly name: string;
}

/** The alert as it will be: shown at once, before the server has answered. */
export function changed(alert: AlertSummary, change: Change, people: readonly Person[]): AlertSummary {
  const next = { ...alert };
  if (change.status !== undefined) next.status = change.status;
  if (change.assignee === null) delete next.assignee;
  else if (change.assignee !== undefined) {
    next.assignee = people.find(({ id }) => id === change.assignee) ?? { id: change.assignee, name: change.assignee };
  }
  if (change.verdict === null) delete next.verdict;
  else if (change.verdict !== undefined) next.verdict = change.verdict;
  if (change.reason !== undefined) next.verdictReason = change.reason;
  return next;
}

/** True when the change would make a difference. */
export function matters(alert: AlertSummary, change: Change): boolean {
  return (
    (change.status !== undefined && change.status !== alert.status) ||
    (change.assignee !== undefined && change.assignee !== (alert.assignee?.id ?? null)) ||
    (change.verdict !== undefined && change.verdict !== (alert.verdict ?? null))
  );
}

/** The change that leads back to how the alert was, touching only what `change` touched. */
export function reverse(before: AlertSummary, change: Change): Change {
  const back: Change = {};
  if (change.status !== undefined) back.status = before.status;
  if (change.assignee !== undefined) back.assignee = before.assignee?.id ?? null;
  if (change.verdict !== undefined) back.verdict = before.verdict ?? null;
  if (before.verdictReason !== undefined && (change.reason !== undefined || back.status === 'closed')) back.reason = before.verdictReason;
  return back;
}

export interface BulkRequest {
  readonly ids: string[];
  readonly change: Change;
}

/** Requests that lead back: alerts that were alike go together, at most 500 in one. */
export function reverseRequests(before: readonly AlertSummary[], change: Change): BulkRequest[] {
  const alike = Map.groupBy(before, (alert) => JSON.stringify(reverse(alert, change)));
  return [...alike.values()].flatMap((group) => {
    const [first] = group;
    return first ? requests(group, reverse(first, change)) : [];
  });
}

export function requests(alerts: readonly AlertSummary[], change: Change): BulkRequest[] {
  const ids = alerts.map(({ id }) => id);
  return Array.from({ length: Math.ceil(ids.length / BULK) }, (_, at) => ({ ids: ids.slice(at * BULK, (at + 1) * BULK), change }));
}

/** Name of what happened, for the message: a word of the catalogue. */
export function deed(change: Change): 'assigned' | 'unassigned' | 'acknowledged' | 'closed' | 'reopened' {
  const byStatus: Record<AlertStatus, 'acknowledged' | 'closed' | 'reopened'> = {
    open: 'reopened',
    acknowledged: 'acknowledged',
    closed: 'closed',
  };
  if (change.status !== undefined) return byStatus[change.status];
  return change.assignee === null ? 'unassigned' : 'assigned';
}
