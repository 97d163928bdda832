/** Agents: enrolment, tokens, and what each one is doing. */
import { hash } from 'node:crypto';
import type { Clock } from '@vong/platform/clock';
import type { AgentIdentity } from '@vong/platform/http';
import { type By, type Scope, recordAudit } from '@vong/platform/identity';
import { randomId, randomSecret } from '@vong/platform/ids';
import type { ChangeTables, Live } from '@vong/platform/live';
import type { State } from '@vong/platform/state';
import type { AgentCreate, AgentCreated, AgentStatus, AgentView } from '../contracts.ts';
import { agentView } from './agent-view.ts';
import { AgentCounters } from './counters.ts';
import { gatewayError } from './errors.ts';
import type { AgentRow, GatewayTables } from './schema.ts';

type Tables = GatewayTables & ChangeTables;

export interface AgentsDeps {
  readonly state: State;
  readonly clock: Clock;
  /** Throws when the agency is outside the scope or does not exist (`identity.narrow`). */
  readonly narrow: (scope: Scope, agency: string) => Promise<unknown>;
  readonly live?: Live;
}

export interface Agents {
  create(by: By, request: AgentCreate, server: string): Promise<AgentCreated>;
  /** The token stops working with this call's answer, batches under way included as soon as they are read. */
  revoke(by: By, id: string): Promise<void>;
  list(scope: Scope): Promise<AgentView[]>;
  verifyToken(token: string): Promise<AgentIdentity | undefined>;
  counters(agent: AgentIdentity): Promise<AgentCounters>;
  reported(agent: AgentIdentity, status: AgentStatus): Promise<void>;
  /** Writes what changed since the last call to the state, and tells the console at most every five seconds per agent. */
  flush(): Promise<void>;
}

const CACHE_MS = 5_000;
const CACHE_SIZE = 20_000;
const ANNOUNCE_MS = 5_000;

