import type { AlertHistoryEntry, AlertSummary } from '../contracts.ts';
import { levelOf, type AlertRow, type AlertTables } from './schema.ts';

/** A stored alert as the queue, the socket and the API show it. */
export function summaryOf(row: AlertRow): AlertSummary {
  const { id, agency, host, status, count, first, last, version } = row;
  return {
    id,
    agency,
    rule: {
      id: row.rule_id,
      title: row.rule_title,
      level: levelOf(row.severity),
      tags: stringsOf(row.tags),
      ...(row.rule_version === null ? {} : { version: row.rule_version }),
    },
    host,
    user: row.user_name,
    status,
    ...(row.assignee_id === null ? {} : { assignee: { id: row.assignee_id, name: row.assignee_name ?? row.assignee_id } }),
    ...(row.verdict === null ? {} : { verdict: row.verdict }),
    ...(row.verdict_reason === null ? {} : { verdictReason: row.verdict_reason }),
    count,
    first,
    last,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    version,
    times: {
      happened: row.happened,
      collected: row.collected,
      received: row.received,
      detected: row.detected,
      alerted: row.alerted,
    },
  };
}

type HistoryRow = Omit<AlertTables['alert_history'], 'sequence'>;

export function historyOf(row: HistoryRow): AlertHistoryEntry {
  return {
    at: row.at,
    actor: { kind: row.actor_kind, id: row.actor_id, name: row.actor_name },
    kind: row.kind,
    ...(row.comment === null ? {} : { comment: row.comment }),
    ...(row.changes === null ? {} : { changes: changesOf(row.changes) }),
  };
}

function changesOf(json: string): Record<string, [unknown, unknown]> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by `plan-change.ts` in this shape and never by anyone else
  return JSON.parse(json) as Record<string, [unknown, unknown]>;
}

function stringsOf(json: string): string[] {
  const value: unknown = JSON.parse(json);
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
