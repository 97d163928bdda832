/** Every step of a job's life as one transaction on the table. */
import type { Kysely, Transaction } from 'kysely';
import type { Clock } from '../clock/index.ts';
import { randomId } from '../ids/index.ts';
import type { State } from '../state/contract.ts';
import type { DeadJob, Job, JobRequest } from './contract.ts';
import { jobsError } from './errors.ts';
import type { JobRow, JobTables } from './schema.ts';

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 3_600_000;
const ERROR_CHARACTERS = 2000;
/** Which job, and when it is due. */
export type PlannedJob = Pick<JobRow, 'id' | 'kind' | 'run_at'>;

const LEASE_OVER = 'the worker died or lost its lease';

export class JobStore {
  readonly #state: State;
  readonly #clock: Clock;
  readonly #leaseMs: number;

  constructor(state: State, clock: Clock, leaseMs: number) {
    this.#state = state;
    this.#clock = clock;
    this.#leaseMs = leaseMs;
  }

  async add(request: JobRequest, trx?: Transaction<JobTables>): Promise<{ job: PlannedJob; added: boolean }> {
    const row = rowOf(request, this.#clock.now());
    if (trx !== undefined) return insert(trx, row);
    return this.#transaction((own) => insert(own, row));
  }

  /** Takes the job that has been due longest, of these kinds; or this one of them, if it is due. */
  async claim(kinds: readonly string[], id?: string): Promise<JobRow | undefined> {
    if (kinds.length === 0) return undefined;
    const now = this.#clock.now();
    return this.#transaction(async (trx) => {
      for (;;) {
        const oldest = planned(trx, kinds).selectAll().where('run_at', '<=', now).orderBy('run_at').limit(1);
        const due = await (id === undefined ? oldest : oldest.where('id', '=', id)).executeTakeFirst();
        if (due === undefined) return undefined;
        if (due.state === 'running' && due.attempts >= due.max_attempts) {
          await update(trx, due.id, afterFailure(due, LEASE_OVER, now));
          continue;
        }
        const taken = {
          state: 'running' as const,
          attempts: due.attempts + 1,
          claim: randomId(),
          run_at: now + this.#leaseMs,
          updated_at: now,
        };
        await update(trx, due.id, taken);
        return { ...due, ...taken };
      }
    });
  }

  /** False when the job is no longer ours. */
  async extend(job: JobRow): Promise<boolean> {
    return this.#ifHeld(job, (trx) => update(trx, job.id, { run_at: this.#clock.now() + this.#leaseMs }));
  }

  /** When the job is to run again; undefined when it is not, or is no longer ours. */
  async succeed(job: JobRow): Promise<number | undefined> {
    if (job.every_ms === null) {
      await this.#ifHeld(job, (trx) => trx.deleteFrom('jobs').where('id', '=', job.id).execute());
      return undefined;
    }
    const next = nextTurn(job.every_ms, this.#clock.now());
    return (await this.#ifHeld(job, (trx) => update(trx, job.id, { ...next, error: null }))) ? next.run_at : undefined;
  }

  /** As `succeed`. */
  async fail(job: JobRow, error: string): Promise<number | undefined> {
    const next = afterFailure(job, error, this.#clock.now());
    return (await this.#ifHeld(job, (trx) => update(trx, job.id, next))) ? next.run_at : undefined;
  }

  /** What waits or runs, of these kinds, soonest first; a job that runs stands at the end of its lease. */
  async planned(kinds: readonly string[], { until, limit }: { until?: number; limit: number }): Promise<PlannedJob[]> {
    if (kinds.length === 0) return [];
    const soonest = planned(this.#state.system<JobTables>(), kinds).select(['id', 'kind', 'run_at']).orderBy('run_at').limit(limit);
    return (until === undefined ? soonest : soonest.where('run_at', '<=', until)).execute();
  }

  async cancel(kind: string, key: string): Promise<boolean> {
    const result = await this.#state
      .system<JobTables>()
      .deleteFrom('jobs')
      .where('kind', '=', kind)
      .where('key', '=', key)
      .executeTakeFirst();
    return result.numDeletedRows > 0n;
  }

  async dead(): Promise<DeadJob[]> {
    const rows = await this.#state
      .system<JobTables>()
      .selectFrom('jobs')
      .selectAll()
      .where('state', '=', 'dead')
      .orderBy('updated_at')
      .execute();
    return rows.map((row) => ({ ...jobOf(row), error: row.error ?? '', at: row.updated_at }));
  }

  /** The job as it waits again; undefined when there is no dead one. */
  async retry(id: string): Promise<PlannedJob | undefined> {
    const now = this.#clock.now();
    const again = { state: 'waiting' as const, attempts: 0, run_at: now, updated_at: now };
    const query = this.#state.system<JobTables>().updateTable('jobs').set(again).where('id', '=', id).where('state', '=', 'dead');
    return query.returning(['id', 'kind', 'run_at']).executeTakeFirst();
  }

  #ifHeld(job: JobRow, body: (trx: Transaction<JobTables>) => Promise<unknown>): Promise<boolean> {
    return this.#transaction(async (trx) => {
      const row = await trx.selectFrom('jobs').select('claim').where('id', '=', job.id).executeTakeFirst();
      if (row === undefined || row.claim !== job.claim) return false;
      await body(trx);
      return true;
    });
  }

  #transaction<Result>(body: (trx: Transaction<JobTables>) => Promise<Result>): Promise<Result> {
    return this.#state.transaction<JobTables, Result>('system', body);
  }
}

