/** What the jobs of a node have of Redis. Loads BullMQ and the client: imported only when there is a Redis. */
import { openRedis, type RedisSettings } from '../../redis/index.ts';
import { Wakes } from './wakes.ts';
import { Workers, type WorkersOptions } from './workers.ts';

export interface LinkOptions extends Omit<WorkersOptions, 'redis' | 'logger'> {
  readonly redis: RedisSettings;
  readonly logger?: Parameters<typeof openRedis>[0]['logger'];
}

export interface Link {
  readonly wakes: Wakes;
  readonly workers: Workers;
  /** Resolves when what runs has ended, and nothing is connected any more. */
  close(): Promise<void>;
}

export function openLink({ redis: settings, logger, ...options }: LinkOptions): Link {
  const redis = openRedis({ settings, part: 'jobs', ...(logger && { logger }) });
  const workers = new Workers({ ...options, redis, ...(logger && { logger }) });
  return {
    wakes: new Wakes(redis, options.clock),
    workers,
    async close() {
      await workers.stop();
      redis.close();
    },
  };
}
