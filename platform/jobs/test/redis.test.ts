import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startRedis, type RedisServer } from '../../../deploy/testbed/redis.ts';
import { available } from '../../../deploy/testbed/servers.ts';
import { ManualClock, systemClock } from '../../clock/index.ts';
import { openTestState } from '../../state/testing.ts';
import { createRedisJobs, jobsModule, type Jobs } from '../index.ts';
import { jobsConformance, type JobsBench } from './conformance.ts';

const found = await available('redis');
const why = found.ok ? '' : ` (${found.why})`;

describe.skipIf(!found.ok)(`jobs woken through Redis conform${why}`, () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  async function open(): Promise<JobsBench> {
    const clock = new ManualClock(1_000_000);
    const state = await openTestState({ modules: [jobsModule], clock });
    const workers: Jobs[] = [];
    return {
      clock,
      worker() {
        const jobs = createRedisJobs({ redis: { url: server.url }, state, clock });
        workers.push(jobs);
        return jobs;
      },
      async [Symbol.asyncDispose]() {
        await Promise.all(workers.map((jobs) => jobs.stop()));
        await state.close();
      },
    };
  }

  jobsConformance(open);

  it('and say nothing of an outage when they are stopped', async () => {
    const clock = systemClock;
    const state = await openTestState({ modules: [jobsModule], clock });
    const said: unknown[] = [];
    const say = (...words: unknown[]): void => void said.push(words);
    const jobs = createRedisJobs({ redis: { url: server.url }, state, clock, logger: { info: say, warn: say, error: say } });
    const ran: string[] = [];
    for (const kind of ['one', 'two', 'three']) {
      jobs.handle(kind, async () => void ran.push(kind));
      await jobs.add({ kind, key: kind, payload: null });
    }
    jobs.start();
    await vi.waitFor(() => expect(ran.toSorted()).toEqual(['one', 'three', 'two']), { timeout: 20_000, interval: 5 });
    await jobs.stop();
    await state.close();
    expect(said).toEqual([]);
  });
});
