/**
 * Moves committed pages from the write-ahead log into the state file on a thread of its own: the syncs it takes would otherwise
 * hold whichever commit happens to trigger them, on the thread that answers people. The thread starts when there is enough to do.
 * SQLite's own limit (`wal_autocheckpoint`, 64 MB) stays behind it as the net.
 */
import { statSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

const LOOK_EVERY_MS = 500;
const ENOUGH_BYTES = 4 * 1024 * 1024;

export class Checkpointer {
  readonly #path: string;
  readonly #timer: NodeJS.Timeout;
  #worker: Worker | undefined;

  constructor(path: string) {
    this.#path = path;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#worker?.terminate();
  }

  #look(): void {
    const size = statSync(`${this.#path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    if (size < ENOUGH_BYTES) return;
    this.#worker ??= this.#start();
    this.#worker.postMessage('checkpoint');
  }

  #start(): Worker {
    const worker = new Worker(new URL('./checkpoint-worker.ts', import.meta.url), { workerData: this.#path });
    // Without the thread SQLite checkpoints by itself, later: no reason to fail, and the next look starts another.
    worker.on('error', () => (this.#worker = undefined));
    worker.unref();
    return worker;
  }
}
