/** The composition root: opens what every process has, starts the roles asked for, stops all in order. It decides nothing. */
import { join } from 'node:path';
import { startLocalAgent } from '@vong/collector/agent';
import { DETECTOR_GROUP } from '@vong/engine/detector';
import { ALERTER_GROUP } from '@vong/engine/alerter';
import { INDEXER_GROUP } from '@vong/engine/indexer';
import { groupLag, Pipeline } from '@vong/engine/pipeline';
import { loadConfig, type Config } from '@vong/platform/config';
import { runUntilSignal } from '@vong/platform/process';
import { printWelcome } from './cli/operator.ts';
import { alerterRole } from './roles/alerter.ts';
import { consoleRole } from './roles/console.ts';
import { detectorRole } from './roles/detector.ts';
import { gatewayRole, openGateway } from './roles/gateway.ts';
import { indexerRole } from './roles/indexer.ts';
import { jobsRole } from './roles/jobs.ts';
import { openNode } from './roles/node.ts';
import { openEventsOf } from './roles/parts.ts';
import { openRules } from './roles/rules.ts';

/** Builds and starts the roles of this process; resolves when it answers. */
export async function startVong(config: Config) {
  const has = (...roles: Parameters<typeof config.roles.has>[0][]): boolean => roles.some((role) => config.roles.has(role));
  const node = await openNode(config);
  const { life, logger, http, log, metrics, stages, identity, health } = node;
  const events = has('console', 'indexer', 'jobs') ? await openEventsOf(config, { logger, log }) : undefined;
  if (events !== undefined) life.onStop('event store', () => events.close());
  const rules = has('console', 'detector', 'alerter') ? await openRules(node) : undefined;

  const alerter = has('alerter') && rules !== undefined ? alerterRole(node, rules) : undefined;
  const indexer = has('indexer') && events !== undefined ? indexerRole(node, events) : undefined;
  const lagOf = {
    detector: async () => await groupLag(log, DETECTOR_GROUP, 'events'),
    // The log hears of the store only what a crash cannot take away; who feeds it knows better.
    indexer: async () => (await indexer?.lag()) ?? (await groupLag(log, INDEXER_GROUP, 'events')),
    alerter: async () => (await alerter?.lag()) ?? (await groupLag(log, ALERTER_GROUP, 'signals')),
  };
  const consumers = [
    { group: DETECTOR_GROUP, topic: 'events', lag: lagOf.detector },
    { group: INDEXER_GROUP, topic: 'events', lag: lagOf.indexer },
    { group: ALERTER_GROUP, topic: 'signals', lag: lagOf.alerter },
  ] as const;
  const pipeline = rules && new Pipeline({ log, events, stages, consumers, metrics, rulebook: rules.rulebook });
  const detector = has('detector') && rules && pipeline ? detectorRole(node, { rules, pipeline }) : undefined;
  const gateway = has('gateway', 'console')
    ? openGateway(node, async () => Math.max(await lagOf.detector(), await lagOf.indexer()))
    : undefined;
  if (has('gateway') && gateway) gatewayRole(node, gateway);
  const people =
    has('console') && rules && events && pipeline && gateway
      ? await consoleRole(node, {
          rules,
          events,
          pipeline,
          gateway,
          correlations: () => alerter?.correlations() ?? [],
          // A front door elsewhere is reached as agents reach it.
          server: () => (has('gateway') ? url : (config.publicUrl ?? url)),
        })
      : undefined;
  const jobs = has('jobs') && events ? jobsRole(node, events) : undefined;

  await people?.start();
  await detector?.start();
  alerter?.start();
  await indexer?.start();
  if (pipeline) life.onStop('pipeline', pipeline.start(logger));
  await jobs?.start();

  const url: string = await http.listen({ host: config.listen.host, port: config.listen.port });
  life.onStop('HTTP', () => http.close());
  await people?.operator.publish(url);
  if (config.agent && has('gateway') && people && gateway) {
    const valid = async (token: string) => (await gateway.agents.verifyToken(token)) !== undefined;
    const agent = await startLocalAgent({
      server: url,
      data: join(config.data, 'agent'),
      logger,
      valid,
      enrol: people.enrolment.local,
    });
    life.onStop('own agent', async () => agent?.stop());
  }
  health.serving();
  life.onStop('readiness', () => health.draining());
  for (const name of config.unknown) logger.warn({ name }, 'this variable is no setting of ours; see docs/reference/configuration.md');
  if (people) await printWelcome({ identity, url: config.publicUrl ?? url });
  return { url, http, identity, gateway, stop: () => life.stop(logger) };
}

if (import.meta.main) await runUntilSignal(() => startVong(loadConfig(process.env)));
