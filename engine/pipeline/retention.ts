/** Durable jobs that keep log and event store within their limits. */
import type { Clock } from '@vong/platform/clock';
import type { EventStore } from '@vong/platform/events';
import type { Jobs } from '@vong/platform/jobs';
import type { Log } from '@vong/platform/log';

const LOG_EVERY_MS = 60_000;
const EVENTS_EVERY_MS = 600_000;

export interface RetentionOptions {
  readonly jobs: Jobs;
  readonly log: Pick<Log, 'retain'>;
  readonly events: Pick<EventStore, 'retain'>;
  readonly clock: Clock;
  /** `null`: no limit. */
  readonly eventsMaxAgeMs: number | null;
  readonly eventsMaxBytes: number | null;
}

/** Names the handlers and plans them; before `jobs.start()`. */
export async function scheduleRetention(options: RetentionOptions): Promise<void> {
  const { jobs, log, events, clock, eventsMaxAgeMs, eventsMaxBytes } = options;
  jobs.handle('log.retain', async () => void (await log.retain()));
  jobs.handle('events.retain', async () => {
    const before = eventsMaxAgeMs === null ? {} : { before: clock.now() - eventsMaxAgeMs };
    const maxBytes = eventsMaxBytes === null ? {} : { maxBytes: eventsMaxBytes };
    await events.retain({ ...before, ...maxBytes });
  });
  await jobs.add({ kind: 'log.retain', key: 'log', everyMs: LOG_EVERY_MS });
  await jobs.add({ kind: 'events.retain', key: 'events', everyMs: EVENTS_EVERY_MS });
}
