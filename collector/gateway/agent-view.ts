import type { AgentStatus, AgentView } from '../contracts.ts';
import type { ElsewhereRate } from './agent-rates.ts';
import type { AgentCounters } from './counters.ts';
import type { AgentRow } from './schema.ts';

/** Milliseconds without a word after which an agent counts as silent. */
export const SILENT_MS = 90_000;

export interface ViewParts {
  /** What is known in this process since the last flush. */
  readonly live: AgentCounters | undefined;
  /** What other gateways count of the agent now. */
  readonly elsewhere: ElsewhereRate | undefined;
  readonly now: number;
}

/** The stored row, with what is known in memory and of other gateways laid over it. */
export function agentView(row: AgentRow, { live, elsewhere, now }: ViewParts): AgentView {
  // Whichever is ahead: another gateway may have written since this one did, and this one counted since it wrote.
  const lastSeenAt = Math.max(live?.lastSeenAt ?? 0, row.last_seen_at ?? 0) || undefined;
  const rate = (live?.eventsPerSecond(now) ?? 0) + (elsewhere?.eventsPerSecond ?? 0);
  const view: AgentView = {
    id: row.id,
    agency: row.agency,
    name: row.name,
    state: row.revoked_at !== null ? 'revoked' : lastSeenAt === undefined ? 'new' : now - lastSeenAt > SILENT_MS ? 'silent' : 'live',
    createdAt: row.created_at,
    eventsPerSecond: Math.round(rate * 10) / 10,
    received: Math.max(live?.totals.received ?? 0, row.received),
    deadLettered: Math.max(live?.totals.deadLettered ?? 0, row.dead_lettered),
    duplicates: Math.max(live?.totals.duplicates ?? 0, row.duplicates),
    lastSequence: Math.max(live?.lastSequence ?? -1, row.last_sequence),
  };
  const [lag] = [live?.lag(now), elsewhere?.lag].filter((each) => each !== undefined).toSorted((a, b) => b.at - a.at);
  if (lag !== undefined) view.lagMs = lag.ms;
  if (lastSeenAt !== undefined) view.lastSeenAt = lastSeenAt;
  // Written from a checked `AgentStatus`.
  if (row.status !== null) {
    const status: AgentStatus = JSON.parse(row.status);
    view.status = status;
  }
  return view;
}
