/**
 * Keeps the detectors at what the rulebook, the values and the processing pipelines say, and the rulebook at what the detectors answer. What cannot be stored
 * for a while (a full disk) is tried again; detection goes on meanwhile.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '@vong/platform/logger';
import { every } from '@vong/platform/process';
import type { Detector, DetectorOptions, ProcessingFiles, RulesLoaded } from '../detector/index.ts';
import type { Rulebook } from './rulebook.ts';
import type { Values } from './values.ts';

const AGAIN_MS = 1000;

/** Well below the time after which a process is taken for dead. */
const BEAT_MS = 8000;

export interface FeedOptions {
  readonly rulebook: Rulebook;
  readonly values: Values;
  readonly processing: ProcessingFiles;
  readonly logger: Pick<Logger, 'error'>;
  /** Name of this process, where others detect with the same rulebook. */
  readonly instance?: string;
}

export class RuleFeed {
  readonly #rulebook: Rulebook;
  readonly #values: Values;
  readonly #processing: ProcessingFiles;
  readonly #logger: Pick<Logger, 'error'>;
  readonly #instance: string | undefined;
  #latest: RulesLoaded | undefined;
  #agreed = false;
  #stopped = false;

  constructor(options: FeedOptions) {
    this.#rulebook = options.rulebook;
    this.#values = options.values;
    this.#processing = options.processing;
    this.#logger = options.logger;
    this.#instance = options.instance;
  }

  /** What a detector needs of the rulebook. */
  hooks(): Required<Pick<DetectorOptions, 'textsOf' | 'onFault' | 'onLoaded'>> {
    return {
      textsOf: async (ids) => await this.#rulebook.texts(ids),
      onFault: (rule, version, reason) => void this.#keep(async () => await this.#rulebook.recordFault(rule, version, reason)),
      onLoaded: (loaded) => {
        this.#processing.used(loaded);
        this.#latest = loaded;
        // An answer that a newer one has overtaken is not worth keeping.
        void this.#keep(async () => (this.#latest === loaded ? await this.#record(loaded) : undefined));
      },
    };
  }

  /** Gives the detector the rules as they are, and again after every change. Returns how to stop. */
  async start(detector: Pick<Detector, 'use'>): Promise<() => Promise<void>> {
    const use = async (): Promise<void> =>
      detector.use(await this.#rulebook.enabled(), await this.#values.current(), this.#processing.texts);
    const stops = [this.#rulebook, this.#values, this.#processing].map((source) => source.onChange(() => void this.#keep(use)));
    await use();
    const stopWatching = [this.#values.start(this.#logger), this.#processing.start(), this.#beat()];
    return async () => {
      this.#stopped = true;
      for (const stop of stops) stop();
      for (const stop of stopWatching) await stop();
      if (this.#instance !== undefined) await this.#rulebook.forgetNode(this.#instance);
    };
  }

  async #record(loaded: RulesLoaded): Promise<void> {
    this.#agreed = false;
    this.#agreed = await this.#rulebook.recordLoaded(loaded, this.#instance);
  }

  /** Where there are other processes: says that this one is alive, and looks whether they agree by now. */
  #beat(): () => void | Promise<void> {
    const instance = this.#instance;
    if (instance === undefined) return () => undefined;
    const beat = async (): Promise<void> => {
      if (this.#latest === undefined) return;
      if (!this.#agreed || !(await this.#rulebook.touchNode(instance))) await this.#record(this.#latest);
    };
    return every(BEAT_MS, beat, this.#logger);
  }

  async #keep(work: () => Promise<void>): Promise<void> {
    while (!this.#stopped) {
      try {
        return await work();
      } catch (err) {
        this.#logger.error({ err }, 'rules and detectors could not be brought together; trying again');
        await pause(AGAIN_MS, undefined, { ref: false });
      }
    }
    return undefined;
  }
}
