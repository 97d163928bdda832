/** What every process has, whatever its roles: log, state, identity, HTTP, push, metrics. Opened in order, closed in reverse. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { SharedStages, Shown } from '@vong/engine/pipeline';
import { systemClock as clock } from '@vong/platform/clock';
import type { Config } from '@vong/platform/config';
import { createHttpServer, type AgentIdentity } from '@vong/platform/http';
import { Health, healthApi } from '@vong/platform/health';
import { createIdentity } from '@vong/platform/identity';
import { createLive, createSignals } from '@vong/platform/live';
import { connectLog, lockDataDirectory } from '@vong/platform/log';
import { createLogger } from '@vong/platform/logger';
import { refuseUnfinished } from '@vong/platform/move';
import { registerProcessMetrics, Registry, StageLatencies } from '@vong/platform/metrics';
import { Lifecycle } from '@vong/platform/process';
import { MODULES } from './modules.ts';
import { logSourceOf, openStateOf, usesDataDirectory } from './parts.ts';

export const ROOT = join(import.meta.dirname, '..');

export type Node = Awaited<ReturnType<typeof openNode>>;

/** Who answers for the tokens of agents in this process; nobody until a role does. */
type VerifyAgent = (token: string) => Promise<AgentIdentity | undefined>;

export async function openNode(config: Config) {
  const life = new Lifecycle();
  const logger = createLogger('vong', config.logLevel);
  mkdirSync(config.data, { recursive: true });
  if (usesDataDirectory(config)) {
    const lock = lockDataDirectory(config.data);
    life.onStop('lock', () => lock.release());
  }
  const metrics = new Registry();
  registerProcessMetrics(metrics);
  const stages = new StageLatencies(clock);
  const source = logSourceOf(config);
  const log = await connectLog(source, { clock });
  life.onStop('log', () => log.close());
  const state = await openStateOf(config, MODULES, logger);
  life.onStop('state', () => state.close());
  await refuseUnfinished(state);

  const base = { state, clock, logger };
  const shared = config.redis === undefined ? {} : { redis: config.redis };
  const signals = createSignals({ ...base, ...shared });
  life.onStop('signals', () => signals.close());
  const identity = createIdentity({ ...base, signals });
  const agents: { verify: VerifyAgent } = { verify: async () => undefined };
  const http = createHttpServer({
    ...base,
    ...(config.publicUrl === null ? {} : { publicUrl: config.publicUrl }),
    identity,
    trustProxy: config.trustProxy,
    ...(config.roles.has('console') ? { staticDirectory: join(ROOT, 'console/web/dist') } : {}),
    verifyAgent: async (token) => await agents.verify(token),
    metrics: () => metrics.metrics(),
  });
  const health = new Health({ clock, logger });
  health.register({ name: 'log', check: async () => void (await log.partitions('events')) });
  health.register({
    name: 'state',
    check: async () =>
      void (await state.system<{ agencies: { agency: string } }>().selectFrom('agencies').select('agency').limit(1).execute()),
  });
  http.register(healthApi({ health }));
  const shown = new Shown({ ...base, stages });
  const live = createLive({ ...base, ...shared, http, identity, signals, onShown: (ids, _at, scope) => void shown.record(ids, scope) });
  life.onStop('live push', () => live.close());
  if (config.postgres !== undefined) {
    // Several processes on one state: each shows what the others measured.
    const measured = new SharedStages({ state, clock, stages, instance: config.instance, shows: config.roles.has('console') });
    life.onStop('stages', measured.start(logger));
  }
  return { config, life, health, signals, metrics, stages, source, log, identity, agents, http, live, base, ...base };
}
