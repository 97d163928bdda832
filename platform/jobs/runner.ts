/** Who runs claimed jobs: holds the handlers, beats while one runs, writes down how it ended. */
import type { Logger } from '../logger/index.ts';
import type { JobHandler } from './contract.ts';
import { jobsError } from './errors.ts';
import type { JobRow } from './schema.ts';
import { jobOf, type JobStore, type PlannedJob } from './store.ts';

export interface RunnerOptions {
  readonly logger?: Pick<Logger, 'warn'>;
  readonly leaseMs: number;
  /** Told when a job that has run is to run again. */
  readonly onAgain?: (job: PlannedJob) => void;
}

export class JobRunner {
  readonly #store: JobStore;
  readonly #options: RunnerOptions;
  readonly #handlers = new Map<string, JobHandler>();
  readonly #abort = new AbortController();

  constructor(store: JobStore, options: RunnerOptions) {
    this.#store = store;
    this.#options = options;
  }

  handle(kind: string, handler: JobHandler): void {
    if (this.#handlers.has(kind)) throw jobsError('JOBS_HANDLED_TWICE', { kind });
    this.#handlers.set(kind, handler);
  }

  get kinds(): readonly string[] {
    return [...this.#handlers.keys()];
  }

  /** Aborted by `stop()`. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  stop(): void {
    this.#abort.abort();
  }

  /** Claims and runs what is due, one after the other, straight from the table; how many were run. */
  async runDue(): Promise<number> {
    for (let count = 0; ; count++) {
      if (this.signal.aborted || !(await this.runOne())) return count;
    }
  }

  /** Runs the job that has been due longest, or the given one if it is due; false when there is none. */
  async runOne(id?: string): Promise<boolean> {
    const job = await this.#store.claim(this.kinds, id);
    if (job === undefined) return false;
    await this.#run(job);
    return true;
  }

  async #run(job: JobRow): Promise<void> {
    const handler = this.#handlers.get(job.kind);
    if (handler === undefined) return;
    const beat = setInterval(() => void this.#store.extend(job).catch(() => undefined), this.#options.leaseMs / 3);
    try {
      const next = await this.#outcome(job, handler);
      if (next !== undefined) this.#options.onAgain?.({ id: job.id, kind: job.kind, run_at: next });
    } finally {
      clearInterval(beat);
    }
  }

  async #outcome(job: JobRow, handler: JobHandler): Promise<number | undefined> {
    try {
      await handler(jobOf(job), this.signal);
      return await this.#store.succeed(job);
    } catch (error) {
      const reason = reasonOf(error);
      this.#options.logger?.warn({ kind: job.kind, key: job.key, attempt: job.attempts, reason }, 'jobs: an attempt failed');
      return await this.#store.fail(job, reason);
    }
  }
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
