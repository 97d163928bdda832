/**
 * Detectors of one process: worker threads, members of one group, that share the partitions of `events`. A thread that dies is started again from its
 * committed offsets; nothing is skipped or matched twice. A change of rules is a generation: every thread is sent what differs, and
 * **it is reported as in use once every thread uses it**.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '@vong/platform/logger';
import type { LogSource } from '@vong/platform/log';
import type { AgencyValues, DetectorStats, FromDetector, PipelineText, RulesLoaded, RuleText, ThreadLoaded } from './messages.ts';
import { DetectorThread, type Wanted } from './thread.ts';

export { DETECTOR_GROUP } from './loop.ts';
export { parsedOf } from './parsed.ts';
export { loadProcessing } from './processing.ts';
export { ProcessingFiles, type ProcessingProblem, type ProcessingView } from './processing-files.ts';
export { Tuning } from './tuning.ts';
export type { PipelineText, AgencyValues, DetectorStats, PlaceholderValues, RuleCosts, RulesLoaded, RuleText } from './messages.ts';

const NO_VALUES: AgencyValues = { sets: [{}], agencies: {} };

export interface DetectorOptions {
  readonly log: LogSource;
  /** Worker threads, at most one a partition. */
  readonly threads: number;
  readonly pipelines: readonly string[];
  readonly logger: Logger;
  /** The rules as they are now; one that is gone is left out. */
  readonly textsOf: (ids: readonly string[]) => Promise<readonly RuleText[]>;
  readonly onStats: (stats: DetectorStats) => void;
  readonly onFault: (rule: string, version: string, reason: string) => void;
  readonly onLoaded?: (loaded: RulesLoaded) => void;
}

export interface Detector {
  /** Gives every thread these rules, from its next batch on, as the values and the administrator's processing pipelines make them. */
  use(rules: readonly Pick<RuleText, 'id' | 'version'>[], values?: AgencyValues, processing?: readonly PipelineText[]): void;
  /** Resolves when the batches in hand are stored. */
  stop(): Promise<void>;
}

export function startDetector(options: DetectorOptions): Detector {
  return new DetectorPool(options);
}

class DetectorPool implements Detector {
  readonly #options: DetectorOptions;
  readonly #threads: readonly DetectorThread[];
  #generation = 0;
  /** What was wanted, from the generation in use on. */
  #wanted: readonly Wanted[] = [];

  constructor(options: DetectorOptions) {
    this.#options = options;
    const partitions = options.log.topics.find((topic) => topic.name === 'events')?.partitions ?? 1;
    const threads = Math.min(options.threads, partitions);
    const receive = (message: FromDetector): void => this.#receive(message);
    this.#threads = Array.from(
      { length: threads },
      (_, index) => new DetectorThread({ ...options, share: { index, of: threads }, receive }),
    );
  }

  use(rules: readonly Pick<RuleText, 'id' | 'version'>[], values: AgencyValues = NO_VALUES, given: readonly PipelineText[] = []): void {
    const versions = new Map(rules.map(({ id, version }) => [id, version]));
    const before = this.#wanted.at(-1);
    const processing = before !== undefined && isDeepStrictEqual(before.processing, given) ? before.processing : given;
    const same = before?.processing === processing && isDeepStrictEqual([before.rules, before.values], [versions, values]);
    if (same) return;
    const wanted = { generation: ++this.#generation, rules: versions, values, processing };
    this.#wanted = [...this.#wanted, wanted];
    for (const thread of this.#threads) thread.use(wanted);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.stop()));
  }

  #receive(message: FromDetector): void {
    const { logger, onStats, onFault } = this.#options;
    if (message.kind === 'stats') onStats(message.stats);
    else if (message.kind === 'fault') onFault(message.rule, message.version, message.reason);
    else if (message.kind === 'failed') logger.error({ reason: message.reason }, 'the rules could not be compiled; the previous ones stay');
    else if (message.kind === 'loaded') this.#loaded(message);
  }

  /** Threads reach a generation one after the other, and may pass over one. */
  #loaded(thread: ThreadLoaded): void {
    const { logger, onLoaded } = this.#options;
    logger.info({ generation: thread.generation, rules: thread.rules, failed: thread.failed.length, ms: thread.ms }, 'rules loaded');
    const reached = Math.min(...this.#threads.map(({ generation }) => generation));
    const wanted = this.#wanted.find(({ generation }) => generation === reached);
    if (wanted === undefined || thread.generation !== reached) return;
    this.#wanted = this.#wanted.filter(({ generation }) => generation >= reached);
    const at = Math.max(...this.#threads.filter(({ generation }) => generation === reached).map((each) => each.usedAt));
    onLoaded?.({ ...thread, at, versions: wanted.rules, processing: wanted.processing });
  }
}
