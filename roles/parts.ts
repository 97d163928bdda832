/** Which implementation of each part a configuration asks for: embedded, or a server of the cluster. */
import { join } from 'node:path';
import { rejectedLetters } from '@vong/collector/gateway';
import { topicsOf } from '@vong/engine/pipeline';
import { systemClock as clock } from '@vong/platform/clock';
import type { Config } from '@vong/platform/config';
import { openElasticEventStore, openEventStore, type ConsumerHandle, type EventStore } from '@vong/platform/events';
import type { Log, LogSource } from '@vong/platform/log';
import type { Logger } from '@vong/platform/logger';
import { openState, type State, type StateModule } from '@vong/platform/state';

/** An event store that runs what feeds it (see platform/events/consumer.ts). */
export interface FedEventStore extends EventStore {
  startConsumer(module: URL, options: unknown): Promise<ConsumerHandle>;
}

/** Whether anything of this process lives in the data directory and nowhere else. */
export function usesDataDirectory(config: Config): boolean {
  return [config.kafka, config.elasticsearch, config.postgres].includes(undefined);
}

export function logSourceOf(config: Config): LogSource {
  const { kafka } = config;
  const limits = { maxAgeMs: config.logRetentionMs, maxBytes: config.logRetentionBytes };
  const topics = topicsOf(kafka === undefined ? limits : { ...limits, partitions: kafka.partitions, alerts: true });
  if (kafka !== undefined) {
    const { brokers, prefix, replicas, tls, sasl } = kafka;
    return {
      kind: 'kafka',
      brokers,
      prefix,
      replicas,
      topics,
      clientId: config.instance,
      // One replica may be away without stopping anything, and none may be the only one that has a record.
      minInSync: Math.max(1, replicas - 1),
      ...(tls === undefined ? {} : { tls: tls.ca === undefined ? {} : { ca: tls.ca } }),
      ...(sasl === undefined ? {} : { sasl: { mechanism: sasl.mechanism, username: sasl.user, password: sasl.password } }),
    };
  }
  return { kind: 'embedded', path: join(config.data, 'log.db'), topics };
}

export async function openStateOf(config: Config, modules: readonly StateModule[], logger: Logger): Promise<State> {
  const { postgres } = config;
  if (postgres !== undefined) return await openState({ postgres: { ...postgres, name: config.instance }, modules, clock, logger });
  return await openState({ path: join(config.data, 'state.db'), modules, clock });
}

/** `log`: takes events that the store refuses as dead letters. */
export async function openEventsOf(
  config: Config,
  { logger, log }: { readonly logger: Logger; readonly log?: Log },
): Promise<FedEventStore> {
  const { elasticsearch } = config;
  if (elasticsearch !== undefined) {
    const { urls, auth, tls, prefix, replicas, shards } = elasticsearch;
    return await openElasticEventStore({
      nodes: urls,
      prefix,
      replicas,
      shards,
      logger,
      onRejected: async (events) => {
        await log?.append({ batches: [{ topic: 'dead-letters', records: rejectedLetters(events, clock.now()) }] });
      },
      ...auth,
      ...(tls?.ca === undefined ? {} : { ca: tls.ca }),
    });
  }
  return await openEventStore({ path: join(config.data, 'events'), memoryBytes: config.eventsMemoryBytes, logger });
}
