/** Two gateways and a console on one state, each with its own memory: what they say of an agent, and whom they refuse. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ManualClock } from '@vong/platform/clock';
import type { AgentIdentity } from '@vong/platform/http';
import { createIdentity, identityModule, type By } from '@vong/platform/identity';
import { createSignals, liveModule, signalsModule, type Change, type Live, type Signals } from '@vong/platform/live';
import type { State } from '@vong/platform/state';
import { openTestState } from '@vong/platform/state/testing';
import type { AgentStatus, AgentView } from '../../contracts.ts';
import { createAgents, type Agents } from '../agents.ts';
import { agentsModule } from '../index.ts';
import type { GatewayTables } from '../schema.ts';

const NATION: By = { scope: { actor: { kind: 'key', id: 'k', name: 'k' }, role: 'administrator', agency: 'vn', agencies: 'all' } };
const START = 1_800_000_000_000;

let state: State;
let clock: ManualClock;
let signals: Signals;
let pushed: AgentView[];
beforeEach(async () => {
  clock = new ManualClock(START);
  state = await openTestState({ modules: [identityModule, liveModule, signalsModule, agentsModule], clock });
  signals = createSignals({ state });
  pushed = [];
});
afterEach(async () => {
  await signals.close();
  await state.close();
});

function process(options: { state?: State; signals?: Signals } = {}): Agents {
  const identity = createIdentity({ state, clock });
  const live: Live = {
    record: async (_trx, change: Omit<Change, 'sequence'>) => void pushed.push(change.body as AgentView),
    announce: () => undefined,
    close: async () => undefined,
  };
  return createAgents({
    state,
    clock,
    live,
    signals,
    shared: true,
    narrow: async (scope, agency) => await identity.narrow(scope, agency),
    ...options,
  });
}

async function enrol(at: Agents): Promise<{ agent: AgentIdentity; token: string }> {
  const { agent, token } = await at.create(NATION, { agency: 'vn', name: 'may' }, 'http://x');
  return { agent, token };
}

async function send(at: Agents, agent: AgentIdentity, batch: { sequence: number; accepted: number; duplicate?: boolean; lagMs?: number }) {
  (await at.counters(agent)).batch(clock.now(), { duplicate: false, deadLettered: 0, ...batch });
}

const shown = async (at: Agents): Promise<AgentView> => (await at.list(NATION.scope))[0]!;

function status(host: string): AgentStatus {
  const counters = { read: 1, spooled: 1, sent: 1, acknowledged: 1, rejected: 0 };
  return { version: '1', host, started: 'now', counters, spool: { bytes: 0, limit: 1, records: 0, full: false }, sources: [] };
}

test('what two gateways count of one agent in turn adds up, whichever writes last, and every process shows it', async () => {
  const [a, b, console] = [process(), process(), process()];
  const { agent } = await enrol(console);
  await send(a, agent, { sequence: 1, accepted: 10 });
  await send(b, agent, { sequence: 2, accepted: 20 });
  await send(a, agent, { sequence: 2, accepted: 0, duplicate: true });
  await b.flush();
  clock.advance(1000);
  await send(b, agent, { sequence: 3, accepted: 30 });
  await b.flush();
  await a.flush();
  for (let round = 0; round < 3; round++) for (const each of [a, b]) await each.flush();
  const sums = { received: 60, duplicates: 1, lastSequence: 3, lastSeenAt: START + 1000, state: 'live' };
  for (const each of [console, a, b]) expect(await shown(each)).toMatchObject(sums);
});

test('rates of several gateways add up, fall with the traffic, and are forgotten 15 s after a gateway died or at once when it closed', async () => {
  const [a, b, console] = [process(), process(), process()];
  const { agent } = await enrol(console);
  await send(a, agent, { sequence: 1, accepted: 100, lagMs: 5000 });
  clock.advance(1000);
  await send(b, agent, { sequence: 2, accepted: 50, lagMs: 200 });
  for (const each of [a, b]) await each.flush();
  expect(await shown(console)).toMatchObject({ eventsPerSecond: 15, lagMs: 200 });
  expect(await shown(a)).toMatchObject({ eventsPerSecond: 15, lagMs: 200 });
  expect(pushed.at(-1)).toMatchObject({ eventsPerSecond: 15, received: 150 });
  // The first one's ten seconds are over.
  clock.advance(9000);
  for (const each of [a, b]) await each.flush();
  expect((await shown(console)).eventsPerSecond).toBe(5);
  await b.close();
  expect((await shown(console)).eventsPerSecond).toBe(0);

  await send(a, agent, { sequence: 3, accepted: 70 });
  await a.flush();
  clock.advance(15_000);
  expect((await shown(console)).eventsPerSecond).toBe(7);
  clock.advance(1);
  expect(await shown(console)).toMatchObject({ eventsPerSecond: 0, received: 220 });
});

test('the newest report is shown, whichever gateway took it and whoever writes last', async () => {
  const [a, b, console] = [process(), process(), process()];
  const { agent } = await enrol(console);
  await a.reported(agent, status('older'));
  clock.advance(1000);
  await b.reported(agent, status('newer'));
  await b.flush();
  await a.flush();
  for (const each of [console, a, b]) expect((await shown(each)).status?.host).toBe('newer');
});

test('a write whose answer was lost is not counted twice, and one that failed is not lost', async () => {
  let fate: 'stored' | 'failed' | 'well' = 'well';
  const shaky: State = {
    ...state,
    async transaction(scope, body) {
      if (fate === 'failed') throw new Error('connection refused');
      const result = await state.transaction(scope, body as never);
      if (fate === 'stored') throw new Error('the connection was lost during the commit');
      return result as never;
    },
  };
  const console = process();
  const gateway = process({ state: shaky });
  const { agent } = await enrol(console);
  for (fate of ['stored', 'failed', 'stored'] as const) {
    await send(gateway, agent, { sequence: 1, accepted: 1 });
    await expect(gateway.flush()).rejects.toThrow(/connection/);
    await expect(gateway.flush()).rejects.toThrow(/connection/);
  }
  fate = 'well';
  await gateway.flush();
  expect((await shown(console)).received).toBe(3);
  expect((await shown(gateway)).received).toBe(3);
});

test('one process alone leaves nothing for others', async () => {
  const alone = createAgents({ state, clock, narrow: async () => undefined });
  const { agent } = await enrol(alone);
  await send(alone, agent, { sequence: 1, accepted: 40, lagMs: 30 });
  expect(await shown(alone)).toMatchObject({ received: 40, eventsPerSecond: 4, lagMs: 30 });
  await alone.flush();
  const db = state.system<GatewayTables>();
  expect(await db.selectFrom('agent_rates').selectAll().execute()).toEqual([]);
  expect(await db.selectFrom('gateway_flushes').selectAll().execute()).toEqual([]);
});

test('a token revoked at a console is refused by the gateways on its word, not when their memory of it ends', async () => {
  const others = createSignals({ state, pollMs: 20 });
  const [console, gateway] = [process(), process({ signals: others })];
  const { agent, token } = await enrol(console);
  expect(await gateway.verifyToken(token)).toMatchObject({ id: agent.id });
  await console.revoke({ scope: NATION.scope }, agent.id);
  expect(await console.verifyToken(token)).toBeUndefined();
  // The clock stands still: nothing is forgotten for its age.
  await vi.waitFor(async () => expect(await gateway.verifyToken(token)).toBeUndefined(), { timeout: 20_000, interval: 5 });
  await others.close();
});
