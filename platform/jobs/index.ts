export type * from './contract.ts';
export { createJobs } from './embedded.ts';
export type { JobsOptions } from './embedded.ts';
export { JOBS_ERRORS } from './errors.ts';
export { createRedisJobs, type RedisJobsOptions } from './redis/jobs.ts';
export { jobsModule } from './schema.ts';
