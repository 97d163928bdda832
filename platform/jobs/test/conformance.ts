/** What every implementation of jobs must do. `open` gives workers over one store and a clock that moves by hand. */
import { describe, expect, it } from 'vitest';
import type { ManualClock } from '../../clock/index.ts';
import type { Job, Jobs } from '../contract.ts';

export interface JobsBench extends AsyncDisposable {
  readonly clock: ManualClock;
  /** Another worker over the same jobs. Leases last 60 s. */
  worker(): Jobs;
}

export function jobsConformance(open: () => Promise<JobsBench>): void {
  running(open);
  failing(open);
  recurring(open);
}

/** A worker whose handler notes what it runs. */
function noting(bench: JobsBench, fail: (job: Job) => boolean = () => false): { jobs: Jobs; ran: Job[] } {
  const jobs = bench.worker();
  const ran: Job[] = [];
  jobs.handle('work', async (job) => {
    ran.push(job);
    if (fail(job)) throw new Error(`attempt ${job.attempt} failed`);
  });
  return { jobs, ran };
}

function running(open: () => Promise<JobsBench>): void {
  describe('a job', () => {
    it('runs once, at its time, with its payload', async () => {
      await using bench = await open();
      const { jobs, ran } = noting(bench);
      await jobs.add({ kind: 'work', payload: { name: 'Vọng Gác' }, runAt: bench.clock.now() + 1000 });
      expect(await jobs.runDue()).toBe(0);
      bench.clock.advance(1000);
      expect(await jobs.runDue()).toBe(1);
      expect(await jobs.runDue()).toBe(0);
      expect(ran).toMatchObject([{ kind: 'work', payload: { name: 'Vọng Gác' }, attempt: 1 }]);
    });

    it('with a key is there once until it has run', async () => {
      await using bench = await open();
      const { jobs, ran } = noting(bench);
      const one = await jobs.add({ kind: 'work', key: 'k', payload: 1 });
      expect(await jobs.add({ kind: 'work', key: 'k', payload: 2 })).toEqual({ id: one.id, added: false });
      expect(await jobs.add({ kind: 'other', key: 'k' })).toMatchObject({ added: true });
      await jobs.runDue();
      expect(ran).toHaveLength(1);
      expect(await jobs.add({ kind: 'work', key: 'k' })).toMatchObject({ added: true });
      expect(await jobs.cancel('work', 'k')).toBe(true);
      expect(await jobs.cancel('work', 'k')).toBe(false);
      expect(await jobs.runDue()).toBe(0);
    });

    it('is run by one of many workers, oldest first', async () => {
      await using bench = await open();
      const workers = [noting(bench), noting(bench), noting(bench)];
      for (let i = 0; i < 30; i++) await workers[0]!.jobs.add({ kind: 'work', payload: i, runAt: bench.clock.now() - 100 + i });
      await Promise.all(workers.map((worker) => worker.jobs.runDue()));
      const ran = workers.flatMap((worker) => worker.ran.map((job) => Number(job.payload)));
      expect(ran.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, i) => i));
      for (const worker of workers)
        expect(worker.ran.map((job) => Number(job.payload))).toEqual(
          worker.ran.map((job) => Number(job.payload)).toSorted((a, b) => a - b),
        );
    });

    it('whose worker dies is taken by another when the lease is over, not before', async () => {
      await using bench = await open();
      const dying = bench.worker();
      const started = Promise.withResolvers<void>();
      dying.handle('work', () => {
        started.resolve();
        return new Promise(() => undefined);
      });
      await dying.add({ kind: 'work' });
      void dying.runDue();
      await started.promise;
      const { jobs, ran } = noting(bench);
      bench.clock.advance(59_000);
      expect(await jobs.runDue()).toBe(0);
      bench.clock.advance(2000);
      expect(await jobs.runDue()).toBe(1);
      expect(ran).toMatchObject([{ attempt: 2 }]);
    });

    it('is left alone by a worker that has no handler for it', async () => {
      await using bench = await open();
      const { jobs } = noting(bench);
      await jobs.add({ kind: 'unknown' });
      expect(await jobs.runDue()).toBe(0);
    });
  });
}

function failing(open: () => Promise<JobsBench>): void {
  describe('a job that fails', () => {
    it('is tried again after growing pauses and then kept as dead, until it is retried', async () => {
      await using bench = await open();
      let broken = true;
      const { jobs, ran } = noting(bench, () => broken);
      const { id } = await jobs.add({ kind: 'work', key: 'k', maxAttempts: 3 });
      for (const pause of [0, 1000, 2000]) {
        bench.clock.advance(pause - 1);
        if (pause > 0) expect(await jobs.runDue()).toBe(0);
        bench.clock.advance(1);
        expect(await jobs.runDue()).toBe(1);
      }
      bench.clock.advance(1e9);
      expect(await jobs.runDue()).toBe(0);
      expect(await jobs.dead()).toMatchObject([{ id, error: 'attempt 3 failed', attempt: 3 }]);
      expect(await jobs.add({ kind: 'work', key: 'k', runAt: bench.clock.now() + 1 })).toMatchObject({ added: true });
      broken = false;
      expect(await jobs.retry(id)).toBe(true);
      expect(await jobs.retry(id)).toBe(false);
      expect(await jobs.runDue()).toBe(1);
      expect(await jobs.dead()).toEqual([]);
      expect(ran.map((job) => job.attempt)).toEqual([1, 2, 3, 1]);
    });

    it('does not hold up the others', async () => {
      await using bench = await open();
      const { jobs, ran } = noting(bench, (job) => job.payload === 'bad');
      for (const payload of ['bad', 'good']) await jobs.add({ kind: 'work', payload });
      expect(await jobs.runDue()).toBe(2);
      expect(ran.map((job) => job.payload)).toEqual(['bad', 'good']);
    });

    it('by killing its worker again and again becomes dead too', async () => {
      await using bench = await open();
      await bench.worker().add({ kind: 'work', maxAttempts: 2 });
      for (let i = 0; i < 2; i++) {
        const dying = bench.worker();
        const started = Promise.withResolvers<void>();
        dying.handle('work', () => {
          started.resolve();
          return new Promise(() => undefined);
        });
        void dying.runDue();
        await started.promise;
        bench.clock.advance(61_000);
      }
      const { jobs } = noting(bench);
      expect(await jobs.runDue()).toBe(0);
      expect(await jobs.dead()).toHaveLength(1);
    });
  });
}

function recurring(open: () => Promise<JobsBench>): void {
  describe('a recurring job', () => {
    it('runs each time, missed turns once, and goes on after failures', async () => {
      await using bench = await open();
      const { jobs, ran } = noting(bench, (job) => ran.length === 2 && job.attempt === 1);
      await jobs.add({ kind: 'work', key: 'retention', everyMs: 10_000, maxAttempts: 1 });
      for (const advance of [0, 10_000, 35_000, 10_000]) {
        bench.clock.advance(advance);
        expect(await jobs.runDue()).toBe(1);
        expect(await jobs.runDue()).toBe(0);
      }
      expect(await jobs.dead()).toEqual([]);
      expect(ran).toHaveLength(4);
    });

    it('needs a key', async () => {
      await using bench = await open();
      await expect(bench.worker().add({ kind: 'work', everyMs: 1000 })).rejects.toThrow(/needs a key/);
    });
  });
}
