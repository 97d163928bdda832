import { pino } from 'pino';
import { io, type Socket } from 'socket.io-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startRedis, type RedisServer } from '../../../deploy/testbed/redis.ts';
import { available } from '../../../deploy/testbed/servers.ts';
import { createHttpServer } from '../../http/index.ts';
import { addPerson, openWorld, plantTree, type World } from '../../identity/test/setup.ts';
import { createLive, liveModule, type Change, type ChangeTables, type Live } from '../index.ts';

const found = await available('redis');
const why = found.ok ? '' : ` (${found.why})`;
/** A look at the table that does not come within a test: what is seen was told by the other node. */
const NEVER_MS = 3_600_000;
const PATIENCE = { timeout: 20_000, interval: 5 };

interface Node {
  readonly live: Live;
  readonly url: string;
  readonly said: string[];
}

/** A browser: comes back by itself with its cursor, drops what it knows. */
class Browser {
  readonly socket: Socket;
  readonly received: Change[] = [];
  readonly errors: Error[] = [];
  cursor: number | null = null;
  ended = false;

  constructor(url: string, cookie: string, transports: string[] = ['websocket', 'polling']) {
    const extraHeaders = { cookie };
    this.socket = io(url, { path: '/live', transports, forceNew: true, reconnectionDelay: 20, reconnectionDelayMax: 50, extraHeaders });
    this.socket.on('connect', () => this.socket.emit('follow', { cursor: this.cursor }));
    this.socket.on('connect_error', (error) => this.errors.push(error));
    this.socket.on('caught-up', ({ cursor }: { cursor: number }) => (this.cursor = cursor));
    this.socket.on('session-ended', () => (this.ended = true));
    this.socket.on('changes', (batch: Change[], acknowledge: () => void) => {
      for (const change of batch) {
        if (this.cursor !== null && change.sequence <= this.cursor) continue;
        this.received.push(change);
        this.cursor = change.sequence;
      }
      acknowledge();
    });
  }

  get keys(): string[] {
    return this.received.map((change) => change.key);
  }
}

