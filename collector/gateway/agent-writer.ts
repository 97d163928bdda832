/**
 * Brings what was counted of agents to the state. Several gateways may count one agent, so increments are added to what is there,
 * each exactly once: a write whose fate is unknown (the connection was lost during the commit) is found by its id when it is tried
 * again.
 */
import { sql, type RawBuilder, type Transaction } from 'kysely';
import type { Clock } from '@vong/platform/clock';
import { randomId } from '@vong/platform/ids';
import type { Live } from '@vong/platform/live';
import type { State } from '@vong/platform/state';
import type { AgentView } from '../contracts.ts';
import { leaveRates, ratesElsewhere, type ElsewhereRate } from './agent-rates.ts';
import { NOTHING, type AgentCounters, type Known, type Totals } from './counters.ts';
import type { AgentRow, AgentTables } from './schema.ts';

/** What an agent last reported, JSON of an `AgentStatus`. */
export interface Report {
  readonly text: string;
  readonly at: number;
}

export interface AgentWriterDeps {
  readonly state: State;
  readonly clock: Clock;
  readonly live?: Live;
  /** Other processes count agents of this state too. */
  readonly shared: boolean;
  /** This gateway among those, unlike any other and any before it. */
  readonly gateway: string;
  readonly counting: ReadonlyMap<string, AgentCounters>;
  /** Reports that are not stored yet. */
  readonly reports: Map<string, Report>;
  readonly viewOf: (row: AgentRow, elsewhere: ElsewhereRate | undefined) => AgentView;
}

interface Entry {
  readonly id: string;
  readonly counters: AgentCounters;
  readonly counted: Totals;
  readonly report: Report | undefined;
}

interface Batch {
  readonly id: string;
  readonly entries: readonly Entry[];
}

const ANNOUNCE_MS = 5_000;
/** Agents in one transaction: other writers wait for its end. */
const BATCH = 500;
const FORGET_GATEWAY_MS = 86_400_000;

export class AgentWriter {
  readonly #deps: AgentWriterDeps;
  /** Taken from the counters and not known to be stored. */
  #batches: Batch[] = [];
  #turn: Promise<void> = Promise.resolve();

  constructor(deps: AgentWriterDeps) {
    this.#deps = deps;
  }

  /** One at a time. What fails is tried again, with the same id, by the next call. */
  flush(): Promise<void> {
    this.#turn = this.#turn.catch(() => undefined).then(() => this.#flush());
    return this.#turn;
  }

  /** Nobody waits for this gateway's rates to become stale. */
  async close(): Promise<void> {
    await this.flush();
    const { state, shared, gateway } = this.#deps;
    if (!shared) return;
    await state.transaction<AgentTables, void>('system', async (trx) => {
      await trx.deleteFrom('agent_rates').where('gateway', '=', gateway).execute();
      await trx.deleteFrom('gateway_flushes').where('gateway', '=', gateway).execute();
    });
  }

