/** The composition root: reads the configuration, builds the parts, starts them, stops them in order. It decides nothing. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startLocalAgent } from '@vong/collector/agent';
import { agentsApi, agentsModule, createGateway, gatewayApi } from '@vong/collector/gateway';
import { alertsApi, alertsModule, createAlerter } from '@vong/engine/alerter';
import { DETECTOR_GROUP, startDetector } from '@vong/engine/detector';
import { createIndexer } from '@vong/engine/indexer';
import { embeddedTopics, groupLag, Pipeline, pipelineApi, scheduleRetention, Shown } from '@vong/engine/pipeline';
import { explainer, readPipelines, Rulebook, rulebookModule, rulesApi, rulesOfDirectory, RuleViews } from '@vong/engine/rulebook';
import { systemClock as clock } from '@vong/platform/clock';
import { loadConfig, type Config } from '@vong/platform/config';
import { eventsApi, eventsModule, openEventStore } from '@vong/platform/events';
import { createHttpServer } from '@vong/platform/http';
import { createIdentity, identityApi, identityModule } from '@vong/platform/identity';
import { createJobs, jobsModule } from '@vong/platform/jobs';
import { createLive, liveModule } from '@vong/platform/live';
import { lockDataDirectory, openLog } from '@vong/platform/log';
import { createLogger } from '@vong/platform/logger';
import { registerProcessMetrics, Registry, StageLatencies } from '@vong/platform/metrics';
import { every, Lifecycle, runUntilSignal } from '@vong/platform/process';
import { openState } from '@vong/platform/state';
import { createReplays, replaysApi, replaysModule } from '@vong/range/replay';
import { enrolAs, localOperator, printWelcome } from './cli/operator.ts';

const root = fileURLToPath(new URL('.', import.meta.url));

/** Builds and starts everything in this process; resolves when it answers. */
export async function startVong(config: Config) {
  const life = new Lifecycle();
  const logger = createLogger('vong', config.logLevel);
  const lock = lockDataDirectory(config.data);
  life.onStop('lock', () => lock.release());

  const topics = embeddedTopics({ maxAgeMs: config.logRetentionMs, maxBytes: config.logRetentionBytes });
  const logPath = join(config.data, 'log.db');
  const metrics = new Registry();
  registerProcessMetrics(metrics);
  const stages = new StageLatencies(clock);
  const log = openLog({ path: logPath, topics, clock });
  life.onStop('log', () => log.close());
  const modules = [identityModule, jobsModule, liveModule, eventsModule, agentsModule, alertsModule, rulebookModule, replaysModule];
  const state = await openState({ path: join(config.data, 'state.db'), modules, clock });
  life.onStop('state', () => state.close());
  const memoryLimit = `${Math.floor(config.eventsMemoryBytes / 1e6)}MB`;
  const events = await openEventStore({ path: join(config.data, 'events'), memoryLimit, logger });
  life.onStop('event store', () => events.close());

  const identity = createIdentity({ state, clock, logger });
  const published = config.publicUrl === null ? {} : { publicUrl: config.publicUrl };
  const http = createHttpServer({
    ...{ identity, logger, clock, ...published, trustProxy: config.trustProxy },
    staticDirectory: join(root, 'console/web/dist'),
    verifyAgent: (token) => gateway.agents.verifyToken(token),
    metrics: () => metrics.metrics(),
  });
  const shown = new Shown({ state, clock, stages });
  const live = createLive({ state, http, identity, clock, logger, onShown: (ids, _at, scope) => void shown.record(ids, scope) });
  life.onStop('live push', () => live.close());

  const rulebook = new Rulebook({ state, clock });
  const views = new RuleViews({ state, clock });
  const pipelines = await readPipelines(join(root, 'rules/pipelines'));
  const alerter = createAlerter({ log, state, live, clock, logger, metrics: stages, windowMs: config.alertWindowMs });
  life.onStop('alerter', () => alerter.stop());
  const detector = startDetector({
    ...{ logPath, topics, threads: config.detectors, pipelines, logger },
    onStats: (stats) => pipeline.detected(stats),
    onFault: (rule, reason) => void rulebook.recordFault(rule, reason),
    onLoaded: (loaded) => pipeline.rulesLoaded(loaded),
  });
  life.onStop('detector', () => detector.stop());
  const indexer = createIndexer({ logPath, topics, events, registry: metrics, onStages: (delta) => stages.merge(delta) });
  life.onStop('indexer', () => indexer.stop());
  const detectorLag = () => groupLag(log, DETECTOR_GROUP, 'events');
  const gateway = createGateway({
    ...{ log, state, clock, logger, live, metrics, worker: { path: logPath, topics, minFreeBytes: config.minFreeBytes }, narrow: identity.narrow },
    lagRecords: async () => Math.max(await detectorLag(), await indexer.lag()),
  });
  life.onStop('gateway', () => gateway.close());
  const pipeline = new Pipeline({
    ...{ log, events, stages, metrics, rulebook },
    consumers: [
      { group: DETECTOR_GROUP, topic: 'events', lag: detectorLag },
      { group: 'indexer', topic: 'events', lag: () => indexer.lag() },
      { group: 'alerter', topic: 'signals', lag: () => alerter.lag() },
    ],
  });
  const operator = await localOperator({ identity, data: config.data });
  const enrolment = enrolAs(gateway.agents, operator.scope);
  const replays = createReplays({
    ...{ state, live, clock, logger, narrow: identity.narrow, enrol: enrolment.create, retire: enrolment.retire, server: () => url },
    recordingsDirectory: join(config.data, 'recordings'),
    libraryDirectories: config.recordings,
  });
  life.onStop('replays', () => replays.close());

  http.register(identityApi({ identity }));
  http.register(gatewayApi({ gateway }));
  http.register(agentsApi({ gateway, ...published }));
  http.register(eventsApi({ events, state }));
  http.register(alertsApi({ state, live, clock, events, explain: explainer({ views, pipelines }), ruleDetail: (id) => views.find(id) }));
  http.register(rulesApi({ rulebook, views }));
  http.register(replaysApi({ replays }));
  http.register(pipelineApi({ pipeline }));

  const useRules = async () => detector.use(await rulebook.enabled());
  rulebook.onChange(() => void useRules());
  for (const folder of [join(root, 'rules/sigma'), ...config.rules]) await rulebook.import(await rulesOfDirectory(folder));
  await useRules();
  alerter.start();
  await replays.start();
  await indexer.start();
  life.onStop(
    'timers',
    every(5000, () => pipeline.flush(), logger),
  );
  life.onStop(
    'timers',
    every(1000, () => pipeline.sample(), logger),
  );
  const { eventsRetentionMs: eventsMaxAgeMs, eventsRetentionBytes: eventsMaxBytes } = config;
  const jobs = createJobs({ state, clock, logger });
  await scheduleRetention({ jobs, log, events, clock, eventsMaxAgeMs, eventsMaxBytes });
  jobs.start();
  life.onStop('jobs', () => jobs.stop());

  const url: string = await http.listen({ host: config.listen.host, port: config.listen.port });
  life.onStop('HTTP', () => http.close());
  await operator.publish(url);
  if (config.agent) {
    const valid = async (token: string) => (await gateway.agents.verifyToken(token)) !== undefined;
    const agent = await startLocalAgent({ server: url, data: join(config.data, 'agent'), logger, valid, enrol: enrolment.local });
    life.onStop('own agent', async () => agent?.stop());
  }
  for (const name of config.unknown) logger.warn({ name }, 'this variable is no setting of ours; see docs/reference/configuration.md');
  await printWelcome({ identity, url: config.publicUrl ?? url });
  return { url, http, identity, gateway, stop: () => life.stop(logger) };
}

if (import.meta.main) await runUntilSignal(() => startVong(loadConfig(process.env)));
