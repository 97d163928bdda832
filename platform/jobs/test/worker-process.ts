/**
 * A node of its own for the kill tests: runs jobs of the kind `work` over the given state and Redis, and writes down when each begins
 * and ends. Arguments: Redis' URL, the state's path, the file to write to, the lease in milliseconds.
 */
import { appendFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../../clock/index.ts';
import { openTestState } from '../../state/testing.ts';
import { createRedisJobs, jobsModule } from '../index.ts';

const [url = '', path = '', file = '', leaseMs = ''] = process.argv.slice(2);
const state = await openTestState({ path, modules: [jobsModule], clock: systemClock });
const jobs = createRedisJobs({ redis: { url }, state, clock: systemClock, pollMs: 100, leaseMs: Number(leaseMs) });
jobs.handle('work', async ({ payload, attempt }) => {
  appendFileSync(file, `${JSON.stringify({ what: 'begin', payload, attempt, at: Date.now(), pid: process.pid })}\n`);
  await pause(10);
  appendFileSync(file, `${JSON.stringify({ what: 'end', payload, attempt, at: Date.now(), pid: process.pid })}\n`);
});
jobs.start();
process.stdout.write('started\n');
