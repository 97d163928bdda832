/**
 * The way of an event, seen from outside: how far each consumer is behind, how long each stage takes. What an administrator looks
 * at first when "it is slow". `GET /api/pipeline`.
 */
import type { FastifyInstance } from 'fastify';
import type { EventStore } from '@vong/platform/events';
import { READERS } from '@vong/platform/http';
import { reaches, type Scope } from '@vong/platform/identity';
import type { Log, TopicName } from '@vong/platform/log';
import type { StageLatencies, StageSummary } from '@vong/platform/metrics';

export interface PipelineStatus {
  readonly stages: readonly StageSummary[];
  /** Received by the gateway, mean of the last ten seconds. */
  readonly eventsPerSecond: number;
  readonly lag: readonly { readonly group: string; readonly topic: TopicName; readonly records: number }[];
  /** Rules the detectors run. */
  readonly rules: number;
  readonly store: { readonly events: number; readonly bytes: number };
  readonly log: { readonly bytes: number };
}

/** A consumer of a topic and how many records it has not read yet. */
export interface Consumer {
  readonly group: string;
  readonly topic: TopicName;
  readonly lag: () => Promise<number>;
}

/** Records of the topic that the group has not committed. */
export async function groupLag(log: Log, group: string, topic: TopicName): Promise<number> {
  const [position, partitions] = await Promise.all([log.committed(group, topic), log.partitions(topic)]);
  return partitions.reduce((sum, each) => sum + Math.max(0, each.endOffset - (position.get(each.partition) ?? each.startOffset)), 0);
}

export interface PipelineOptions {
  readonly log: Log;
  readonly events: Pick<EventStore, 'stats'>;
  readonly stages: StageLatencies;
  readonly consumers: readonly Consumer[];
  readonly rules: () => number;
}

const WINDOW_MS = 10_000;

export class Pipeline {
  readonly #options: PipelineOptions;
  #samples: { at: number; end: number }[] = [];

  constructor(options: PipelineOptions) {
    this.#options = options;
  }

  async status(scope: Scope): Promise<PipelineStatus> {
    const { log, events, stages, consumers, rules } = this.#options;
    const lag = await Promise.all(consumers.map(async ({ group, topic, lag: left }) => ({ group, topic, records: await left() })));
    const partitions = await log.partitions('events');
    const { events: stored, bytes } = await events.stats();
    return {
      stages: stages.summary((agency) => reaches(scope, agency)),
      eventsPerSecond: this.#rate(partitions.reduce((sum, each) => sum + each.endOffset, 0)),
      lag,
      rules: rules(),
      store: { events: stored, bytes },
      log: { bytes: partitions.reduce((sum, each) => sum + each.bytes, 0) },
    };
  }

  /** Called every second, so that the rate needs no reader. */
  async sample(): Promise<void> {
    const partitions = await this.#options.log.partitions('events');
    this.#rate(partitions.reduce((sum, each) => sum + each.endOffset, 0));
  }

  #rate(end: number): number {
    const at = performance.now();
    this.#samples.push({ at, end });
    this.#samples = this.#samples.filter((sample) => at - sample.at <= WINDOW_MS);
    const first = this.#samples[0];
    if (first === undefined || at - first.at < 500) return 0;
    return Math.round(((end - first.end) / (at - first.at)) * 1000);
  }
}

export function pipelineApi(deps: { pipeline: Pipeline }) {
  return (app: FastifyInstance): void => {
    app.get('/api/pipeline', { config: { access: READERS } }, async (request) => await deps.pipeline.status(request.scope));
  };
}

export { Shown } from './shown.ts';
