/**
 * Jobs of many nodes. Every job is a row of the state, as in the embedded form: who runs it, how often it was tried, when it is
 * next, stand there and nowhere else. Redis (BullMQ) only carries wakes: at the time, to one node that has a handler. So a Redis
 * that comes back empty loses nothing, and while there is none the sweep runs what is due straight from the state.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Transaction } from 'kysely';
import { hasCode } from '../../errors/index.ts';
import type { RedisSettings } from '../../redis/index.ts';
import type { JobRequest, Jobs } from '../contract.ts';
import type { JobsOptions } from '../embedded.ts';
import { JobRunner, reasonOf } from '../runner.ts';
import type { JobTables } from '../schema.ts';
import { JobStore, type PlannedJob } from '../store.ts';
import type { Link } from './link.ts';

export interface RedisJobsOptions extends JobsOptions {
  readonly redis: RedisSettings;
}

/** A job is late, and woken once more, when it has not begun this long after its time. */
const LATE_MS = 500;
const SWEPT_AT_ONCE = 500;
/** What is planned beyond these is not woken to the millisecond after Redis lost its memory, but by the sweep. */
const RESTORED = 10_000;

/** Jobs in the state's table (`jobsModule`), woken through Redis. `pollMs` is how often the sweep looks for what was not woken. */
export function createRedisJobs(options: RedisJobsOptions): Jobs {
  const { state, clock, logger, leaseMs = 60_000 } = options;
  const store = new JobStore(state, clock, leaseMs);
  const wake = (job: PlannedJob): void => void link.then(({ wakes }) => wakes.send([job]));
  const runner = new JobRunner(store, { leaseMs, onAgain: wake, ...(logger && { logger }) });
  // Its packages are loaded only where they are used.
  const link = import('./link.ts').then(({ openLink }) => openLink({ ...options, runner, leaseMs }));
  const sweep = new Sweep({ ...options, runner, store, link });
  return {
    // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- a transaction in the words of any domain's tables
    add: async <Tables>(request: JobRequest, trx?: Transaction<Tables>) => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one database holds every domain's tables
      const { job, added } = await store.add(request, trx as unknown as Transaction<JobTables> | undefined);
      // Who is woken before the caller's transaction has ended waits for it: claiming is a transaction too, and they are serialised.
      if (added) wake(job);
      return { id: job.id, added };
    },
    handle: (kind, handler) => runner.handle(kind, handler),
    runDue: () => runDue({ store, runner, link, now: () => clock.now() }),
    start() {
      void link.then(({ workers }) => workers.start());
      sweep.start();
    },
    async stop() {
      runner.stop();
      await sweep.stop();
      await (await link).close();
    },
    cancel: (kind, key) => store.cancel(kind, key),
    dead: () => store.dead(),
    async retry(id) {
      const job = await store.retry(id);
      if (job !== undefined) wake(job);
      return job !== undefined;
    },
  };
}

interface Running {
  readonly store: JobStore;
  readonly runner: JobRunner;
  readonly link: Promise<Link>;
}

/** Wakes what is due and takes wakes until none is left: the way a job always goes, without waiting for its time. */
async function runDue({ store, runner, link, now }: Running & { now: () => number }): Promise<number> {
  const { wakes, workers } = await link;
  for (let count = 0; ;) {
    const due = await store.planned(runner.kinds, { until: now(), limit: SWEPT_AT_ONCE });
    if (due.length === 0) return count;
    if (!(await wakes.send(due, true))) return count + (await runner.runDue());
    const ran = await workers.drain();
    // What is due and was not run is in other hands.
    if (ran === 0) return count;
    count += ran;
  }
}

/** Finds what was due and has not begun: its wake was lost, or its worker died. */
class Sweep {
  readonly #options: RedisJobsOptions & Running;
  #looping: Promise<void> | undefined;

  constructor(options: RedisJobsOptions & Running) {
    this.#options = options;
  }

  start(): void {
    if (this.#looping !== undefined) return;
    this.#looping = this.#loop();
    void this.#options.link.then(({ wakes }) => wakes.onReachable(() => void this.#restore()));
  }

  async stop(): Promise<void> {
    await this.#looping;
  }

  async #loop(): Promise<void> {
    const { runner, logger, pollMs = 1000 } = this.#options;
    while (!runner.signal.aborted) {
      try {
        await this.#sweep();
      } catch (error) {
        if (hasCode(error, 'STATE_CLOSED')) return;
        logger?.error({ reason: reasonOf(error) }, 'jobs: the table cannot be read; it is tried again');
      }
      await pause(pollMs, undefined, { signal: runner.signal }).catch(() => undefined);
    }
  }

  async #sweep(): Promise<void> {
    const { store, runner, link, clock } = this.#options;
    const late = await store.planned(runner.kinds, { until: clock.now() - LATE_MS, limit: SWEPT_AT_ONCE });
    if (late.length > 0 && !(await (await link).wakes.send(late, true))) await runner.runDue();
  }

  /** Redis may have come back with an older memory, or none: whatever it does not hold is put there again. */
  async #restore(): Promise<void> {
    const { store, runner, link, logger } = this.#options;
    try {
      const { wakes } = await link;
      const all = await store.planned(runner.kinds, { limit: RESTORED });
      for (let i = 0; i < all.length; i += SWEPT_AT_ONCE) await wakes.send(all.slice(i, i + SWEPT_AT_ONCE));
    } catch (error) {
      if (!hasCode(error, 'STATE_CLOSED')) logger?.error({ reason: reasonOf(error) }, 'jobs: the wakes could not be restored');
    }
  }
}
