/**
 * Keeps the detectors at what the rulebook, the values and the processing pipelines say, and the rulebook at what the detectors answer. What cannot be stored
 * for a while (a full disk) is tried again; detection goes on meanwhile.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '@vong/platform/logger';
import type { Detector, DetectorOptions, ProcessingFiles, RulesLoaded } from '../detector/index.ts';
import type { Rulebook } from './rulebook.ts';
import type { Values } from './values.ts';

const AGAIN_MS = 1000;

export class RuleFeed {
  readonly #rulebook: Rulebook;
  readonly #values: Values;
  readonly #processing: ProcessingFiles;
  readonly #logger: Pick<Logger, 'error'>;
  #latest: RulesLoaded | undefined;
  #stopped = false;

  constructor(options: { rulebook: Rulebook; values: Values; processing: ProcessingFiles; logger: Pick<Logger, 'error'> }) {
    this.#rulebook = options.rulebook;
    this.#values = options.values;
    this.#processing = options.processing;
    this.#logger = options.logger;
  }

  /** What a detector needs of the rulebook. `onLoaded` is called besides. */
  hooks(onLoaded: (loaded: RulesLoaded) => void): Required<Pick<DetectorOptions, 'textsOf' | 'onFault' | 'onLoaded'>> {
    return {
      textsOf: async (ids) => await this.#rulebook.texts(ids),
      onFault: (rule, version, reason) => void this.#keep(async () => await this.#rulebook.recordFault(rule, version, reason)),
      onLoaded: (loaded) => {
        onLoaded(loaded);
        this.#processing.used(loaded);
        this.#latest = loaded;
        // An answer that a newer one has overtaken is not worth keeping.
        void this.#keep(async () => (this.#latest === loaded ? await this.#rulebook.recordLoaded(loaded) : undefined));
      },
    };
  }

  /** Gives the detector the rules as they are, and again after every change. Returns how to stop. */
  async start(detector: Pick<Detector, 'use'>): Promise<() => Promise<void>> {
    const use = async (): Promise<void> =>
      detector.use(await this.#rulebook.enabled(), await this.#values.current(), this.#processing.texts);
    const stops = [this.#rulebook, this.#values, this.#processing].map((source) => source.onChange(() => void this.#keep(use)));
    await use();
    const stopWatching = [this.#values.start(this.#logger), this.#processing.start()];
    return async () => {
      this.#stopped = true;
      for (const stop of stops) stop();
      for (const stop of stopWatching) await stop();
    };
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