  async #flush(): Promise<void> {
    await this.#writeAll();
    this.#batches = this.#take();
    await this.#writeAll();
  }

  #take(): Batch[] {
    const { counting, reports, shared } = this.#deps;
    // A rate that falls is told until it is nothing: another gateway may serve the agent by then.
    const due = [...counting].filter(([, counters]) => counters.dirty || (shared && counters.toldRate > 0));
    const entries = due.map(([id, counters]): Entry => ({ id, counters, counted: counters.take(), report: reports.get(id) }));
    const batches: Batch[] = [];
    for (let from = 0; from < entries.length; from += BATCH) batches.push({ id: randomId(), entries: entries.slice(from, from + BATCH) });
    return batches;
  }

  async #writeAll(): Promise<void> {
    for (let batch = this.#batches[0]; batch !== undefined; batch = this.#batches[0]) {
      await this.#write(batch);
      this.#batches.shift();
    }
  }

  async #write(batch: Batch): Promise<void> {
    const { state, clock, live, shared, gateway, reports } = this.#deps;
    const now = clock.now();
    const told = await state.transaction<AgentTables, { rows: AgentRow[]; announced: ReadonlySet<string> }>('system', async (trx) => {
      const again = shared && (await isStored(trx, { gateway, batch: batch.id, now }));
      await addToAgents(trx, again ? batch.entries.map((entry) => ({ ...entry, counted: NOTHING })) : batch.entries);
      const ids = batch.entries.map(({ id }) => id);
      const rows = await trx.selectFrom('agents').selectAll().where('id', 'in', ids).execute();
      const byId = new Map(batch.entries.map(({ id, counters }) => [id, counters]));
      const counted = rows.flatMap((row) => {
        const counters = byId.get(row.id);
        return counters === undefined ? [] : [{ row, counters }];
      });
      if (shared) await leaveRates(trx, counted, { gateway, now });
      const elsewhere = shared && live ? await ratesElsewhere(trx, { gateway, now, agents: ids }) : undefined;
      const due = live === undefined ? [] : counted.filter(({ counters }) => now - counters.announcedAt >= ANNOUNCE_MS);
      for (const { row } of due) {
        const body = this.#deps.viewOf(row, elsewhere?.get(row.id));
        await live?.record(trx, { kind: 'agent', agency: row.agency, key: row.id, body, at: now });
      }
      return { rows, announced: new Set(due.map(({ row }) => row.id)) };
    });
    const byId = new Map(told.rows.map((row) => [row.id, row]));
    for (const { id, counters, report } of batch.entries) {
      const row = byId.get(id);
      if (row !== undefined) counters.stored(knownOf(row));
      counters.toldRate = shared ? counters.eventsPerSecond(now) : 0;
      if (told.announced.has(id)) counters.announcedAt = now;
      if (reports.get(id) === report) reports.delete(id);
    }
    if (told.announced.size > 0) live?.announce();
  }
}

/** Whether the batch was stored by an earlier try; from now on it is. */
async function isStored(
  trx: Transaction<AgentTables>,
  { gateway, batch, now }: { gateway: string; batch: string; now: number },
): Promise<boolean> {
  const row = await trx.selectFrom('gateway_flushes').select('last').where('gateway', '=', gateway).executeTakeFirst();
  if (row?.last === batch) return true;
  await trx
    .insertInto('gateway_flushes')
    .values({ gateway, last: batch, at: now })
    .onConflict((conflict) => conflict.column('gateway').doUpdateSet({ last: batch, at: now }))
    .execute();
  await trx
    .deleteFrom('gateway_flushes')
    .where('at', '<', now - FORGET_GATEWAY_MS)
    .execute();
  return false;
}

/** One statement for all of them: the state has one writer at a time. */
async function addToAgents(trx: Transaction<AgentTables>, entries: readonly Entry[]): Promise<void> {
  const rows = entries.map(({ id, counters, counted, report }) => {
    const { received, deadLettered, duplicates } = counted;
    const numbers = [received, deadLettered, duplicates, counters.lastSequence, counters.lastSeenAt ?? null, report?.at ?? null];
    return sql`(${text(id)}, ${sql.join(numbers.map(number))}, ${text(report?.text ?? null)})`;
  });
  await sql`
    update agents set
      received = agents.received + d.column2,
      dead_lettered = agents.dead_lettered + d.column3,
      duplicates = agents.duplicates + d.column4,
      last_sequence = case when agents.last_sequence < d.column5 then d.column5 else agents.last_sequence end,
      last_seen_at = case when agents.last_seen_at >= d.column6 or d.column6 is null then agents.last_seen_at else d.column6 end,
      status = case when d.column7 >= coalesce(agents.status_at, 0) then d.column8 else agents.status end,
      status_at = case when d.column7 >= coalesce(agents.status_at, 0) then d.column7 else agents.status_at end
    from (values ${sql.join(rows)}) as d
    where agents.id = d.column1`.execute(trx);
}

function number(value: number | null): RawBuilder<unknown> {
  return sql`cast(${value} as bigint)`;
}

function text(value: string | null): RawBuilder<unknown> {
  return sql`cast(${value} as text)`;
}

export function knownOf(row: AgentRow): Known {
  return {
    received: row.received,
    deadLettered: row.dead_lettered,
    duplicates: row.duplicates,
    lastSequence: row.last_sequence,
    lastSeenAt: row.last_seen_at ?? undefined,
  };
}
