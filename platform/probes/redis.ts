import { Redis } from 'ioredis';
import type { RedisConfig } from '../config/index.ts';
import { within } from './reason.ts';

export interface RedisFacts {
  readonly version: string;
  readonly role: string;
  readonly appendOnly: boolean;
  readonly lastWriteOk: boolean;
  /** Undefined where the server does not tell. */
  readonly evictionPolicy: string | undefined;
  /** Bytes; `most` 0: no limit. */
  readonly memory: { readonly used: number; readonly most: number };
  /** The server's clock less ours, ms. */
  readonly clockMs: number;
}

export async function probeRedis(config: RedisConfig, limitMs: number): Promise<RedisFacts> {
  const { hostname, port, username, pathname } = new URL(config.url);
  const client = new Redis({
    host: hostname.replaceAll(/[[\]]/g, ''),
    port: Number(port || 6379),
    db: Number(pathname.slice(1) || 0),
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(config.password === undefined ? {} : { password: config.password }),
    ...(config.tls === undefined ? {} : { tls: config.tls.ca === undefined ? {} : { ca: config.tls.ca } }),
    connectTimeout: limitMs,
    commandTimeout: limitMs,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    lazyConnect: true,
    retryStrategy: () => null,
  });
  let failure: unknown;
  client.on('error', (error) => (failure = error));
  try {
    return await within(limitMs, ask(client));
  } catch (error) {
    // "Connection is closed." says less than what closed it.
    throw failure ?? error;
  } finally {
    client.disconnect();
  }
}

async function ask(client: Redis): Promise<RedisFacts> {
  await client.connect();
  const begun = Date.now();
  const [seconds, micros] = await client.time();
  const middle = (begun + Date.now()) / 2;
  const info = new Map(
    (await client.info())
      .split('\r\n')
      .filter((line) => line.includes(':'))
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)] as const),
  );
  return {
    version: info.get('redis_version') ?? '',
    role: info.get('role') ?? '',
    appendOnly: info.get('aof_enabled') === '1',
    lastWriteOk: info.get('aof_last_write_status') !== 'err' && info.get('rdb_last_bgsave_status') !== 'err',
    evictionPolicy: info.get('maxmemory_policy'),
    memory: { used: Number(info.get('used_memory') ?? 0), most: Number(info.get('maxmemory') ?? 0) },
    clockMs: Math.round(Number(seconds) * 1000 + Number(micros) / 1000 - middle),
  };
}
