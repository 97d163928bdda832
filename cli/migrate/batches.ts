/** Gathers events of several pieces before they are stored: a few at a time cost the cluster as much as thousands. */
import type { EcsEvent, EventStore } from '@vong/platform/events';

const BATCH = { events: 5000, bytes: 16 * 1024 * 1024 };

export interface BatchesOptions {
  readonly to: Pick<EventStore, 'append'>;
  /** Runs what notes that events are stored, all at once. */
  readonly note: (marks: readonly (() => void)[]) => void;
  /** Default 5,000. */
  readonly events?: number | undefined;
}

export class Batches {
  readonly #options: BatchesOptions;
  #events: EcsEvent[] = [];
  #marks: (() => void)[] = [];
  #bytes = 0;
  #storing: Promise<void> = Promise.resolve();

  constructor(options: BatchesOptions) {
    this.#options = options;
  }

  /** `mark` is run once these, and all before them, are stored. While one batch is stored the next one is gathered. */
  async add(events: readonly EcsEvent[], { bytes, mark }: { readonly bytes: number; readonly mark: () => void }): Promise<void> {
    this.#events.push(...events);
    this.#marks.push(mark);
    this.#bytes += bytes;
    if (this.#events.length >= (this.#options.events ?? BATCH.events) || this.#bytes >= BATCH.bytes) await this.#store();
  }

  /** Resolves when everything is stored and marked. */
  async end(): Promise<void> {
    await this.#store();
    await this.#storing;
  }

  async #store(): Promise<void> {
    await this.#storing;
    const [events, marks] = [this.#events, this.#marks];
    [this.#events, this.#marks, this.#bytes] = [[], [], 0];
    if (marks.length === 0) return;
    this.#storing = (async () => {
      if (events.length > 0) await this.#options.to.append(events, []);
      this.#options.note(marks);
    })();
    // Whoever comes next hears of a failure.
    this.#storing.catch(() => undefined);
  }
}
