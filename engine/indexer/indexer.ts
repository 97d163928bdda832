import type { EmbeddedEventStore } from '@vong/platform/events';
import type { LogSource } from '@vong/platform/log';
import { Counter, Gauge, type Registry, type StageDelta } from '@vong/platform/metrics';
import type { ConsumerOptions, Counters } from './consumer.ts';

export interface IndexerOptions {
  readonly events: Pick<EmbeddedEventStore, 'startConsumer'>;
  /** The store's thread opens it for itself. */
  readonly log: LogSource;
  readonly registry?: Registry;
  /** Each second: how long events took from `event.ingested` to searchable (stage `index`), for `StageLatencies.merge`. */
  readonly onStages?: (delta: StageDelta) => void;
  /** Default 5,000 events. */
  readonly batchEvents?: number;
  /** Default 200 ms. */
  readonly batchMs?: number;
}

export interface Indexer {
  start(): Promise<void>;
  /** Finishes the batch under way. */
  stop(): Promise<void>;
  /** Records of the topic `events` not yet searchable. */
  lag(): Promise<number>;
  counters(): Promise<Counters>;
}

const STAGES_MS = 1000;
const NONE: Counters = { events: 0, duplicates: 0, rejected: 0, failures: 0, batches: 0, batchSeconds: 0, lag: 0 };

/** Makes what the log holds searchable, from inside the event store's thread. */
export function createIndexer(options: IndexerOptions): Indexer {
  const { events, log, registry, onStages, batchEvents = 5000, batchMs = 200 } = options;
  let consumer: Awaited<ReturnType<typeof events.startConsumer>> | undefined;
  let last: Counters = NONE;
  const counters = async (): Promise<Counters> => {
    // oxlint-disable-next-line no-unsafe-type-assertion -- checked by what produced it
    if (consumer !== undefined) last = (await consumer.ask('counters')) as Counters;
    return last;
  };
  const stages = async (): Promise<void> => {
    // oxlint-disable-next-line no-unsafe-type-assertion -- checked by what produced it
    const delta = (await consumer?.ask('stages')) as StageDelta | undefined;
    if (delta !== undefined && delta.length > 0) onStages?.(delta);
  };
  let timer: NodeJS.Timeout | undefined;
  if (registry !== undefined) register(registry, counters);
  return {
    start: async () => {
      const given: ConsumerOptions = { log, batchEvents, batchMs };
      consumer ??= await events.startConsumer(new URL('consumer.ts', import.meta.url), given);
      // A store that was closed meanwhile has nothing more to tell.
      if (onStages !== undefined) timer ??= setInterval(() => void stages().catch(() => undefined), STAGES_MS).unref();
    },
    stop: async () => {
      if (consumer === undefined) return;
      clearInterval(timer);
      timer = undefined;
      await stages();
      await counters();
      await consumer.stop();
      consumer = undefined;
    },
    lag: async () => (await counters()).lag,
    counters,
  };
}

function register(registry: Registry, counters: () => Promise<Counters>): void {
  const counter = (name: string, help: string, key: keyof Counters): void => {
    let seen = 0;
    const made = new Counter({
      name,
      help,
      registers: [registry],
      async collect() {
        const now = (await counters())[key];
        // After a restart of the consumer its counts begin again.
        made.inc(now >= seen ? now - seen : now);
        seen = now;
      },
    });
  };
  counter('vong_indexer_events_total', 'Events made searchable', 'events');
  counter('vong_indexer_duplicates_total', 'Events that were stored already', 'duplicates');
  counter('vong_indexer_rejected_total', 'Records of the topic that are no events', 'rejected');
  counter('vong_indexer_failures_total', 'Batches that had to be tried again', 'failures');
  counter('vong_indexer_batches_total', 'Batches stored', 'batches');
  counter('vong_indexer_batch_seconds_total', 'Time spent storing batches, seconds', 'batchSeconds');
  const gauge = new Gauge({
    name: 'vong_indexer_lag_records',
    help: 'Records of the topic events not yet searchable',
    registers: [registry],
    async collect() {
      gauge.set((await counters()).lag);
    },
  });
}
