/** Replays as they run: real log, gateway, state, identity and HTTP server, on a temporary folder and a random port. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentsModule, createGateway, gatewayApi } from '@vong/collector/gateway';
import { systemClock } from '@vong/platform/clock';
import type { EcsEvent } from '@vong/platform/events';
import { createHttpServer } from '@vong/platform/http';
import { createIdentity, identityApi, identityModule } from '@vong/platform/identity';
import type { Scope } from '@vong/platform/identity';
import { createSignals, liveModule, signalsModule } from '@vong/platform/live';
import type { Change, Live } from '@vong/platform/live';
import { openLog } from '@vong/platform/log';
import type { TopicConfig } from '@vong/platform/log';
import { createLogger } from '@vong/platform/logger';
import { openTestState } from '@vong/platform/state/testing';
import { createReplays, replaysApi, replaysModule } from '../index.ts';
import type { Replays } from '../index.ts';
import type { ReplaysDeps } from '../service.ts';

const TOPICS: readonly TopicConfig[] = [
  { name: 'events', partitions: 2, retention: {} },
  { name: 'dead-letters', partitions: 1, retention: {} },
];
export const NATION: Scope = { actor: { kind: 'system', id: 'test', name: 'test' }, role: 'administrator', agency: 'vn', agencies: 'all' };

export function scopeOf(agency: string): Scope {
  return { actor: { kind: 'user', id: `u-${agency}`, name: `user of ${agency}` }, role: 'analyst', agency, agencies: new Set([agency]) };
}

export interface World {
  readonly address: string;
  readonly library: string;
  readonly replays: Replays;
  /** What was pushed to consoles. */
  readonly changes: Omit<Change, 'sequence'>[];
  readonly audit: () => Promise<string[]>;
  readonly events: () => Promise<EcsEvent[]>;
  readonly agents: () => Promise<{ name: string; state: string }[]>;
  /** A service on the same state, as after a restart. */
  readonly restarted: () => Replays;
  readonly call: (
    route: string,
    init?: { method?: string; body?: FormData | object },
  ) => Promise<{ status: number; body: Record<string, unknown> }>;
  close(): Promise<void>;
}

export async function openWorld(more: Pick<ReplaysDeps, 'shared'> = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'vong-replays-'));
  const library = join(folder, 'library');
  mkdirSync(library);
  const path = join(folder, 'log.db');
  const logger = createLogger('test', 'silent');
  const clock = systemClock;
  const log = openLog({ path, topics: TOPICS, clock });
  const state = await openTestState({ modules: [identityModule, liveModule, signalsModule, agentsModule, replaysModule], clock });
  const identity = createIdentity({ state, clock });
  for (const code of ['bo-a', 'bo-b']) {
    await identity.agencies.create({ scope: NATION }, { code, nameVi: code, nameEn: code, kind: 'ministry', parent: 'vn' });
  }
  const narrow = (scope: Scope, agency: string): Promise<unknown> => identity.narrow(scope, agency);
  const gateway = createGateway({ log, worker: { log: { kind: 'embedded', path, topics: TOPICS } }, state, clock, logger, narrow });
  const changes: Omit<Change, 'sequence'>[] = [];
  const live: Live = {
    record: (_trx, change) => Promise.resolve(void changes.push(...[change].flat())),
    announce: () => undefined,
    close: () => Promise.resolve(),
  };
  let address = '';
  const deps = {
    state,
    live,
    clock,
    logger,
    narrow,
    libraryDirectories: [library, join(folder, 'missing')],
    recordingsDirectory: join(folder, 'recordings'),
    server: () => address,
    enrol: async (agency: string, name: string) => {
      const { token, agent } = await gateway.agents.create({ scope: NATION }, { agency, name }, address);
      return { token, id: agent.id };
    },
    retire: (id: string) => gateway.agents.revoke({ scope: NATION }, id),
  };
  const signals = createSignals({ state, pollMs: 20 });
  const replays = createReplays({ ...deps, ...more, signals });
  const http = createHttpServer({ identity, logger, clock, verifyAgent: (token) => gateway.agents.verifyToken(token) });
  await http.register(identityApi({ identity }));
  await http.register(gatewayApi({ gateway }));
  await http.register(replaysApi({ replays }));
  address = await http.listen({ port: 0, host: '127.0.0.1' });
  const key = identity.createOperatorKey();

  return {
    address,
    library,
    replays,
    changes,
    restarted: () => createReplays({ ...deps, ...more, signals }),
    agents: async () => await gateway.agents.list(NATION),
    audit: async () => {
      const rows = await state
        .system<{ audit: { sequence: number; action: string } }>()
        .selectFrom('audit')
        .select('action')
        .orderBy('sequence')
        .execute();
      return rows.map(({ action }) => action);
    },
    events: async () => {
      const found: EcsEvent[] = [];
      for (const { partition } of await log.partitions('events')) {
        const { records } = await log.read({ topic: 'events', partition, offset: 0, maxRecords: 100_000 });
        for (const { value } of records) found.push(JSON.parse(Buffer.from(value).toString('utf8')));
      }
      return found;
    },
    call: async (route, { method = 'GET', body } = {}) => {
      const raw = body instanceof FormData;
      const json: Record<string, string> = body === undefined || raw ? {} : { 'content-type': 'application/json' };
      const response = await fetch(address + route, {
        method,
        headers: { authorization: `Bearer ${key}`, ...json },
        ...(body === undefined ? {} : { body: body instanceof FormData ? body : JSON.stringify(body) }),
      });
      return { status: response.status, body: JSON.parse((await response.text()) || '{}') };
    },
    close: async () => {
      await replays.close();
      await signals.close();
      await http.close();
      await gateway.close();
      await log.close();
      await state.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
