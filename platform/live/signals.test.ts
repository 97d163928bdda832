import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startRedis, type RedisServer } from '../../deploy/testbed/redis.ts';
import { available } from '../../deploy/testbed/servers.ts';
import type { State } from '../state/index.ts';
import { openTestState } from '../state/testing.ts';
import { createSignals, signalsModule, type Signals, type SignalsOptions } from './index.ts';

const found = await available('redis');
const why = found.ok ? '' : ` (${found.why})`;
/** A look at the numbers that does not come within a test. */
const NEVER_MS = 3_600_000;
const PATIENCE = { timeout: 20_000, interval: 5 };

let state: State;
const opened: Signals[] = [];
beforeEach(async () => {
  state = await openTestState({ modules: [signalsModule] });
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((signals) => signals.close()));
  await state.close();
});

function node(options: Partial<SignalsOptions> = {}): Signals {
  const signals = createSignals({ state, pollMs: NEVER_MS, ...options });
  opened.push(signals);
  return signals;
}

/** How often a topic was called, without the call that comes with subscribing. */
async function counting(signals: Signals, topic: string): Promise<() => number> {
  const listener = vi.fn();
  signals.subscribe(topic, listener);
  await vi.waitFor(() => expect(listener).toHaveBeenCalledOnce(), PATIENCE);
  return () => listener.mock.calls.length - 1;
}

describe('signals', () => {
  it('call who subscribed to the topic, and nobody else', async () => {
    const signals = node();
    const [rules, tokens] = [await counting(signals, 'rules'), await counting(signals, 'tokens')];
    await signals.publish('rules');
    await vi.waitFor(() => expect(rules()).toBe(1), PATIENCE);
    await signals.publish('tokens');
    await vi.waitFor(() => expect(tokens()).toBe(1), PATIENCE);
    expect(rules()).toBe(1);
  });

  it('of a transaction come after its commit, and not after a rollback', async () => {
    const signals = node();
    const rules = await counting(signals, 'rules');
    const undone = state.transaction('system', async (trx) => {
      await signals.bump(trx, 'rules');
      throw new Error('changed my mind');
    });
    await expect(undone).rejects.toThrow('changed my mind');
    await state.transaction('system', async (trx) => {
      await signals.bump(trx, 'rules');
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 1));
      expect(rules()).toBe(0);
    });
    await vi.waitFor(() => expect(rules()).toBe(1), PATIENCE);
  });

  it('end with their subscription', async () => {
    const signals = node();
    const listener = vi.fn();
    const stop = signals.subscribe('rules', listener);
    const rules = await counting(signals, 'rules');
    stop();
    await signals.publish('rules');
    await vi.waitFor(() => expect(rules()).toBe(1), PATIENCE);
    expect(listener).toHaveBeenCalledOnce();
  });

  it('call a listener once at a time, and again for what came meanwhile', async () => {
    const signals = node();
    let [running, most, seen] = [0, 0, 0];
    let stored = 0;
    signals.subscribe('rules', async () => {
      running += 1;
      most = Math.max(most, running);
      const now = stored;
      await new Promise((resolve) => setTimeout(resolve, 5));
      seen = now;
      running -= 1;
    });
    for (let i = 1; i <= 20; i++) {
      await state.transaction('system', async (trx) => {
        await signals.bump(trx, 'rules');
        stored = i;
      });
    }
    await vi.waitFor(() => expect(seen).toBe(20), PATIENCE);
    expect(most).toBe(1);
  });

  it('call again a listener that failed, and it does not stand in the way of others', async () => {
    const said: string[] = [];
    const say = (...words: unknown[]): void => void said.push(String(words.at(-1)));
    const signals = node({ pollMs: 10, logger: { info: say, warn: say, error: say } });
    let broken = true;
    const listener = vi.fn(() => {
      if (broken) throw new Error('the rules cannot be read');
    });
    signals.subscribe('rules', listener);
    const others = await counting(signals, 'rules');
    await signals.publish('rules');
    await vi.waitFor(() => expect(others()).toBe(1), PATIENCE);
    await vi.waitFor(() => expect(said.length).toBeGreaterThan(1), PATIENCE);
    broken = false;
    await vi.waitFor(() => expect(listener.mock.results.at(-1)?.type).toBe('return'), PATIENCE);
  });

  it('reach other nodes by the look at the numbers when there is no Redis', async () => {
    const [here, there] = [node(), node({ pollMs: 10 })];
    const rules = await counting(there, 'rules');
    await here.publish('rules');
    await vi.waitFor(() => expect(rules()).toBe(1), PATIENCE);
  });
});

describe.skipIf(!found.ok)(`signals through Redis${why}`, () => {
  let server: RedisServer;
  beforeEach(async () => {
    server = await startRedis();
  });
  afterEach(() => server.stop());

  it('are heard on other nodes without looking, again after Redis was killed, and what was said meanwhile too', async () => {
    const redis = { url: server.url };
    const [here, there] = [node({ redis }), node({ redis })];
    const rules = await counting(there, 'rules');
    const heard = async (): Promise<void> => {
      const before = rules();
      await vi.waitFor(async () => {
        await here.publish('rules');
        await vi.waitFor(() => expect(rules()).toBeGreaterThan(before), { timeout: 200, interval: 5 });
      }, PATIENCE);
    };
    await heard();
    await server.kill();
    const before = rules();
    await here.publish('rules');
    await server.restart();
    await vi.waitFor(() => expect(rules()).toBe(before + 1), PATIENCE);
    await heard();
  });

  it('come by the look at the numbers while Redis is away', async () => {
    const redis = { url: server.url };
    const [here, there] = [node({ redis }), node({ redis, pollMs: 10 })];
    const rules = await counting(there, 'rules');
    await server.kill();
    await here.publish('rules');
    await vi.waitFor(() => expect(rules()).toBe(1), PATIENCE);
  });
});
