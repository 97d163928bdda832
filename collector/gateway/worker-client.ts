/** The main thread's side of the worker: questions and answers by number; a worker that dies is replaced, its questions fail. */
import { Worker } from 'node:worker_threads';
import { DEFAULT_ERROR_RETRY, revive } from './revive.ts';
import { gatewayError } from './errors.ts';
import type { Logger } from '@vong/platform/logger';
import type { Job, Reply, Stored, WorkerSettings } from './messages.ts';

/** Long enough not to spin when the worker cannot start at all. */
const RESTART_MS = 1_000;

interface Waiting {
  readonly resolve: (stored: Stored) => void;
  readonly reject: (reason: unknown) => void;
}

export class WorkerClient {
  readonly #settings: WorkerSettings;
  readonly #logger: Logger;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #next = 0;
  #closing = false;

  constructor(settings: WorkerSettings, logger: Logger) {
    this.#settings = settings;
    this.#logger = logger;
    this.#worker = this.#start();
  }

  /** Hands a job over; its body belongs to the worker afterwards. */
  ask(job: Job): Promise<Stored> {
    const worker = this.#worker;
    if (this.#closing) return Promise.reject(gatewayError('INGEST_STOPPING', { retryAfterSeconds: DEFAULT_ERROR_RETRY }));
    if (worker === undefined) return Promise.reject(stopped());
    const id = this.#next++;
    const transfer = job.kind === 'batch' ? [job.body.buffer] : [];
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage({ id, job }, transfer);
    });
  }

  /** Lets the worker finish what it was given, then ends it. */
  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    const worker = this.#worker;
    if (worker === undefined) return;
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    while (this.#waiting.size > 0) await heard(worker);
    worker.postMessage('close');
    await ended;
  }

  #start(): Worker {
    const worker = new Worker(new URL('worker.ts', import.meta.url), {
      workerData: this.#settings,
      name: 'gateway',
      // Records live for one batch: a larger nursery lets them die there instead of being copied.
      resourceLimits: { maxYoungGenerationSizeMb: 32 },
    });
    worker.on('message', (reply: Reply) => this.#settle(reply));
    worker.on('error', (error) => this.#logger.error({ err: error }, 'the gateway worker failed'));
    worker.on('exit', () => {
      const lost = [...this.#waiting.values()];
      this.#waiting.clear();
      // Whether a batch was stored is not known: the agent sends it again, and its sequence decides.
      for (const { reject } of lost) reject(stopped());
      this.#worker = undefined;
      if (!this.#closing) setTimeout(() => this.#restart(), RESTART_MS).unref();
    });
    return worker;
  }

  #restart(): void {
    if (!this.#closing) this.#worker = this.#start();
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('stored' in reply) waiting?.resolve(reply.stored);
    else waiting?.reject(revive(reply.error));
  }
}

function stopped(): Error {
  return gatewayError('INGEST_UNAVAILABLE', {
    reason: 'the worker stopped and is being started again.',
    retryAfterSeconds: DEFAULT_ERROR_RETRY,
  });
}

/** Resolves with the worker's next word, or its end. */
function heard(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      worker.off('message', done).off('exit', done);
      resolve();
    };
    worker.once('message', done).once('exit', done);
  });
}
