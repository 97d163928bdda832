import { setTimeout as pause } from 'node:timers/promises';
import type { Transaction } from 'kysely';
import type { Clock } from '../clock/index.ts';
import { hasCode } from '../errors/index.ts';
import type { Logger } from '../logger/index.ts';
import type { State } from '../state/contract.ts';
import type { JobHandler, JobRequest, Jobs } from './contract.ts';
import { jobsError } from './errors.ts';
import type { JobRow, JobTables } from './schema.ts';
import { jobOf, JobStore } from './store.ts';

export interface JobsOptions {
  readonly state: State;
  readonly clock: Clock;
  readonly logger?: Pick<Logger, 'warn' | 'error'>;
  /** How long a worker may be silent before another takes its job; default 60 s. It is extended while the handler runs. */
  readonly leaseMs?: number;
  /** How often to look for due jobs; default 1 s. */
  readonly pollMs?: number;
}

/** Jobs in the state's own table (`jobsModule`). */
export function createJobs(options: JobsOptions): Jobs {
  const { state, clock, leaseMs = 60_000 } = options;
  const store = new JobStore(state, clock, leaseMs);
  const worker = new JobWorker(store, options);
  return {
    // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- a transaction in the words of any domain's tables
    add: <Tables>(request: JobRequest, trx?: Transaction<Tables>) =>
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one database holds every domain's tables
      store.add(request, trx as unknown as Transaction<JobTables> | undefined),
    handle: (kind, handler) => worker.handle(kind, handler),
    runDue: () => worker.runDue(),
    start: () => worker.start(),
    stop: () => worker.stop(),
    cancel: (kind, key) => store.cancel(kind, key),
    dead: () => store.dead(),
    retry: (id) => store.retry(id),
  };
}

class JobWorker {
  readonly #store: JobStore;
  readonly #options: JobsOptions;
  readonly #handlers = new Map<string, JobHandler>();
  readonly #abort = new AbortController();
  #running: Promise<void> | undefined;

  constructor(store: JobStore, options: JobsOptions) {
    this.#store = store;
    this.#options = options;
  }

  handle(kind: string, handler: JobHandler): void {
    if (this.#handlers.has(kind)) throw jobsError('JOBS_HANDLED_TWICE', { kind });
    this.#handlers.set(kind, handler);
  }

  async runDue(): Promise<number> {
    for (let count = 0; ; count++) {
      if (this.#abort.signal.aborted) return count;
      const job = await this.#store.claim([...this.#handlers.keys()]);
      if (job === undefined) return count;
      await this.#run(job);
    }
  }

  start(): void {
    this.#running ??= this.#loop();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  async #loop(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        await this.runDue();
      } catch (error) {
        if (hasCode(error, 'STATE_CLOSED')) return;
        this.#options.logger?.error({ reason: reasonOf(error) }, 'jobs: the table cannot be read; it is tried again');
      }
      await pause(this.#options.pollMs ?? 1000, undefined, { signal }).catch(() => undefined);
    }
  }

  async #run(job: JobRow): Promise<void> {
    const handler = this.#handlers.get(job.kind);
    if (handler === undefined) return;
    const beat = setInterval(() => void this.#store.extend(job).catch(() => undefined), (this.#options.leaseMs ?? 60_000) / 3);
    try {
      await handler(jobOf(job), this.#abort.signal);
      await this.#store.succeed(job);
    } catch (error) {
      this.#options.logger?.warn(
        { kind: job.kind, key: job.key, attempt: job.attempts, reason: reasonOf(error) },
        'jobs: an attempt failed',
      );
      await this.#store.fail(job, reasonOf(error));
    } finally {
      clearInterval(beat);
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