export function createAgents(deps: AgentsDeps): Agents {
  const { state, clock } = deps;
  const known = new Map<string, { agent: AgentIdentity; until: number }>();
  const counting = new Map<string, AgentCounters>();
  const statuses = new Map<string, string>();

  function viewOf(row: AgentRow): AgentView {
    return agentView({ ...row, status: statuses.get(row.id) ?? row.status }, counting.get(row.id), clock.now());
  }

  async function verifyToken(token: string): Promise<AgentIdentity | undefined> {
    const token_hash = hash('sha256', token, 'hex');
    const cached = known.get(token_hash);
    if (cached !== undefined && cached.until > clock.now()) return cached.agent;
    const row = await state
      .system<Tables>()
      .selectFrom('agents')
      .select(['id', 'name', 'agency'])
      .where('token_hash', '=', token_hash)
      .where('revoked_at', 'is', null)
      .executeTakeFirst();
    if (row === undefined) known.delete(token_hash);
    else {
      if (known.size >= CACHE_SIZE) known.clear();
      known.set(token_hash, { agent: row, until: clock.now() + CACHE_MS });
    }
    return row;
  }

  async function create(by: By, request: AgentCreate, server: string): Promise<AgentCreated> {
    await deps.narrow(by.scope, request.agency);
    const token = randomSecret();
    const row = freshRow(request, hash('sha256', token, 'hex'), clock.now());
    await state.transaction<Tables, void>(by.scope, async (trx) => {
      const same = await trx
        .selectFrom('agents')
        .select('id')
        .where('agency', '=', row.agency)
        .where('name', '=', row.name)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      if (same !== undefined) throw gatewayError('INGEST_AGENT_NAME_TAKEN', { agency: row.agency, name: row.name });
      await trx.insertInto('agents').values(row).execute();
      await recordAudit(trx, {
        ...by,
        action: 'agent.create',
        target: row.id,
        agency: row.agency,
        details: { name: row.name },
        at: row.created_at,
      });
      await deps.live?.record(trx, { kind: 'agent', agency: row.agency, key: row.id, body: viewOf(row), at: row.created_at });
    });
    deps.live?.announce();
    return { agent: viewOf(row), token, command: `./vong agent --server ${server} --token ${token}` };
  }

  async function revoke(by: By, id: string): Promise<void> {
    const at = clock.now();
    const hashed = await state.transaction<Tables, string>(by.scope, async (trx) => {
      const row = await trx.selectFrom('agents').selectAll().where('id', '=', id).executeTakeFirst();
      if (row === undefined) throw gatewayError('INGEST_AGENT_UNKNOWN');
      if (row.revoked_at !== null) return row.token_hash;
      await trx.updateTable('agents').set({ revoked_at: at }).where('id', '=', id).execute();
      await recordAudit(trx, { ...by, action: 'agent.revoke', target: id, agency: row.agency, details: { name: row.name }, at });
      await deps.live?.record(trx, { kind: 'agent', agency: row.agency, key: id, body: viewOf({ ...row, revoked_at: at }), at });
      return row.token_hash;
    });
    known.delete(hashed);
    deps.live?.announce();
  }

  async function counters(agent: AgentIdentity): Promise<AgentCounters> {
    const found = counting.get(agent.id);
    if (found !== undefined) return found;
    const row = await state.system<Tables>().selectFrom('agents').selectAll().where('id', '=', agent.id).executeTakeFirst();
    const made = countersOf(row);
    return counting.get(agent.id) ?? (counting.set(agent.id, made), made);
  }

  async function reported(agent: AgentIdentity, status: AgentStatus): Promise<void> {
    statuses.set(agent.id, JSON.stringify(status));
    (await counters(agent)).seen(clock.now());
  }

  async function flush(): Promise<void> {
    const now = clock.now();
    const dirty = [...counting].filter(([, each]) => each.dirty);
    if (dirty.length === 0) return;
    for (const [, each] of dirty) each.dirty = false;
    let announced = false;
    try {
      await state.transaction<Tables, void>('system', async (trx) => {
        for (const [id, each] of dirty) {
          const status = statuses.get(id);
          const change = { ...rowChanges(each, now), ...(status === undefined ? {} : { status }) };
          const row = await trx.updateTable('agents').set(change).where('id', '=', id).returningAll().executeTakeFirst();
          if (deps.live === undefined || row === undefined || now - each.announcedAt < ANNOUNCE_MS) continue;
          each.announcedAt = now;
          announced = true;
          await deps.live.record(trx, { kind: 'agent', agency: row.agency, key: id, body: viewOf(row), at: now });
        }
      });
    } catch (error) {
      for (const [, each] of dirty) each.dirty = true;
      throw error;
    }
    if (announced) deps.live?.announce();
  }

  return {
    create,
    revoke,
    verifyToken,
    counters,
    reported,
    flush,
    list: async (scope) =>
      (await state.as<Tables>(scope).selectFrom('agents').selectAll().orderBy('agency').orderBy('name').execute()).map(viewOf),
  };
}

function freshRow({ agency, name }: AgentCreate, token_hash: string, created_at: number): AgentRow {
  const nothing = { revoked_at: null, last_seen_at: null, lag_ms: null, status: null, received: 0, dead_lettered: 0, duplicates: 0 };
  return { id: randomId(), agency, name, token_hash, created_at, last_sequence: -1, ...nothing };
}

function countersOf(row: AgentRow | undefined): AgentCounters {
  return new AgentCounters({
    received: row?.received ?? 0,
    deadLettered: row?.dead_lettered ?? 0,
    duplicates: row?.duplicates ?? 0,
    lastSequence: row?.last_sequence ?? -1,
    lastSeenAt: row?.last_seen_at ?? undefined,
  });
}

function rowChanges(counters: AgentCounters, now: number): Partial<AgentRow> {
  return {
    last_seen_at: counters.lastSeenAt ?? null,
    received: counters.totals.received,
    dead_lettered: counters.totals.deadLettered,
    duplicates: counters.totals.duplicates,
    last_sequence: counters.lastSequence,
    lag_ms: counters.lagMs(now) ?? null,
  };
}
