/** Agents: enrolment, tokens, and what each one is doing. */
import type { Clock } from '@vong/platform/clock';
import type { AgentIdentity } from '@vong/platform/http';
import { type By, type Scope, recordAudit } from '@vong/platform/identity';
import { randomId, randomSecret } from '@vong/platform/ids';
import type { Live, Signals } from '@vong/platform/live';
import type { State } from '@vong/platform/state';
import type { AgentCreate, AgentCreated, AgentStatus, AgentView } from '../contracts.ts';
import { ratesElsewhere, type ElsewhereRate } from './agent-rates.ts';
import { AGENTS_SIGNAL, AgentTokens, hashOf } from './agent-tokens.ts';
import { agentView } from './agent-view.ts';
import { AgentWriter, knownOf, type Report } from './agent-writer.ts';
import { AgentCounters, NOTHING } from './counters.ts';
import { gatewayError } from './errors.ts';
import type { AgentRow, AgentTables } from './schema.ts';

export interface AgentsDeps {
  readonly state: State;
  readonly clock: Clock;
  /** Throws when the agency is outside the scope or does not exist (`identity.narrow`). */
  readonly narrow: (scope: Scope, agency: string) => Promise<unknown>;
  readonly live?: Live;
  /** Tells and hears of revoked tokens; without them another process's revocation is seen after five seconds. */
  readonly signals?: Pick<Signals, 'bump' | 'subscribe'>;
  /** Other processes have gateways and consoles on this state: what is counted here is left there for them, every flush. */
  readonly shared?: boolean;
}

export interface Agents {
  create(by: By, request: AgentCreate, server: string): Promise<AgentCreated>;
  /** The token stops working with this call's answer, batches under way included as soon as they are read; elsewhere within a second. */
  revoke(by: By, id: string): Promise<void>;
  list(scope: Scope): Promise<AgentView[]>;
  verifyToken(token: string): Promise<AgentIdentity | undefined>;
  counters(agent: AgentIdentity): Promise<AgentCounters>;
  reported(agent: AgentIdentity, status: AgentStatus): Promise<void>;
  /** Adds what was counted since the last call to the state, and tells the console at most every five seconds per agent. */
  flush(): Promise<void>;
  /** Flushes for the last time: this process counts no agent any more. */
  close(): Promise<void>;
}

export function createAgents(deps: AgentsDeps): Agents {
  const { state, clock, shared = false } = deps;
  const gateway = randomId();
  const tokens = new AgentTokens(deps);
  const counting = new Map<string, AgentCounters>();
  const reports = new Map<string, Report>();
  const writer = new AgentWriter({ ...deps, shared, gateway, counting, reports, viewOf });

  function viewOf(row: AgentRow, elsewhere?: ElsewhereRate): AgentView {
    const status = reports.get(row.id)?.text ?? row.status;
    return agentView({ ...row, status }, { live: counting.get(row.id), elsewhere, now: clock.now() });
  }

  async function create(by: By, request: AgentCreate, server: string): Promise<AgentCreated> {
    await deps.narrow(by.scope, request.agency);
    const token = randomSecret();
    const row = freshRow(request, hashOf(token), clock.now());
    await state.transaction<AgentTables, void>(by.scope, async (trx) => {
      const same = await trx
        .selectFrom('agents')
        .select('id')
        .where('agency', '=', row.agency)
        .where('name', '=', row.name)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      if (same !== undefined) throw gatewayError('INGEST_AGENT_NAME_TAKEN', { agency: row.agency, name: row.name });
      await trx.insertInto('agents').values(row).execute();
      const details = { name: row.name };
      await recordAudit(trx, { ...by, action: 'agent.create', target: row.id, agency: row.agency, details, at: row.created_at });
      await deps.live?.record(trx, { kind: 'agent', agency: row.agency, key: row.id, body: viewOf(row), at: row.created_at });
    });
    deps.live?.announce();
    return { agent: viewOf(row), token, command: `./vong agent --server ${server} --token ${token}` };
  }

  async function revoke(by: By, id: string): Promise<void> {
    const at = clock.now();
    await state.transaction<AgentTables, void>(by.scope, async (trx) => {
      const row = await trx.selectFrom('agents').selectAll().where('id', '=', id).executeTakeFirst();
      if (row === undefined) throw gatewayError('INGEST_AGENT_UNKNOWN');
      if (row.revoked_at !== null) return;
      await trx.updateTable('agents').set({ revoked_at: at }).where('id', '=', id).execute();
      await recordAudit(trx, { ...by, action: 'agent.revoke', target: id, agency: row.agency, details: { name: row.name }, at });
      await deps.live?.record(trx, { kind: 'agent', agency: row.agency, key: id, body: viewOf({ ...row, revoked_at: at }), at });
      await deps.signals?.bump(trx, AGENTS_SIGNAL);
    });
    tokens.forget();
    deps.live?.announce();
  }

  async function counters(agent: AgentIdentity): Promise<AgentCounters> {
    const found = counting.get(agent.id);
    if (found !== undefined) return found;
    const row = await state.system<AgentTables>().selectFrom('agents').selectAll().where('id', '=', agent.id).executeTakeFirst();
    const made = new AgentCounters(row === undefined ? { ...NOTHING, lastSequence: -1, lastSeenAt: undefined } : knownOf(row));
    return counting.get(agent.id) ?? (counting.set(agent.id, made), made);
  }

  return {
    create,
    revoke,
    counters,
    verifyToken: async (token) => await tokens.verify(token),
    flush: async () => await writer.flush(),
    close: async () => await writer.close(),
    async reported(agent, status) {
      const known = await counters(agent);
      const at = clock.now();
      reports.set(agent.id, { text: JSON.stringify(status), at });
      known.seen(at);
    },
    async list(scope) {
      const rows = await state.as<AgentTables>(scope).selectFrom('agents').selectAll().orderBy('agency').orderBy('name').execute();
      const elsewhere = shared ? await ratesElsewhere(state.as<AgentTables>(scope), { gateway, now: clock.now() }) : undefined;
      return rows.map((row) => viewOf(row, elsewhere?.get(row.id)));
    },
  };
}

function freshRow({ agency, name }: AgentCreate, token_hash: string, created_at: number): AgentRow {
  const unseen = { revoked_at: null, last_seen_at: null, last_sequence: -1, status: null, status_at: null };
  return { id: randomId(), agency, name, token_hash, created_at, ...unseen, received: 0, dead_lettered: 0, duplicates: 0 };
}
