/**
 * Connections to Redis for one part of the product. They come back by themselves for as long as it takes; an outage is one line in
 * the log when it begins and one when it is over, and never an error nobody caught.
 */
import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from '../logger/index.ts';
import { redisError } from './errors.ts';

export type { Redis };

export interface RedisSettings {
  /** `redis://` or `rediss://` (TLS), host, port (6379), `/database` (0); `user:password@` unless given below. */
  readonly url: string;
  readonly password?: string;
  /** Certificates (PEM) of who signed the server's; the system's own by default. Only with `rediss://`. */
  readonly ca?: string;
  /** What this installation's keys begin with, default `vong`: two installations may share a Redis. */
  readonly prefix?: string;
}

export interface RedisConnections {
  /** `{vong}`: in braces, so that a Redis cluster keeps all keys of an installation on one node, as scripts over them need. */
  readonly prefix: string;
  /**
   * Another connection. A command given while Redis is away waits for it (`wait`), or fails at once, and after 5 s without an
   * answer (`fail`).
   */
  connect(commands: 'wait' | 'fail'): Redis;
  /** An error that someone else's code caught: logged unless it is only the outage. */
  report(error: unknown): void;
  /** Cuts them all, at once. */
  close(): void;
}

export interface RedisOwner {
  readonly settings: RedisSettings;
  /** Whose connections they are, for the log. */
  readonly part: string;
  readonly logger?: Pick<Logger, 'info' | 'warn' | 'error'>;
}

const LONGEST_PAUSE_MS = 1000;
const ANSWER_MS = 5000;
/** A connection that owes an answer so long is given up; longer than any command waits for news. */
const SILENCE_MS = 30_000;
const LISTENERS = 1000;
const SAME_ERROR_MS = 60_000;
const CONNECTION_ERROR =
  /ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|Connection is closed|max retries|offline|isn't writeable|Socket timeout/i;

export function openRedis(owner: RedisOwner): RedisConnections {
  const { settings, part, logger } = owner;
  const options = optionsOf(settings);
  const all = new Set<Redis>();
  /** The connections that are away; the outage is over when the last of them is back. */
  const away = new Set<Redis>();
  const reported = new Map<string, number>();
  let closed = false;

  const isAway = (client: Redis, reason: string): void => {
    if (closed) return;
    if (away.size === 0) logger?.warn({ reason }, `${part}: Redis cannot be reached; it is tried until it can`);
    away.add(client);
  };
  const isBack = (client: Redis): void => {
    if (away.delete(client) && away.size === 0 && !closed) logger?.info(`${part}: Redis is back`);
  };
  const keep = (client: Redis): Redis => {
    all.add(client);
    // Every queue and worker over a connection listens to it.
    client.setMaxListeners(LISTENERS);
    client.on('error', (error: Error) => isAway(client, error.message));
    // Not at `close`: it also comes when a connection is given up on purpose, as a worker does that stops.
    client.on('reconnecting', () => isAway(client, 'the connection was lost'));
    client.on('ready', () => isBack(client));
    client.on('end', () => {
      all.delete(client);
      away.delete(client);
    });
    const duplicate = client.duplicate.bind(client);
    client.duplicate = (override?: Partial<RedisOptions>) => keep(duplicate(override));
    return client;
  };

  return {
    prefix: `{${settings.prefix ?? 'vong'}}`,
    connect: (commands) => keep(new Redis({ ...options, ...(commands === 'fail' ? FAILING : WAITING) })),
    report(error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (closed || CONNECTION_ERROR.test(reason)) return;
      const now = performance.now();
      if (now - (reported.get(reason) ?? -Infinity) < SAME_ERROR_MS) return;
      if (reported.size > 100) reported.clear();
      reported.set(reason, now);
      logger?.error({ reason }, `${part}: Redis did not do what it was asked`);
    },
    close() {
      closed = true;
      for (const client of all) client.disconnect();
    },
  };
}

const WAITING = { maxRetriesPerRequest: null };
const FAILING = { maxRetriesPerRequest: 0, enableOfflineQueue: false, commandTimeout: ANSWER_MS };

function optionsOf({ url, password, ca }: RedisSettings) {
  const address = URL.parse(url);
  if (address === null) throw redisError('REDIS_ADDRESS', { reason: 'it is no URL like redis://host:6379' });
  const { protocol, hostname, port, pathname, username } = address;
  const tls = protocol === 'rediss:';
  if (!tls && protocol !== 'redis:')
    throw redisError('REDIS_ADDRESS', { reason: `it begins with ${protocol}//, not redis:// or rediss://` });
  if (hostname === '') throw redisError('REDIS_ADDRESS', { reason: 'it names no host' });
  if (ca !== undefined && !tls) throw redisError('REDIS_ADDRESS', { reason: 'certificates are given, but it is not rediss://' });
  const db = pathname.length > 1 ? Number(pathname.slice(1)) : 0;
  if (!Number.isInteger(db)) throw redisError('REDIS_ADDRESS', { reason: `${pathname} is no number of a database` });
  const secret = password ?? (address.password === '' ? undefined : decodeURIComponent(address.password));
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? 6379 : Number(port),
    db,
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(secret === undefined ? {} : { password: secret }),
    ...(tls ? { tls: ca === undefined ? {} : { ca } } : {}),
    connectTimeout: ANSWER_MS,
    keepAlive: 10_000,
    socketTimeout: SILENCE_MS,
    retryStrategy: (times: number) => Math.min(times * 50, LONGEST_PAUSE_MS),
  };
}
