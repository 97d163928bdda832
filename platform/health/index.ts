/** Whether this process lives, and whether it can do its work now. */
export { healthApi } from './api.ts';
export { Health, type HealthCheck, type HealthOptions, type Readiness } from './health.ts';
