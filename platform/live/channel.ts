/** The word "look at the numbers" between nodes, by publish and subscribe. */
import type { Logger } from '../logger/index.ts';
import { openRedis, type RedisSettings } from '../redis/index.ts';

export interface Channel {
  tell(): void;
  close(): void;
}

export interface ChannelOptions {
  readonly logger?: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Another node has said something, or may have while it could not be heard. */
  readonly onWord: () => void;
}

export function openChannel(settings: RedisSettings, { logger, onWord }: ChannelOptions): Channel {
  const redis = openRedis({ settings, part: 'signals', ...(logger && { logger }) });
  const name = `${redis.prefix}:signals`;
  const [speaker, hearer] = [redis.connect('fail'), redis.connect('wait')];
  const failed = (error: unknown): void => redis.report(error);
  hearer.on('message', onWord);
  // Subscribes anew after each connection by itself; what was said meanwhile is in the numbers.
  hearer.on('ready', onWord);
  hearer.subscribe(name).catch(failed);
  return {
    tell() {
      if (speaker.status === 'ready') speaker.publish(name, '').catch(failed);
    },
    close: () => redis.close(),
  };
}
