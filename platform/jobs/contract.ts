/**
 * Durable timers and long work. Embedded: a table of the state; cluster: BullMQ. Every implementation passes `test/conformance.ts`.
 *
 * Promises: a job added is run at least once, at or after its time, also when the process dies in the middle; never by two workers
 * at once while its lease holds. A failure is tried again with growing pauses, then kept as dead with its reason until someone
 * retries it. A handler must bear being run twice.
 */
import type { Transaction } from 'kysely';

export interface JobRequest {
  /** Which handler runs it. */
  readonly kind: string;
  /** At most one job of a kind with this key waits or runs; adding it again changes nothing. */
  readonly key?: string;
  /** Plain JSON. */
  readonly payload?: unknown;
  /** Milliseconds since the epoch; default now. */
  readonly runAt?: number;
  /** Run again and again, this many milliseconds apart; needs a key. Missed turns are run once, not caught up. */
  readonly everyMs?: number;
  /** Default 5. */
  readonly maxAttempts?: number;
}

export interface Job {
  readonly id: string;
  readonly kind: string;
  readonly key?: string;
  readonly payload: unknown;
  /** 1 for the first. */
  readonly attempt: number;
}

export interface DeadJob extends Job {
  readonly error: string;
  readonly at: number;
}

/** `signal` is aborted when the worker stops; a job that then throws is run again later. */
export type JobHandler = (job: Job, signal: AbortSignal) => Promise<void>;

export interface Jobs {
  /** Stores the job, in the caller's transaction when given; `added` is false when the key is already there. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- a transaction in the words of any domain's tables
  add<Tables>(request: JobRequest, trx?: Transaction<Tables>): Promise<{ readonly id: string; readonly added: boolean }>;
  /** Names the handler of a kind; before `start`. */
  handle(kind: string, handler: JobHandler): void;
  /** Runs what is due now, one after the other; how many were run. */
  runDue(): Promise<number>;
  /** Keeps running what is due. */
  start(): void;
  /** Resolves when the job at hand has ended. */
  stop(): Promise<void>;
  /** Ends a recurring or waiting job; false when there is none. */
  cancel(kind: string, key: string): Promise<boolean>;
  dead(): Promise<readonly DeadJob[]>;
  /** Gives a dead job all its attempts again; false when there is none. */
  retry(id: string): Promise<boolean>;
}
