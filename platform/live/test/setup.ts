import { pino } from 'pino';
import { io, type Socket } from 'socket.io-client';
import { afterEach, vi } from 'vitest';
import { createHttpServer, type HttpServer } from '../../http/index.ts';
import type { Scope } from '../../identity/scope.ts';
import { openWorld, type World } from '../../identity/test/setup.ts';
import type { RedisSettings } from '../../redis/index.ts';
import type { State } from '../../state/index.ts';
import { createLive, liveModule, type Change, type ChangeTables, type Live, type LiveLimits, type Signals } from '../index.ts';

export interface Running {
  readonly state: State;
  readonly app: HttpServer;
  readonly live: Live;
  readonly url: string;
}

let redis: RedisSettings | undefined;
/** Run after each test, the last first. */
export const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** Given to every server from now on. */
export function useRedis(settings: RedisSettings | undefined): void {
  redis = settings;
}

export async function run(
  world: Pick<World, 'state' | 'identity' | 'clock'>,
  more: {
    limits?: Partial<LiveLimits>;
    onShown?: (ids: readonly string[], at: number, scope: Scope) => void;
    signals?: Signals;
  } = {},
): Promise<Running> {
  const { state, identity, clock } = world;
  const app = createHttpServer({ identity, clock, logger: pino({ level: 'silent' }) });
  const { limits, ...rest } = more;
  const live = createLive({
    state,
    http: app,
    identity,
    clock,
    ...(redis && { redis }),
    limits: { checkMs: 50, wakeMs: 1, ...limits },
    ...rest,
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  cleanups.push(async () => {
    await live.close();
    await app.close();
  });
  return { state, app, live, url };
}

export async function openLiveWorld(path?: string): Promise<World> {
  const world = await openWorld({ modules: [liveModule], ...(path === undefined ? {} : { path }) });
  cleanups.push(() => world.state.close());
  return world;
}

/** A console as the interface page describes it: keeps its cursor, drops what it knows, acknowledges. */
export class Console {
  readonly socket: Socket;
  readonly received: Change[] = [];
  readonly batches: number[] = [];
  readonly resyncs: number[] = [];
  caughtUp = 0;
  ended = 0;
  cursor: number | null;
  mute = false;

  constructor(url: string, cookie: string, options: { cursor?: number | null; headers?: Record<string, string> } = {}) {
    this.cursor = options.cursor ?? null;
    this.socket = io(url, {
      path: '/live',
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      extraHeaders: { cookie, ...options.headers },
    });
    this.socket.on('connect', () => this.socket.emit('follow', { cursor: this.cursor }));
    this.socket.on('changes', (batch: Change[], acknowledge: () => void) => {
      this.batches.push(batch.length);
      for (const change of batch) {
        if (this.cursor !== null && change.sequence <= this.cursor) continue;
        this.received.push(change);
        this.cursor = change.sequence;
      }
      if (!this.mute) acknowledge();
    });
    this.socket.on('caught-up', ({ cursor }: { cursor: number }) => {
      this.caughtUp += 1;
      this.cursor = cursor;
    });
    this.socket.on('resync', ({ cursor }: { cursor: number }) => {
      this.resyncs.push(cursor);
      this.cursor = cursor;
    });
    this.socket.on('session-ended', () => (this.ended += 1));
    cleanups.push(() => this.socket.disconnect());
  }

  until(condition: (console: this) => boolean): Promise<void> {
    return vi.waitUntil(() => condition(this), { timeout: 10_000, interval: 5 }).then(() => undefined);
  }
}

export let made = 0;
export async function change({ state, live }: Pick<Running, 'state' | 'live'>, count: number, agency = 'vn'): Promise<void> {
  await state.transaction<ChangeTables, void>('system', async (trx) => {
    for (let i = 0; i < count; i++) {
      made += 1;
      await live.record(trx, { kind: 'alert', agency, key: `k${made}`, body: { made }, at: Date.UTC(2026, 10, 22) });
    }
  });
  live.announce();
}

export const rising = (changes: readonly Change[]) => changes.every((item, i) => i === 0 || item.sequence > changes[i - 1]!.sequence);
export const root = (world: World) => `vong_session=${world.rootSecret}`;
