import { afterAll, beforeAll, describe } from 'vitest';
import { installed } from '../../../deploy/testbed/native.ts';
import { startRedis, type RedisServer } from '../../../deploy/testbed/redis.ts';
import { ManualClock } from '../../clock/index.ts';
import { openTestState } from '../../state/testing.ts';
import { createRedisJobs, jobsModule, type Jobs } from '../index.ts';
import { jobsConformance, type JobsBench } from './conformance.ts';

const found = await installed('redis');
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
});
