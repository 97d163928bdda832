/** The composition root: reads the configuration, builds the parts, starts them, stops them in order. It decides nothing. */
import { join } from 'node:path';
import { startLocalAgent } from '@vong/collector/agent';
import { agentsApi, agentsModule, createGateway, gatewayApi } from '@vong/collector/gateway';
import { alertsApi, alertsModule, createAlerter } from '@vong/engine/alerter';
import { DETECTOR_GROUP, ProcessingFiles, startDetector } from '@vong/engine/detector';
import { createIndexer } from '@vong/engine/indexer';
import { embeddedTopics, groupLag, Pipeline, pipelineApi, scheduleRetention, Shown } from '@vong/engine/pipeline';
import { createRules, readPipelines, rulebookModule, rulesApi, rulesOfDirectory } from '@vong/engine/rulebook';
import { systemClock as clock } from '@vong/platform/clock';
import { loadConfig, type Config } from '@vong/platform/config';
import { eventsApi, eventsModule, openEventStore } from '@vong/platform/events';
import { createHttpServer } from '@vong/platform/http';
import { createIdentity, identityApi, identityModule, type Scope } from '@vong/platform/identity';
import { createJobs, jobsModule } from '@vong/platform/jobs';
import { createLive, liveModule } from '@vong/platform/live';
import { connectLog, lockDataDirectory, type LogSource } from '@vong/platform/log';
import { createLogger } from '@vong/platform/logger';
import { registerProcessMetrics, Registry, StageLatencies } from '@vong/platform/metrics';
import { Lifecycle, runUntilSignal } from '@vong/platform/process';
import { openState } from '@vong/platform/state';
import { createReplays, replaysApi, replaysModule } from '@vong/range/replay';
import { enrolAs, localOperator, printWelcome } from './cli/operator.ts';

const root = import.meta.dirname;

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
  const source: LogSource = { kind: 'embedded', path: logPath, topics };
  const log = await connectLog(source, { clock });
  life.onStop('log', () => log.close());
  const modules = [identityModule, jobsModule, liveModule, eventsModule, agentsModule, alertsModule, rulebookModule, replaysModule];
  const state = await openState({ path: join(config.data, 'state.db'), modules, clock });
  life.onStop('state', () => state.close());
  const events = await openEventStore({ path: join(config.data, 'events'), memoryBytes: config.eventsMemoryBytes, logger });
  life.onStop('event store', () => events.close());

  const base = { state, clock, logger };
  const identity = createIdentity(base);
  const narrow = async (scope: Scope, agency: string) => await identity.narrow(scope, agency);
  const published = config.publicUrl === null ? {} : { publicUrl: config.publicUrl };
  const http = createHttpServer({
    ...base,
    ...published,
    identity,
    trustProxy: config.trustProxy,
    staticDirectory: join(root, 'console/web/dist'),
    verifyAgent: (token) => gateway.agents.verifyToken(token),
    metrics: () => metrics.metrics(),
  });
  const shown = new Shown({ ...base, stages });
  const live = createLive({ ...base, http, identity, onShown: (ids, _at, scope) => void shown.record(ids, scope) });
  life.onStop('live push', () => live.close());

  const pipelines = await readPipelines(join(root, 'rules/pipelines'));
  const processing = await ProcessingFiles.open({ directories: config.pipelines, clock, logger });
  const rules = createRules({ ...base, live, pipelines, processing });
  const { rulebook } = rules;
  const correlated = { rulebook, processing, registry: metrics };
  const alerter = createAlerter({ ...base, ...correlated, log, live, metrics: stages, windowMs: config.alertWindowMs });
  life.onStop('alerter', () => alerter.stop());
  const detector = startDetector({
    log: source,
    pipelines,
    logger,
    threads: config.detectors,
    onStats: (stats) => pipeline.detected(stats),
    ...rules.feed.hooks((loaded) => pipeline.rulesLoaded(loaded)),
  });
  life.onStop('detector', () => detector.stop());
  const indexer = createIndexer({ log: source, events, registry: metrics, onStages: (delta) => stages.merge(delta) });
  life.onStop('indexer', () => indexer.stop());
  const detectorLag = () => groupLag(log, DETECTOR_GROUP, 'events');
  const parts = { ...base, log, live, events, metrics, stages, rulebook, narrow };
  const gateway = createGateway({
    ...parts,
    worker: { log: { ...source, minFreeBytes: config.minFreeBytes } },
    lagRecords: async () => Math.max(await detectorLag(), await indexer.lag()),
  });
  life.onStop('gateway', () => gateway.close());
  const pipeline = new Pipeline({
    ...parts,
    consumers: [
      { group: DETECTOR_GROUP, topic: 'events', lag: detectorLag },
      { group: 'indexer', topic: 'events', lag: () => indexer.lag() },
      { group: 'alerter', topic: 'signals', lag: () => alerter.lag() },
    ],
  });
  const operator = await localOperator({ identity, data: config.data });
  const enrolment = enrolAs(gateway.agents, operator.scope);
  const replays = createReplays({
    ...parts,
    ...enrolment,
    server: () => url,
    recordingsDirectory: join(config.data, 'recordings'),
    libraryDirectories: config.recordings,
  });
  life.onStop('replays', () => replays.close());
  const alertDeps = { ...base, live, events, explain: rules.explain, ruleDetail: rules.find };
  http.register(identityApi({ identity })).register(eventsApi({ events, state })).register(alertsApi(alertDeps));
  http
    .register(gatewayApi({ gateway }))
    .register(agentsApi({ gateway, ...published }))
    .register(rulesApi({ ...rules, correlations: () => alerter.correlations() }));
  http.register(replaysApi({ replays })).register(pipelineApi({ pipeline }));

  for (const folder of [join(root, 'rules/sigma'), join(root, 'rules/correlation'), ...config.rules])
    await rulebook.import(await rulesOfDirectory(folder));
  life.onStop('rules', await rules.feed.start(detector));
  alerter.start();
  await replays.start();
  await indexer.start();
  life.onStop('pipeline', pipeline.start(logger));
  const jobs = createJobs(base);
  await scheduleRetention({
    jobs,
    log,
    events,
    clock,
    eventsMaxAgeMs: config.eventsRetentionMs,
    eventsMaxBytes: config.eventsRetentionBytes,
  });
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
