import type { Clock } from '@vong/platform/clock';
import type { ReplayProgress } from './replay-file.ts';

const PROGRESS_MS = 500;

/** Stores progress at most twice a second, one write at a time. */
export class ProgressKeeper {
  last: ReplayProgress = { sent: 0, total: 0 };
  readonly #clock: Clock;
  readonly #store: (at: ReplayProgress) => Promise<void>;
  #stored = Number.NEGATIVE_INFINITY;
  #storing: Promise<void> | undefined;

  constructor(clock: Clock, store: (at: ReplayProgress) => Promise<void>) {
    this.#clock = clock;
    this.#store = store;
  }

  note(at: ReplayProgress): void {
    this.last = at;
    if (this.#storing !== undefined || this.#clock.now() - this.#stored < PROGRESS_MS) return;
    this.#stored = this.#clock.now();
    // A progress that could not be stored is not worth failing for: the end is stored in any case.
    this.#storing = this.#store(at)
      .catch(() => undefined)
      .finally(() => (this.#storing = undefined));
  }

  async settle(): Promise<void> {
    await this.#storing;
  }
}
