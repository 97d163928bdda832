import { setTimeout as pause } from 'node:timers/promises';
import type { Transaction } from 'kysely';
import type { Clock } from '../clock/index.ts';
import { hasCode } from '../errors/index.ts';
import type { Logger } from '../logger/index.ts';
import type { State } from '../state/contract.ts';
import type { JobRequest, Jobs } from './contract.ts';
import { JobRunner, reasonOf } from './runner.ts';
import type { JobTables } from './schema.ts';
import { JobStore } from './store.ts';

export interface JobsOptions {
  readonly state: State;
  readonly clock: Clock;
  readonly logger?: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** How long a worker may be silent before another takes its job; default 60 s. It is extended while the handler runs. */
  readonly leaseMs?: number;
  /** How often to look for due jobs; default 1 s. */
  readonly pollMs?: number;
}

/** Jobs in the state's own table (`jobsModule`). */
export function createJobs(options: JobsOptions): Jobs {
  const { state, clock, leaseMs = 60_000 } = options;
  const store = new JobStore(state, clock, leaseMs);
  const runner = new JobRunner(store, { ...options, leaseMs });
  let running: Promise<void> | undefined;

  async function loop(): Promise<void> {
    const { signal } = runner;
    while (!signal.aborted) {
      try {
        await runner.runDue();
      } catch (error) {
        if (hasCode(error, 'STATE_CLOSED')) return;
        options.logger?.error({ reason: reasonOf(error) }, 'jobs: the table cannot be read; it is tried again');
      }
      await pause(options.pollMs ?? 1000, undefined, { signal }).catch(() => undefined);
    }
  }

  return {
    // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- a transaction in the words of any domain's tables
    add: async <Tables>(request: JobRequest, trx?: Transaction<Tables>) => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one database holds every domain's tables
      const { job, added } = await store.add(request, trx as unknown as Transaction<JobTables> | undefined);
      return { id: job.id, added };
    },
    handle: (kind, handler) => runner.handle(kind, handler),
    runDue: () => runner.runDue(),
    start: () => void (running ??= loop()),
    stop: async () => {
      runner.stop();
      await running;
    },
    cancel: (kind, key) => store.cancel(kind, key),
    dead: () => store.dead(),
    retry: async (id) => (await store.retry(id)) !== undefined,
  };
}
