/** When an event of a recording is due, and what time it is given. */

export interface PaceOptions {
  /** Now, milliseconds since the epoch: when the first event is due. */
  readonly start: number;
  /** 1 = as recorded; 0 = at once. */
  readonly speed: number;
  readonly shift: boolean;
}

/** Times sent as fast as possible are drawn together this much, so that none lies far in the future. */
const FASTEST = 1000;

/**
 * The n-th event is due `(time − first) ÷ speed` after the start; an event without a time goes with the one before it. Shifted,
 * it is given the time it is due, so what is replayed quickly never happens in the future; everything within one record moves
 * by the same amount.
 */
export class Pace {
  readonly #options: PaceOptions;
  #first: number | undefined;
  #last = 0;

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  /** `due`: when to send it; `delta`: milliseconds to move its times by. */
  next(time: number | undefined): { due: number; delta: number } {
    const { start, speed, shift } = this.#options;
    this.#first ??= time;
    const at = time ?? (this.#first === undefined ? undefined : this.#last);
    if (at === undefined || this.#first === undefined) return { due: start, delta: 0 };
    this.#last = at;
    const passed = at - this.#first;
    const due = speed === 0 ? start : start + passed / speed;
    const given = start + passed / (speed === 0 ? FASTEST : speed);
    return { due, delta: shift ? Math.round(given) - at : 0 };
  }
}
