import type { AgentStatus, AgentView } from '../contracts.ts';
import type { AgentCounters } from './counters.ts';
import type { AgentRow } from './schema.ts';

/** Milliseconds without a word after which an agent counts as silent. */
export const SILENT_MS = 90_000;

/** The stored row, with what is known in memory since the last flush laid over it. */
export function agentView(row: AgentRow, live: AgentCounters | undefined, now: number): AgentView {
  const lastSeenAt = live?.lastSeenAt ?? row.last_seen_at ?? undefined;
  const view: AgentView = {
    id: row.id,
    agency: row.agency,
    name: row.name,
    state: row.revoked_at !== null ? 'revoked' : lastSeenAt === undefined ? 'new' : now - lastSeenAt > SILENT_MS ? 'silent' : 'live',
    createdAt: row.created_at,
    eventsPerSecond: live?.eventsPerSecond(now) ?? 0,
    received: live?.totals.received ?? row.received,
    deadLettered: live?.totals.deadLettered ?? row.dead_lettered,
    duplicates: live?.totals.duplicates ?? row.duplicates,
    lastSequence: live?.lastSequence ?? row.last_sequence,
  };
  const lagMs = live?.lagMs(now);
  if (lagMs !== undefined) view.lagMs = lagMs;
  if (lastSeenAt !== undefined) view.lastSeenAt = lastSeenAt;
  // Written by `flush` from a checked `AgentStatus`.
  if (row.status !== null) {
    const status: AgentStatus = JSON.parse(row.status);
    view.status = status;
  }
  return view;
}
