import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { every, Lifecycle } from './index.ts';

function logger() {
  return { error: vi.fn(), warn: vi.fn(), debug: vi.fn() };
}

describe('a life', () => {
  it('stops what was started in reverse order, one after the other', async () => {
    const life = new Lifecycle();
    const order: string[] = [];
    for (const name of ['lock', 'log', 'http'])
      life.onStop(name, async () => {
        order.push(`${name} begins`);
        await sleep(1);
        order.push(`${name} ends`);
      });
    await life.stop(logger());
    expect(order).toEqual(['http begins', 'http ends', 'log begins', 'log ends', 'lock begins', 'lock ends']);
  });

  it('logs a part that fails to stop, and stops the others', async () => {
    const life = new Lifecycle();
    const log = logger();
    const first = vi.fn();
    life.onStop('first', first);
    life.onStop('throws', () => {
      throw new Error('now');
    });
    life.onStop('rejects', async () => await Promise.reject(new Error('later')));
    await life.stop(log);
    expect(first).toHaveBeenCalledOnce();
    expect(log.error.mock.calls.map(([details]) => (details as { part: string }).part)).toEqual(['rejects', 'throws']);
  });

  it('stops once, however often it is asked; every caller waits for the end', async () => {
    const life = new Lifecycle();
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = vi.fn(async () => await promise);
    life.onStop('part', stop);
    let ended = 0;
    const asked = [life.stop(logger()), life.stop(logger())].map(async (stopping) => {
      await stopping;
      ended++;
    });
    await sleep(5);
    expect(ended).toBe(0);
    resolve();
    await Promise.all(asked);
    expect(stop).toHaveBeenCalledOnce();
  });
});

describe('repeated work', () => {
  it('never runs twice at once, and the next turn comes after it ended', async () => {
    let [running, most, turns] = [0, 0, 0];
    const stop = every(
      1,
      async () => {
        most = Math.max(most, ++running);
        await sleep(10);
        running--;
        turns++;
      },
      logger(),
    );
    await vi.waitFor(() => expect(turns).toBeGreaterThanOrEqual(3));
    await stop();
    expect(most).toBe(1);
  });

  it('goes on after a failure, which is logged', async () => {
    const log = logger();
    let turns = 0;
    const stop = every(1, async () => await (++turns === 1 ? Promise.reject(new Error('once')) : Promise.resolve()), log);
    await vi.waitFor(() => expect(turns).toBeGreaterThanOrEqual(3));
    await stop();
    expect(log.error).toHaveBeenCalledOnce();
  });

  it('stops after the turn in hand, and no other follows', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let turns = 0;
    const stop = every(
      1,
      async () => {
        turns++;
        await promise;
      },
      logger(),
    );
    await vi.waitFor(() => expect(turns).toBe(1));
    let stopped = false;
    const stopping = Promise.resolve(stop()).then(() => (stopped = true));
    await sleep(5);
    expect(stopped).toBe(false);
    resolve();
    await stopping;
    await sleep(10);
    expect(turns).toBe(1);
  });
});
