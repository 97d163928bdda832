/**
 * How many signals one transaction takes, so that its work holds the thread for about `TARGET_MS`. The commit is not counted: its
 * sync costs the same for any number, and smaller transactions on a slow disk would only mean more of them.
 */
const TARGET_MS = 10;
const SMALLEST = 50;
const LARGEST = 1000;

export class BatchSize {
  #records = SMALLEST;

  get records(): number {
    return this.#records;
  }

  /** Learns from a transaction: quickly down, slowly up. */
  took(records: number, ms: number): void {
    if (records < this.#records / 2 && ms < TARGET_MS) return;
    const fitting = (records * TARGET_MS) / Math.max(ms, 0.1);
    const next = Math.min(fitting, this.#records * 1.25);
    this.#records = Math.round(Math.min(LARGEST, Math.max(SMALLEST, next)));
  }
}
