import { fastify } from 'fastify';
import { describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../clock/index.ts';
import { errorMaker } from '../errors/index.ts';
import { openServer, openWorld } from '../identity/test/setup.ts';
import { walkRoutes } from '../http/testing.ts';
import { Health, healthApi, type HealthCheck } from './index.ts';

function serving(checks: Record<string, HealthCheck['check']>, options: { limitMs?: number } = {}) {
  const clock = new ManualClock(1_000_000);
  const logger = { warn: vi.fn(), info: vi.fn() };
  const health = new Health({ clock, logger, ...options });
  for (const [name, check] of Object.entries(checks)) health.register({ name, check });
  health.serving();
  return { clock, logger, health };
}

const works = async (): Promise<void> => undefined;
const hangs = async (): Promise<void> => await new Promise(() => undefined);
const refused = async (): Promise<never> => await Promise.reject(new Error('password of vong@10.0.0.7 refused'));

describe('a process', () => {
  it('is not ready before it serves, and never again once it drains', async () => {
    const health = new Health({ clock: new ManualClock(0), logger: { warn: vi.fn(), info: vi.fn() } });
    expect(await health.ready()).toEqual({ ready: false, reasons: [{ name: 'process', reason: 'starting' }] });
    health.serving();
    expect(await health.ready()).toEqual({ ready: true, reasons: [] });
    health.draining();
    health.serving();
    expect(await health.ready()).toEqual({ ready: false, reasons: [{ name: 'process', reason: 'draining' }] });
  });

  it('that begins to drain while it is asked is not ready', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { health } = serving({ slow: () => promise });
    const asked = health.ready();
    health.draining();
    resolve();
    expect((await asked).ready).toBe(false);
  });

  it('names every check that fails, with texts that are safe to show', async () => {
    const makeError = errorMaker({ LOG_AWAY: { status: 503, message: 'kafka1:9092 is away' } });
    const { health, logger } = serving({
      works,
      away: async () => await Promise.reject(makeError('LOG_AWAY')),
      says: async () => 'lag of\n9 minutes',
      refused,
      throws: () => {
        throw new Error('10.0.0.7');
      },
    });
    const { ready, reasons } = await health.ready();
    expect(ready).toBe(false);
    expect(reasons).toEqual([
      { name: 'away', reason: 'failed: LOG_AWAY' },
      { name: 'says', reason: 'lag of 9 minutes' },
      { name: 'refused', reason: 'failed; the log of the server says why' },
      { name: 'throws', reason: 'failed; the log of the server says why' },
    ]);
    expect(logger.warn).toHaveBeenCalledWith(expect.objectContaining({ check: 'throws', error: '10.0.0.7' }), expect.anything());
  });
});

describe('a check', () => {
  it('that hangs is given up, and not begun again while it hangs', async () => {
    const check = vi.fn(hangs);
    const { health, clock } = serving({ check }, { limitMs: 5 });
    expect((await health.ready()).reasons).toEqual([{ name: 'check', reason: 'no answer within 5 ms' }]);
    clock.advance(1000);
    expect((await health.ready()).ready).toBe(false);
    expect(check).toHaveBeenCalledOnce();
  });

  it('is asked once a second, however many ask', async () => {
    const check = vi.fn(works);
    const { health, clock } = serving({ check });
    await Promise.all(Array.from({ length: 500 }, () => health.ready()));
    clock.advance(999);
    await health.ready();
    expect(check).toHaveBeenCalledOnce();
    clock.advance(1);
    await health.ready();
    expect(check).toHaveBeenCalledTimes(2);
    clock.advance(-5000);
    await health.ready();
    expect(check).toHaveBeenCalledTimes(3);
  });

  it('that fails is in the log when it begins and when it ends', async () => {
    let fails = true;
    const { health, clock, logger } = serving({ turns: async () => (fails ? 'away' : undefined) });
    for (const next of [true, true, false, false]) {
      fails = next;
      expect((await health.ready()).ready).toBe(!next);
      clock.advance(1000);
    }
    expect([logger.warn.mock.calls.length, logger.info.mock.calls.length]).toEqual([1, 1]);
  });

  it('can be replaced and taken away, each by its own', async () => {
    const { health, clock } = serving({});
    const first = health.register({ name: 'a', check: refused });
    const second = health.register({ name: 'a', check: works });
    first();
    expect((await health.ready()).ready).toBe(true);
    health.register({ name: 'b', check: refused })();
    second();
    clock.advance(1000);
    expect((await health.ready()).ready).toBe(true);
  });
});

describe('the routes', () => {
  it('tell anyone whether the process lives and can work', async () => {
    const world = await openWorld();
    const app = await openServer(world);
    let reason: string | undefined = 'no leader';
    const { health, clock } = serving({ kafka: async () => reason });
    await app.register(healthApi({ health }));
    const open = (await walkRoutes(app)).filter(({ url }) => url.endsWith('z')).map(({ url, access }) => `${url} ${String(access)}`);
    expect(open).toEqual(['/healthz anyone', '/readyz anyone']);
    expect((await app.inject('/healthz')).json()).toEqual({ status: 'live' });
    const away = await app.inject('/readyz');
    expect([away.statusCode, away.json()]).toEqual([503, { status: 'not ready', reasons: [{ name: 'kafka', reason: 'no leader' }] }]);
    expect((await app.inject('/healthz')).statusCode).toBe(200);
    reason = undefined;
    clock.advance(1000);
    const back = await app.inject('/readyz');
    expect([back.statusCode, back.json(), back.headers['cache-control']]).toEqual([200, { status: 'ready', reasons: [] }, 'no-store']);
    await app.close();
    await world.state.close();
  });

  it('need no server of ours around them', async () => {
    const app = fastify();
    const { health } = serving({});
    await app.register(healthApi({ health }));
    expect((await app.inject('/readyz')).statusCode).toBe(200);
    await app.close();
  });
});
