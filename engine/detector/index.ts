/**
 * Detectors of one process: worker threads that share the partitions of `events`. A thread that dies is started again from its
 * committed offsets; nothing is skipped or matched twice.
 */
import { Worker } from 'node:worker_threads';
import type { Logger } from '@vong/platform/logger';
import type { TopicConfig } from '@vong/platform/log';
import type { DetectorSettings, DetectorStats, FromDetector, RulesLoaded, RuleText, ToDetector } from './messages.ts';

export { DETECTOR_GROUP } from './loop.ts';
export type { DetectorStats, RulesLoaded, RuleText } from './messages.ts';

const RESTART_MS = 1000;
/** Events live for one batch: a larger nursery lets them die there instead of being copied. */
const YOUNG_GENERATION = { maxYoungGenerationSizeMb: 32 };

export interface DetectorOptions {
  readonly logPath: string;
  readonly topics: readonly TopicConfig[];
  /** Worker threads, at most one a partition. */
  readonly threads: number;
  readonly pipelines: readonly string[];
  readonly logger: Logger;
  readonly onStats: (stats: DetectorStats) => void;
  readonly onFault: (rule: string, reason: string) => void;
  readonly onLoaded?: (loaded: RulesLoaded) => void;
}

export interface Detector {
  /** Gives every thread these rules, from its next batch on. */
  use(rules: readonly RuleText[]): void;
  /** Resolves when the batches in hand are stored. */
  stop(): Promise<void>;
}

export function startDetector(options: DetectorOptions): Detector {
  const partitions = options.topics.find((topic) => topic.name === 'events')?.partitions ?? 1;
  const threads = Math.min(options.threads, partitions);
  const pool = Array.from({ length: threads }, (_, thread) => {
    const share = Array.from({ length: partitions }, (_unused, p) => p).filter((p) => p % threads === thread);
    return new DetectorThread(options, share);
  });
  return {
    use: (rules) => pool.forEach((thread) => thread.use(rules)),
    stop: async () => void (await Promise.all(pool.map((thread) => thread.stop()))),
  };
}

class DetectorThread {
  readonly #options: DetectorOptions;
  readonly #partitions: readonly number[];
  #worker: Worker;
  /** Resolves when the present worker has ended. */
  #ended: Promise<void> = Promise.resolve();
  #restart: NodeJS.Timeout | undefined;
  #rules: ToDetector | undefined;
  #generation = 0;
  #stopping = false;

  constructor(options: DetectorOptions, partitions: readonly number[]) {
    this.#options = options;
    this.#partitions = partitions;
    this.#worker = this.#start();
  }

  use(rules: readonly RuleText[]): void {
    this.#rules = { kind: 'rules', generation: ++this.#generation, rules };
    this.#worker.postMessage(this.#rules);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    // One that died a moment ago has ended already and hears nothing.
    this.#worker.postMessage({ kind: 'stop' } satisfies ToDetector);
    await this.#ended;
  }

  #start(): Worker {
    const { logPath, topics, pipelines } = this.#options;
    const workerData: DetectorSettings = { logPath, topics, pipelines, partitions: this.#partitions };
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData, name: 'detector', resourceLimits: YOUNG_GENERATION });
    worker.on('message', (message: FromDetector) => this.#receive(message));
    worker.on('error', (error) => this.#options.logger.error({ err: error }, 'a detector thread failed'));
    this.#ended = new Promise((resolve) => {
      worker.once('exit', () => {
        resolve();
        this.#startAgain();
      });
    });
    return worker;
  }

  #startAgain(): void {
    if (this.#stopping) return;
    this.#options.logger.warn({ partitions: this.#partitions }, 'a detector thread ended; starting it again');
    this.#restart = setTimeout(() => {
      this.#worker = this.#start();
      if (this.#rules !== undefined) this.#worker.postMessage(this.#rules);
    }, RESTART_MS);
  }

  #receive(message: FromDetector): void {
    const { logger, onStats, onFault, onLoaded } = this.#options;
    if (message.kind === 'stats') onStats(message.stats);
    else if (message.kind === 'fault') onFault(message.rule, message.reason);
    else if (message.kind === 'failed') logger.error({ reason: message.reason }, 'the rules could not be compiled; the previous ones stay');
    else if (message.kind === 'loaded') {
      logger.info({ rules: message.rules, failed: message.failed.length, ms: message.ms }, 'rules loaded');
      onLoaded?.(message);
    }
  }
}
