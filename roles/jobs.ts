/** Durable timers and long work: what keeps log and event store within their limits. */
import { followAlerts, scheduleRetention } from '@vong/engine/pipeline';
import { createJobs, createRedisJobs } from '@vong/platform/jobs';
import type { EventStore } from '@vong/platform/events';
import type { Node } from './node.ts';

export function jobsRole({ base, log, state, clock, config, life }: Node, events: EventStore) {
  const jobs = config.redis === undefined ? createJobs(base) : createRedisJobs({ ...base, redis: config.redis });
  return {
    start: async (): Promise<void> => {
      const { eventsRetentionMs: eventsMaxAgeMs, eventsRetentionBytes: eventsMaxBytes } = config;
      await scheduleRetention({ jobs, log, events, clock, eventsMaxAgeMs, eventsMaxBytes });
      if (config.kafka !== undefined) await followAlerts({ jobs, log, state });
      jobs.start();
      life.onStop('jobs', () => jobs.stop());
    },
  };
}
