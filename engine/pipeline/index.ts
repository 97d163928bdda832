/**
 * The way of an event, seen from outside: how far each consumer is behind, how long each stage takes. What an administrator looks
 * at first when "it is slow". `GET /api/pipeline`.
 */
import type { FastifyInstance } from 'fastify';
import type { EventStore } from '@vong/platform/events';
import { READERS } from '@vong/platform/http';
import { reaches, type Scope } from '@vong/platform/identity';
import type { Logger } from '@vong/platform/logger';
import { every } from '@vong/platform/process';
import type { Log, TopicName } from '@vong/platform/log';
import { Counter, Gauge, type Registry, type StageLatencies, type StageSummary } from '@vong/platform/metrics';
import type { DetectorStats } from '../detector/index.ts';
import { RuleFigures, type RuleCost } from './rule-figures.ts';

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
  /** Undefined where none is looked into. */
  readonly events: Pick<EventStore, 'stats'> | undefined;
  readonly stages: StageLatencies;
  readonly consumers: readonly Consumer[];
  readonly metrics: Registry;
  /** Where matches and costs of rules are kept. */
  readonly rulebook: {
    recordMatches(matches: DetectorStats['matches']): Promise<void>;
    recordCosts(costs: readonly RuleCost[]): Promise<void>;
    running(): Promise<number>;
  };
}

const WINDOW_MS = 10_000;
/** Between two times costs are handed to the rulebook. */
const COSTS_MS = 10_000;

export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #counters: ReturnType<typeof createCounters>;
  #samples: { at: number; end: number }[] = [];
  /** By rule and agency. */
  #matches = new Map<string, DetectorStats['matches'][number]>();
  readonly #figures: RuleFigures;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#figures = new RuleFigures(options.metrics);
    this.#counters = createCounters(options);
  }

  /** What a detector did since its last report. */
  detected(stats: DetectorStats): void {
    this.#options.stages.merge(stats.stages, { pass: true });
    this.#counters.events.inc(stats.events);
    this.#counters.signals.inc(stats.signals);
    this.#counters.unreadable.inc(stats.unreadable);
    this.#counters.busy.inc(stats.busyMs / 1000);
    this.#keep(stats.matches);
    this.#figures.add(stats);
  }

  /** Hands the matches counted so far to the rulebook. Called every few seconds and before the state closes. */
  async flush(): Promise<void> {
    const matches = this.#matches;
    this.#matches = new Map();
    try {
      await this.#options.rulebook.recordMatches([...matches.values()]);
    } catch (error) {
      // Kept for the next turn: the state may be full for a while.
      this.#keep([...matches.values()]);
      throw error;
    }
  }

  #keep(matches: DetectorStats['matches']): void {
    for (const [rule, agency, count] of matches) {
      const key = `${rule}\0${agency}`;
      this.#matches.set(key, [rule, agency, (this.#matches.get(key)?.[2] ?? 0) + count]);
    }
  }

  async status(scope: Scope): Promise<PipelineStatus> {
    const { log, events, stages, consumers } = this.#options;
    const lag = await Promise.all(consumers.map(async ({ group, topic, lag: left }) => ({ group, topic, records: await left() })));
    const partitions = await log.partitions('events');
    const { events: stored, bytes } = (await events?.stats()) ?? { events: 0, bytes: 0 };
    // What the whole node holds is for those who run it: a unit must not read a neighbour's volume out of it.
    const whole = scope.agencies === 'all';
    const rate = this.#rate(partitions.reduce((sum, each) => sum + each.endOffset, 0));
    return {
      stages: stages.summary((agency) => reaches(scope, agency)),
      eventsPerSecond: whole ? rate : 0,
      lag,
      rules: await this.#options.rulebook.running(),
      store: whole ? { events: stored, bytes } : { events: 0, bytes: 0 },
      log: { bytes: whole ? partitions.reduce((sum, each) => sum + each.bytes, 0) : 0 },
    };
  }

  /** Counts the rate every second, so that it needs no reader, and hands over matches every five. Returns how to stop both. */
  start(logger: Pick<Logger, 'error'>): () => Promise<void> {
    const sampling = every(1000, async () => await this.sample(), logger);
    const flushing = every(5000, async () => await this.flush(), logger);
    const pricing = every(COSTS_MS, async () => await this.#options.rulebook.recordCosts(this.#figures.costs()), logger);
    return async () => {
      await sampling();
      await flushing();
      await pricing();
      await this.flush();
    };
  }

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

function createCounters(options: PipelineOptions) {
  const registers = [options.metrics];
  options.metrics.registerMetric(lagGauge(options));
  options.metrics.registerMetric(stageGauge(options));
  return {
    events: new Counter({ registers, name: 'vong_detector_events_total', help: 'Events matched against the rules' }),
    signals: new Counter({ registers, name: 'vong_detector_signals_total', help: 'Matches of a rule on an event' }),
    unreadable: new Counter({
      registers,
      name: 'vong_detector_unreadable_total',
      help: 'Records of the topic events that were not events',
    }),
    busy: new Counter({ registers, name: 'vong_detector_busy_seconds_total', help: 'Time detector threads spent matching' }),
  };
}

function lagGauge(options: PipelineOptions): Gauge {
  // Asked only when somebody scrapes.
  return new Gauge({
    registers: [],
    name: 'vong_consumer_lag_records',
    help: 'Records a consumer has not read yet',
    labelNames: ['group', 'topic'],
    async collect() {
      for (const { group, topic, lag } of options.consumers) this.set({ group, topic }, await lag());
    },
  });
}

function stageGauge(options: PipelineOptions): Gauge {
  // Asked only when somebody scrapes.
  return new Gauge({
    registers: [],
    name: 'vong_stage_seconds',
    help: 'Delay of a stage of the way of an event over the last five minutes, all agencies',
    labelNames: ['stage', 'quantile'],
    collect() {
      for (const row of options.stages.summary(() => true)) {
        if (row.agency !== '*') continue;
        this.set({ stage: row.stage, quantile: '0.5' }, row.p50 / 1000);
        this.set({ stage: row.stage, quantile: '0.95' }, row.p95 / 1000);
        this.set({ stage: row.stage, quantile: '0.99' }, row.p99 / 1000);
      }
    },
  });
}

export function pipelineApi(deps: { pipeline: Pipeline }) {
  return (app: FastifyInstance): void => {
    app.get('/api/pipeline', { config: { access: READERS } }, async (request) => await deps.pipeline.status(request.scope));
  };
}

export type { RuleCost } from './rule-figures.ts';
export { Shown } from './shown.ts';
export { topicsOf } from './topics.ts';
export { scheduleRetention } from './retention.ts';
export { alertTopicModule, followAlerts } from './alert-topic.ts';
export { CorrelationReporter, correlationReportsModule, reportedCorrelations } from './shared-correlations.ts';
export { SharedStages, stagesModule } from './shared-stages.ts';
