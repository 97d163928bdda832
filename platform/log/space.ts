import { statfsSync } from 'node:fs';

const FRESH_MS = 1000;

/** Refuses to fill the disk to its last byte: the state and the event store on it need room to shut down cleanly. */
export class SpaceFloor {
  readonly #directory: string;
  readonly #minFreeBytes: number;
  #checkedAt = -Infinity;
  #enough = true;

  constructor(directory: string, minFreeBytes: number) {
    this.#directory = directory;
    this.#minFreeBytes = minFreeBytes;
  }

  /** True when at least the floor is free; the answer is up to a second old. */
  enough(): boolean {
    if (this.#minFreeBytes <= 0) return true;
    const now = performance.now();
    if (now - this.#checkedAt < FRESH_MS) return this.#enough;
    const { bavail, bsize } = statfsSync(this.#directory);
    this.#checkedAt = now;
    this.#enough = bavail * bsize >= this.#minFreeBytes;
    return this.#enough;
  }
}
