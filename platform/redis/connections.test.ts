import { once } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startRedis, type RedisServer } from '../../deploy/testbed/redis.ts';
import { available } from '../../deploy/testbed/servers.ts';
import { openRedis, type RedisConnections, type RedisSettings } from './index.ts';

const found = await available('redis');
const why = found.ok ? '' : ` (${found.why})`;
const PATIENCE = { timeout: 20_000, interval: 5 };

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

function open(settings: RedisSettings): { redis: RedisConnections; said: string[] } {
  const said: string[] = [];
  const say = (...words: unknown[]): void => void said.push(String(words.at(-1)));
  const redis = openRedis({ settings, part: 'test', logger: { info: say, warn: say, error: say } });
  cleanups.push(() => redis.close());
  return { redis, said };
}

async function start(options?: Parameters<typeof startRedis>[0]): Promise<RedisServer> {
  const server = await startRedis(options);
  cleanups.push(() => server.stop());
  return server;
}

describe('an address of Redis', () => {
  it.each([
    ['cache:6379', /redis:\/\//],
    ['http://cache:6379', /begins with http:/],
    ['redis://', /no host|no URL/],
    ['redis://cache/first', /no number/],
  ])('%s is refused with the reason', (url, reason) => {
    expect(() => openRedis({ settings: { url }, part: 'test' })).toThrow(reason);
  });

  it('with certificates but without TLS is refused', () => {
    expect(() => openRedis({ settings: { url: 'redis://cache', ca: 'PEM' }, part: 'test' })).toThrow(/not rediss/);
  });
});

describe.skipIf(!found.ok)(`connections to Redis${why}`, () => {
  it('use the password, wherever it is given, and the database', async () => {
    const server = await start({ password: 'mật/khẩu' });
    const inUrl = open({ url: `${server.url.replace('//', `//:${encodeURIComponent('mật/khẩu')}@`)}/3` });
    await inUrl.redis.connect('wait').set('key', 'three');
    const beside = open({ url: `${server.url}/3`, password: 'mật/khẩu' });
    expect(await beside.redis.connect('wait').get('key')).toBe('three');
    expect(await server.command('GET', 'key')).toBe('$-1');
  });

  it('with a wrong password say so once, and end nothing', async () => {
    const server = await start({ password: 'right' });
    const { redis, said } = open({ url: server.url, password: 'wrong' });
    const client = redis.connect('fail');
    await vi.waitFor(() => expect(said).toHaveLength(1), PATIENCE);
    let tries = 0;
    client.on('reconnecting', () => (tries += 1));
    await vi.waitFor(() => expect(tries).toBeGreaterThan(2), PATIENCE);
    await expect(client.get('key')).rejects.toThrow(/WRONGPASS|NOAUTH|writeable|closed/);
    expect(said).toEqual([expect.stringMatching(/cannot be reached/)]);
  });

  it('over TLS trust the given certificate, and no other', async () => {
    const server = await start({ tls: true });
    const trusting = open({ url: server.url, ...(server.ca !== undefined && { ca: server.ca }) });
    expect(await trusting.redis.connect('wait').ping()).toBe('PONG');
    const { redis, said } = open({ url: server.url });
    const client = redis.connect('fail');
    await vi.waitFor(() => expect(said).toHaveLength(1), PATIENCE);
    expect(client.status).not.toBe('ready');
  });

  it('come back by themselves; an outage of many is told once when it begins and once when it is over', async () => {
    const server = await start();
    const { redis, said } = open({ url: server.url });
    const clients = [redis.connect('wait'), redis.connect('fail'), redis.connect('wait').duplicate()];
    const ready = () => vi.waitFor(() => expect(clients.map((client) => client.status)).toEqual(['ready', 'ready', 'ready']), PATIENCE);
    for (let i = 1; i <= 2; i++) {
      await ready();
      await server.kill();
      await vi.waitFor(() => expect(clients.map((client) => client.status)).not.toContain('ready'), PATIENCE);
      await expect(clients[1]!.get('key')).rejects.toThrow(/writeable|closed|max retries/);
      const waiting = clients[0]!.get('key');
      await server.restart();
      expect(await waiting).toBeNull();
      await vi.waitFor(() => expect(said).toHaveLength(2 * i), PATIENCE);
    }
    expect(said.map((line) => /back/.test(line))).toEqual([false, true, false, true]);
  });

  it('that were closed try no more', async () => {
    const server = await start();
    const { redis, said } = open({ url: server.url });
    const client = redis.connect('wait');
    await client.ping();
    redis.close();
    await once(client, 'end');
    await expect(client.ping()).rejects.toThrow(/closed/);
    expect(said).toEqual([]);
  });

  it('report what Redis refuses once a minute, and not what is only the outage', async () => {
    const server = await start();
    const { redis, said } = open({ url: server.url });
    for (let i = 0; i < 3; i++) redis.report(new Error('OOM command not allowed'));
    redis.report(new Error('connect ECONNREFUSED'));
    expect(said).toHaveLength(1);
  });
});