export function jobOf(row: JobRow): Job {
  const payload: unknown = JSON.parse(row.payload);
  return { id: row.id, kind: row.kind, ...(row.key === null ? {} : { key: row.key }), payload, attempt: row.attempts };
}

function rowOf(request: JobRequest, now: number): JobRow {
  const { kind, key = null, payload = null, runAt = now, everyMs = null, maxAttempts = 5 } = request;
  if (everyMs !== null && (key === null || !(everyMs > 0))) {
    throw jobsError('JOBS_BAD_REQUEST', { kind, reason: 'a recurring job needs a key and a time above zero' });
  }
  const fresh = { state: 'waiting' as const, attempts: 0, claim: null, error: null, updated_at: now };
  return {
    id: randomId(),
    kind,
    key,
    payload: JSON.stringify(payload),
    run_at: runAt,
    every_ms: everyMs,
    max_attempts: maxAttempts,
    ...fresh,
  };
}

/** A recurring job that is there already takes over the new interval, never a second turn. */
async function insert(trx: Transaction<JobTables>, row: JobRow): Promise<{ job: PlannedJob; added: boolean }> {
  if (row.key !== null) {
    const known = await trx
      .selectFrom('jobs')
      .select(['id', 'kind', 'every_ms', 'run_at'])
      .where('kind', '=', row.kind)
      .where('key', '=', row.key)
      .executeTakeFirst();
    if (known !== undefined) {
      if (known.every_ms !== row.every_ms) await update(trx, known.id, { every_ms: row.every_ms });
      return { job: known, added: false };
    }
  }
  await trx.insertInto('jobs').values(row).execute();
  return { job: row, added: true };
}

function afterFailure(job: JobRow, error: string, now: number): Partial<JobRow> {
  const reason = { error: error.slice(0, ERROR_CHARACTERS), claim: null, updated_at: now };
  if (job.attempts < job.max_attempts) {
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (job.attempts - 1));
    return { ...reason, state: 'waiting', run_at: now + pause };
  }
  if (job.every_ms !== null) return { ...reason, ...nextTurn(job.every_ms, now) };
  return { ...reason, state: 'dead', key: null };
}

function nextTurn(everyMs: number, now: number): Pick<JobRow, 'state' | 'attempts' | 'run_at' | 'claim' | 'updated_at'> {
  return { state: 'waiting', attempts: 0, run_at: now + everyMs, claim: null, updated_at: now };
}

function planned(db: Kysely<JobTables>, kinds: readonly string[]) {
  return db.selectFrom('jobs').where('state', 'in', ['waiting', 'running']).where('kind', 'in', kinds);
}

async function update(db: Kysely<JobTables>, id: string, set: Partial<JobRow>): Promise<void> {
  await db.updateTable('jobs').set(set).where('id', '=', id).execute();
}
