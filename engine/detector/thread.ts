/**
 * One detector thread seen from the main thread. It is sent what differs from what it has; one that died is started again, begins
 * with nothing and is sent everything. Texts are read when they are needed, so that the main thread keeps none.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Logger } from '@vong/platform/logger';
import type { LogSource } from '@vong/platform/log';
import type { AgencyValues, DetectorSettings, FromDetector, PipelineText, RuleText, ToDetector } from './messages.ts';

const RESTART_MS = 1000;
/** Rules sent in one message: their texts and parsed forms are copied, and not all at once. */
const PART = 500;
/** Events live for one batch: a larger nursery lets them die there instead of being copied. */
const YOUNG_GENERATION = { maxYoungGenerationSizeMb: 32 };

/** What all threads shall run. */
export interface Wanted {
  readonly generation: number;
  /** Rule id to version. */
  readonly rules: ReadonlyMap<string, string>;
  readonly values: AgencyValues;
  /** Processing pipelines; the same list as long as they are the same. */
  readonly processing: readonly PipelineText[];
}

export interface ThreadOptions {
  readonly log: LogSource;
  readonly pipelines: readonly string[];
  readonly logger: Logger;
  readonly share: DetectorSettings['share'];
  readonly textsOf: (ids: readonly string[]) => Promise<readonly RuleText[]>;
  readonly receive: (message: FromDetector) => void;
}

export class DetectorThread {
  readonly #options: ThreadOptions;
  #worker: Worker;
  /** Resolves when the present worker has ended. */
  #ended: Promise<void> = Promise.resolve();
  #restart: NodeJS.Timeout | undefined;
  #wanted: Wanted | undefined;
  /** What the present worker was sent: rule id to version, and the generation it is part of. */
  #sent = new Map<string, string>();
  #sentGeneration = 0;
  #sentProcessing: readonly PipelineText[] | undefined;
  #sending = false;
  #stopping = false;
  /** The generation the worker uses; 0 before its first. */
  generation = 0;
  /** Since when: milliseconds since the epoch. */
  usedAt = 0;

  constructor(options: ThreadOptions) {
    this.#options = options;
    this.#worker = this.#start();
  }

  use(wanted: Wanted): void {
    this.#wanted = wanted;
    void this.#sendAll();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    // One that died a moment ago has ended already and hears nothing.
    this.#worker.postMessage({ kind: 'stop' } satisfies ToDetector);
    await this.#ended;
  }

  #start(): Worker {
    const { log, pipelines, share, logger } = this.#options;
    const workerData: DetectorSettings = { log, pipelines, share };
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData, name: 'detector', resourceLimits: YOUNG_GENERATION });
    worker.on('message', (message: FromDetector) => this.#receive(message));
    worker.on('error', (error) => logger.error({ err: error }, 'a detector thread failed'));
    this.#ended = new Promise((resolve) => {
      worker.once('exit', () => {
        resolve();
        this.#startAgain();
      });
    });
    return worker;
  }

  #startAgain(): void {
    this.generation = 0;
    if (this.#stopping) return;
    this.#options.logger.warn({ thread: this.#options.share.index }, 'a detector thread ended; starting it again');
    this.#restart = setTimeout(() => {
      this.#sent = new Map();
      this.#sentGeneration = 0;
      this.#sentProcessing = undefined;
      this.#worker = this.#start();
      void this.#sendAll();
    }, RESTART_MS);
  }

  #receive(message: FromDetector): void {
    if (message.kind === 'loaded') {
      this.generation = message.generation;
      this.usedAt = message.at;
    }
    this.#options.receive(message);
  }

  /** Sends until the worker has what is wanted now; several wishes that come meanwhile are one. */
  async #sendAll(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    while (!this.#stopping && this.#wanted !== undefined && this.#sentGeneration !== this.#wanted.generation) {
      try {
        await this.#send(this.#wanted);
      } catch (error) {
        this.#options.logger.error({ err: error }, 'the rules could not be read; trying again');
        await pause(RESTART_MS);
      }
    }
    this.#sending = false;
  }

  async #send({ generation, rules, values, processing }: Wanted): Promise<void> {
    const [worker, sent] = [this.#worker, this.#sent];
    const removed = [...sent.keys()].filter((id) => !rules.has(id));
    const ids = [...rules].filter(([id, version]) => sent.get(id) !== version).map(([id]) => id);
    for (const id of removed) sent.delete(id);
    for (let from = 0; ; from += PART) {
      const last = from + PART >= ids.length;
      const changed = ids.length === 0 ? [] : await this.#options.textsOf(ids.slice(from, from + PART));
      // Another worker stands in its place: it is told everything.
      if (this.#sent !== sent) return;
      // The version wanted, not that of the text: where a newer one was stored meanwhile, the next wish brings it once more.
      for (const { id } of changed) sent.set(id, rules.get(id) ?? '');
      const other = this.#sentProcessing === processing ? {} : { processing };
      this.#sentProcessing = processing;
      const message: ToDetector = { kind: 'rules', generation, changed, removed: from === 0 ? removed : [], values, ...other, last };
      worker.postMessage(message);
      if (last) break;
    }
    this.#sentGeneration = generation;
  }
}
