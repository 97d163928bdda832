/**
 * Word between nodes that there are new changes, through socket.io's adapter over Redis. It is a hint: the changes themselves are
 * read from the state, and a hint that is lost is made up for by the next look at the table.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { createAdapter } from '@socket.io/redis-streams-adapter';
import type { Server } from 'socket.io';
import type { Logger } from '../logger/index.ts';
import { openRedis, type Redis, type RedisConnections, type RedisSettings } from '../redis/index.ts';

export interface NodesOptions {
  readonly redis: RedisSettings;
  readonly logger?: Logger;
  /** The others are told at most once in this time. */
  readonly wakeMs: number;
  /** Another node has said that there is news, or may have while it could not be heard. */
  readonly onNews: () => void;
}

export interface Nodes {
  /** Tells the other nodes. */
  announce(): void;
  close(): void;
}

const NEWS = 'news';
const AGAIN_MS = 1000;

export function joinNodes(io: Server, { redis: settings, logger, wakeMs, onNews }: NodesOptions): Nodes {
  const redis = openRedis({ settings, part: 'live', ...(logger && { logger }) });
  const client = guarded(redis.connect('wait'), redis);
  const name = `${redis.prefix}:live`;
  io.adapter(createAdapter(client, { streamName: name, channelPrefix: name, sessionKeyPrefix: `${name}:session:` }));
  io.on(NEWS, onNews);
  client.on('ready', onNews);

  let telling: NodeJS.Timeout | undefined;
  const tell = (): void => {
    telling = undefined;
    // While Redis is away the words would pile up; the others look by themselves when it is back.
    if (client.status === 'ready') io.serverSideEmit(NEWS);
  };
  return {
    announce() {
      telling ??= setTimeout(tell, wakeMs);
    },
    close() {
      if (telling !== undefined) {
        clearTimeout(telling);
        tell();
      }
      redis.close();
    },
  };
}

/** The adapter leaves the failures of these commands to nobody, which would end the process, and reads again at once after each. */
function guarded(client: Redis, redis: RedisConnections): Redis {
  const failed = (error: unknown): number => {
    redis.report(error);
    return 0;
  };
  const publish = client.publish.bind(client);
  const duplicate = client.duplicate.bind(client);
  return Object.assign(client, {
    publish: (channel: string, message: Buffer) => publish(channel, message).catch(failed),
    duplicate: () => {
      const reader = duplicate();
      const subscribe = reader.subscribe.bind(reader);
      const call = reader.call.bind(reader);
      return Object.assign(reader, {
        subscribe: (channels: string[]) => subscribe(...channels).catch(failed),
        xread: (...words: (string | number)[]) =>
          call('XREAD', words).catch(async (error: unknown) => {
            failed(error);
            if (reader.status !== 'end') await pause(AGAIN_MS, undefined, { ref: false });
            throw error;
          }),
      });
    },
  });
}
