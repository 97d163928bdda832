/** Takes wakes from Redis and runs the rows they name. */
import { setTimeout as pause } from 'node:timers/promises';
import { Worker, type Job as BullJob } from 'bullmq';
import type { Clock } from '../../clock/index.ts';
import { randomId } from '../../ids/index.ts';
import type { Logger } from '../../logger/index.ts';
import type { Redis, RedisConnections } from '../../redis/index.ts';
import { reasonOf, type JobRunner } from '../runner.ts';
import { queueName, type Wake } from './wakes.ts';

export interface WorkersOptions {
  readonly redis: RedisConnections;
  readonly runner: JobRunner;
  readonly clock: Clock;
  readonly leaseMs: number;
  readonly logger?: Pick<Logger, 'error'>;
}

type WakeWorker = Worker<Wake, void>;

/** Clocks of nodes that differ less than this do not make a timer late. */
const CLOCKS_DIFFER_MS = 5000;
const AGAIN_MS = 500;
/** Redis lost its memory while a job ran, or gave its wake to another: how the job ends stands in the state. */
const WAKE_IS_GONE = /^Missing (?:key|lock) for job|^Lock mismatch|^could not renew lock|is not in the active state/i;
const GOODBYE_MS = 1000;

export class Workers {
  readonly #options: WorkersOptions;
  readonly #started = new Map<string, WakeWorker>();
  readonly #byHand = new Map<string, WakeWorker>();
  readonly #running = new Set<Promise<void>>();
  #client: Redis | undefined;

  constructor(options: WorkersOptions) {
    this.#options = options;
  }

  /** One worker for each kind that has a handler: jobs of a kind run one after the other on a node, kinds side by side. */
  start(): void {
    for (const kind of this.#options.runner.kinds) {
      if (!this.#started.has(kind))
        this.#started.set(
          kind,
          this.#open(kind, (wake) => this.#follow(wake.data)),
        );
    }
  }

  /** Takes every wake that is ready now; how many rows were run. */
  async drain(): Promise<number> {
    const { runner } = this.#options;
    let count = 0;
    for (const kind of runner.kinds) {
      const worker = this.#byHand.get(kind) ?? this.#open(kind, null);
      this.#byHand.set(kind, worker);
      for (;;) {
        const token = randomId();
        const wake: BullJob<Wake, void> | undefined = await worker.getNextJob(token, { block: false });
        if (wake === undefined || runner.signal.aborted) break;
        if (await runner.runOne(wake.data.id)) count++;
        // Who held the row too long no longer holds the wake; it has been given to another, who finds nothing to do.
        await wake.moveToCompleted(undefined, token, false).catch(() => undefined);
      }
    }
    return count;
  }

  /** Takes no more wakes; resolves when what runs has ended. */
  async stop(): Promise<void> {
    for (const worker of this.#started.values()) await worker.pause(true);
    await Promise.all(this.#running);
    const closing = Promise.all([...this.#started.values(), ...this.#byHand.values()].map((worker) => worker.close()));
    // Without Redis a worker cannot take its leave, and need not: its wakes are given to others when their lock is over.
    const waited = new AbortController();
    await Promise.race([closing.catch(() => undefined), pause(GOODBYE_MS, undefined, { signal: waited.signal }).catch(() => undefined)]);
    waited.abort();
  }

  #open(kind: string, processor: ((wake: BullJob<Wake, void>) => Promise<void>) | null): WakeWorker {
    const { redis, leaseMs } = this.#options;
    this.#client ??= redis.connect('wait');
    const worker: WakeWorker = new Worker(queueName(kind), processor, {
      connection: this.#client,
      prefix: redis.prefix,
      lockDuration: leaseMs,
      runRetryDelay: AGAIN_MS,
    });
    worker.on('error', (error) => void (WAKE_IS_GONE.test(error.message) || redis.report(error)));
    return worker;
  }

  #follow(wake: Wake): Promise<void> {
    const running = this.#run(wake);
    this.#running.add(running);
    void running.finally(() => this.#running.delete(running));
    return running;
  }

  /** Never rejects: a wake is spent either way, and what could not be run is found by the next sweep. */
  async #run({ id, runAt }: Wake): Promise<void> {
    const { runner, clock, logger } = this.#options;
    const early = runAt - clock.now();
    if (early > 0 && early < CLOCKS_DIFFER_MS) await pause(early, undefined, { signal: runner.signal }).catch(() => undefined);
    if (runner.signal.aborted) return;
    try {
      await runner.runOne(id);
    } catch (error) {
      logger?.error({ reason: reasonOf(error) }, 'jobs: the table cannot be read; it is tried again');
    }
  }
}
