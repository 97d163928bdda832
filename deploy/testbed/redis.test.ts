import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { startRedis } from './redis.ts';
import { available } from './servers.ts';

const redis = await available('redis');

describe.skipIf(!redis.ok)(`a Redis of the testbed${redis.ok ? '' : ` (${redis.why})`}`, () => {
  it('keeps what it was told through SIGKILL, and loses it when wiped', async () => {
    const server = await startRedis();
    expect(await server.command('SET', 'timer', 'armed')).toBe('+OK');
    await server.kill();
    await expect(server.command('PING')).rejects.toThrow('ECONNREFUSED');
    await server.restart();
    expect(await server.command('GET', 'timer')).toBe('$5\r\narmed');
    await server.wipe();
    await server.restart();
    expect(await server.command('GET', 'timer')).toBe('$-1');
    await server.stop();
  });

  it('lets in only who knows its password, when it has one', async () => {
    const server = await startRedis({ password: 'mật khẩu' });
    expect(await server.command('PING')).toBe('+PONG');
    const stranger = connect(server.port, '127.0.0.1').setEncoding('utf8');
    stranger.write('PING\r\n');
    expect((await once(stranger, 'data'))[0]).toMatch('-NOAUTH');
    stranger.destroy();
    await server.stop();
  });
});