describe.skipIf(!found.ok)(`consoles on several nodes${why}`, () => {
  let server: RedisServer;
  let world: World;
  let made: number;
  const cleanups: (() => unknown)[] = [];
  beforeEach(async () => {
    server = await startRedis();
    world = await openWorld({ modules: [liveModule] });
    made = 0;
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
    await world.state.close();
    await server.stop();
  });

  async function node(checkMs: number): Promise<Node> {
    const { state, identity, clock } = world;
    const said: string[] = [];
    const http = createHttpServer({ identity, clock, logger: pino({ level: 'silent' }) });
    const logger = pino({ level: 'info' }, { write: (line) => void said.push((JSON.parse(line) as { msg: string }).msg) });
    const limits = { checkMs, wakeMs: 1 };
    const live = createLive({ state, http, identity, clock, limits, logger, redis: { url: server.url } });
    const url = await http.listen({ host: '127.0.0.1', port: 0 });
    cleanups.push(async () => {
      await live.close();
      await http.close();
    });
    return { live, url, said };
  }

  async function open(url: string, cookie = `vong_session=${world.rootSecret}`): Promise<Browser> {
    const browser = new Browser(url, cookie);
    cleanups.push(() => browser.socket.disconnect());
    await vi.waitFor(() => expect(browser.cursor).not.toBeNull(), PATIENCE);
    return browser;
  }

  async function change({ live }: Node, agency = 'vn'): Promise<string> {
    made += 1;
    const key = `k${made}`;
    const body = { made };
    await world.state.transaction<ChangeTables, void>('system', (trx) => live.record(trx, { kind: 'alert', agency, key, body, at: 0 }));
    live.announce();
    return key;
  }

  it('are told at once of what was done on another node, without looking', async () => {
    const [a, b] = [await node(NEVER_MS), await node(NEVER_MS)];
    const [onA, onB] = [await open(a.url), await open(b.url)];
    // The first word waits until both nodes are connected to Redis.
    await vi.waitFor(async () => {
      await change(b);
      expect(onA.received).not.toEqual([]);
    }, PATIENCE);
    for (const from of [a, b, b, a]) {
      const key = await change(from);
      await vi.waitFor(() => expect([onA.keys.at(-1), onB.keys.at(-1)]).toEqual([key, key]), PATIENCE);
    }
  });

  it('miss nothing and get nothing twice while Redis is killed and comes back, and are not cut', async () => {
    const [a, b] = [await node(100), await node(100)];
    const [onA, onB] = [await open(a.url), await open(b.url)];
    const keys: string[] = [];
    const some = async (): Promise<void> => {
      for (const from of [a, b, a, b, b]) keys.push(await change(from));
      await vi.waitFor(() => expect([onA.keys, onB.keys]).toEqual([keys, keys]), PATIENCE);
    };
    await some();
    await server.kill();
    await some();
    await server.wipe();
    await server.restart();
    await some();
    for (const { said } of [a, b]) {
      await vi.waitFor(() => expect(said).toEqual([expect.stringMatching(/cannot be reached/), 'live: Redis is back']), PATIENCE);
    }
    expect([onA.errors, onB.errors]).toEqual([[], []]);
  });

  it('are told again when Redis is back, also of what was done without it', async () => {
    const [a, b] = [await node(NEVER_MS), await node(NEVER_MS)];
    const onA = await open(a.url);
    await server.kill();
    const during = await change(b);
    await server.restart();
    await vi.waitFor(() => expect(onA.keys).toContain(during), PATIENCE);
    await vi.waitFor(async () => {
      const key = await change(b);
      await vi.waitFor(() => expect(onA.keys).toContain(key), { timeout: 900, interval: 2 });
    }, PATIENCE);
    expect(new Set(onA.keys).size).toBe(onA.keys.length);
  });

  it('come back by themselves, to whichever node is there, with their cursor', async () => {
    const [a, b] = [await node(100), await node(100)];
    const onA = await open(a.url);
    await change(b);
    await vi.waitFor(() => expect(onA.keys).toEqual(['k1']), PATIENCE);
    await a.live.close();
    await change(b);
    const elsewhere = new Browser(b.url, `vong_session=${world.rootSecret}`);
    cleanups.push(() => elsewhere.socket.disconnect());
    elsewhere.cursor = onA.cursor;
    await vi.waitFor(() => expect(elsewhere.keys).toEqual(['k2']), PATIENCE);
  });

  it('are not cut when another node closes', async () => {
    const [a, b] = [await node(100), await node(100)];
    const onB = await open(b.url);
    let cut = 0;
    onB.socket.on('disconnect', () => (cut += 1));
    await a.live.close();
    await change(b);
    await vi.waitFor(() => expect(onB.keys).toEqual(['k1']), PATIENCE);
    expect(cut).toBe(0);
  });

  it('see only what is their agency’s, wherever it was done; and are cut on every node when the session ends', async () => {
    await plantTree(world);
    const [a, b] = [await node(100), await node(100)];
    const person = await addPerson(world, { name: 'lan', role: 'analyst', agency: 'byt' });
    const [onA, onB] = [await open(a.url, person.cookie), await open(b.url, person.cookie)];
    await change(a, 'bca');
    const own = await change(b, 'byt');
    await vi.waitFor(() => expect([onA.keys, onB.keys]).toEqual([[own], [own]]), PATIENCE);
    await world.identity.users.change({ scope: world.root }, person.id, { disabled: true });
    await vi.waitFor(() => expect([onA.ended, onB.ended]).toEqual([true, true]), PATIENCE);
  });

  it('are offered WebSockets only: long polling would need the balancer to send each back to its node', async () => {
    const { url } = await node(100);
    const polling = new Browser(url, `vong_session=${world.rootSecret}`, ['polling']);
    cleanups.push(() => polling.socket.disconnect());
    await vi.waitFor(() => expect(polling.errors).not.toEqual([]), PATIENCE);
    expect(polling.socket.connected).toBe(false);
  });
});
