/** What each gateway counts of an agent right now, left in the state for the consoles and gateways of other processes. */
import type { Kysely, Transaction } from 'kysely';
import { LAG_WINDOW_MS, type AgentCounters, type Lag } from './counters.ts';
import type { AgentRateRow, AgentRow, AgentTables } from './schema.ts';

/** The sum of other gateways' rates, and the lag of the one that took the last batch. */
export interface ElsewhereRate {
  readonly eventsPerSecond: number;
  readonly lag: Lag | undefined;
}

/** A gateway that says nothing of an agent for so long no longer serves it, or is dead. */
const STALE_MS = 15_000;

export async function leaveRates(
  trx: Transaction<AgentTables>,
  counted: readonly { readonly row: AgentRow; readonly counters: AgentCounters }[],
  { gateway, now }: { gateway: string; now: number },
): Promise<void> {
  await trx
    .deleteFrom('agent_rates')
    .where('at', '<', now - LAG_WINDOW_MS)
    .execute();
  if (counted.length === 0) return;
  const rows = counted.map(({ row, counters }): AgentRateRow => {
    const lag = counters.lag(now);
    const events_per_second = counters.eventsPerSecond(now);
    return { agent: row.id, gateway, agency: row.agency, at: now, events_per_second, lag_ms: lag?.ms ?? null, lag_at: lag?.at ?? null };
  });
  await trx
    .insertInto('agent_rates')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['agent', 'gateway']).doUpdateSet((row) => ({
        at: row.ref('excluded.at'),
        events_per_second: row.ref('excluded.events_per_second'),
        lag_ms: row.ref('excluded.lag_ms'),
        lag_at: row.ref('excluded.lag_at'),
      })),
    )
    .execute();
}

/** By agent; without what the gateway named counts itself. */
export async function ratesElsewhere(
  db: Kysely<AgentTables>,
  { gateway, now, agents }: { gateway: string; now: number; agents?: readonly string[] },
): Promise<ReadonlyMap<string, ElsewhereRate>> {
  let query = db
    .selectFrom('agent_rates')
    .selectAll()
    .where('gateway', '!=', gateway)
    .where('at', '>=', now - LAG_WINDOW_MS);
  if (agents !== undefined) query = query.where('agent', 'in', agents);
  const found = new Map<string, ElsewhereRate>();
  for (const row of await query.execute()) found.set(row.agent, added(found.get(row.agent), row, now));
  return found;
}

function added(before: ElsewhereRate | undefined, row: AgentRateRow, now: number): ElsewhereRate {
  const rate = now - row.at <= STALE_MS ? row.events_per_second : 0;
  const lag =
    row.lag_ms === null || row.lag_at === null || now - row.lag_at > LAG_WINDOW_MS ? undefined : { ms: row.lag_ms, at: row.lag_at };
  const newer = lag !== undefined && (before?.lag === undefined || lag.at > before.lag.at);
  return { eventsPerSecond: (before?.eventsPerSecond ?? 0) + rate, lag: newer ? lag : before?.lag };
}
