/** Runs a source as the agent does: keeps what it gives and the positions with it. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RawRecord } from '../../contracts.ts';
import type { Source } from '../contract.ts';

export class Collected {
  readonly source: Source;
  readonly records: RawRecord[] = [];
  readonly positions: Map<string, string>;
  readonly done: Promise<void>;

  constructor(source: Source, positions: ReadonlyMap<string, string> = new Map()) {
    this.source = source;
    this.positions = new Map(positions);
    this.done = this.#run();
  }

  get texts(): (string | undefined)[] {
    return this.records.map((record) => record.raw);
  }

  /** Stops the source; what it gave until then stays. */
  async stop(): Promise<ReadonlyMap<string, string>> {
    await this.source.stop();
    await this.done;
    return this.positions;
  }

  async #run(): Promise<void> {
    for await (const batch of this.source.start(new Map(this.positions))) {
      this.records.push(...batch.records);
      for (const [key, value] of batch.positions) {
        if (value === null) this.positions.delete(key);
        else this.positions.set(key, value);
      }
    }
  }
}

/** Resolves when the condition holds; rejects with what it last saw after the time. */
export async function until(condition: () => boolean, show: () => unknown = () => '', ms = 10_000): Promise<void> {
  const end = performance.now() + ms;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`did not happen within ${ms} ms: ${JSON.stringify(show())}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export async function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'vong-source-'));
}
