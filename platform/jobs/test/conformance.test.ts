import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../clock/index.ts';
import { openTestState } from '../../state/testing.ts';
import { createJobs, jobsModule } from '../index.ts';
import { jobsConformance, type JobsBench } from './conformance.ts';

async function open(): Promise<JobsBench> {
  const clock = new ManualClock(1_000_000);
  const state = await openTestState({ modules: [jobsModule], clock });
  return { clock, worker: () => createJobs({ state, clock }), [Symbol.asyncDispose]: () => state.close() };
}

describe('jobs in the state conform', () => {
  jobsConformance(open);
});

describe('jobs in the state', () => {
  it('are stored with what the caller stores, or not at all', async () => {
    const clock = new ManualClock(0);
    const state = await openTestState({ modules: [jobsModule], clock });
    const jobs = createJobs({ state, clock });
    jobs.handle('work', async () => undefined);
    const failing = state.transaction<{ other: { id: string } }, void>('system', async (trx) => {
      await jobs.add({ kind: 'work' }, trx);
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await jobs.runDue()).toBe(0);
    await state.transaction<{ other: { id: string } }, unknown>('system', (trx) => jobs.add({ kind: 'work' }, trx));
    expect(await jobs.runDue()).toBe(1);
    await state.close();
  });

  it('started, run until stopped', async () => {
    const clock = new ManualClock(0);
    const state = await openTestState({ modules: [jobsModule], clock });
    const jobs = createJobs({ state, clock, pollMs: 5 });
    const { promise, resolve } = Promise.withResolvers<void>();
    jobs.handle('work', async () => resolve());
    jobs.start();
    await jobs.add({ kind: 'work' });
    await promise;
    await jobs.stop();
    await jobs.add({ kind: 'work', key: 'later' });
    expect(await jobs.cancel('work', 'later')).toBe(true);
    await state.close();
  });
});
