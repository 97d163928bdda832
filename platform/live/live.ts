import { Server, type DefaultEventsMap } from 'socket.io';
import type { Clock } from '../clock/index.ts';
import { crossSite, sessionSecret, type HttpServer } from '../http/index.ts';
import { AGENCIES_SIGNAL, SESSIONS_SIGNAL, type Identity } from '../identity/index.ts';
import { identityError } from '../identity/errors.ts';
import type { Scope } from '../identity/scope.ts';
import type { Logger } from '../logger/index.ts';
import type { RedisSettings } from '../redis/index.ts';
import type { State } from '../state/contract.ts';
import { createChanges } from './changes.ts';
import type { Live } from './contract.ts';
import { liveError } from './errors.ts';
import type { Signals } from './signals.ts';
import { attach, type Admitted, type Follower, type LiveSocket } from './follower.ts';

export interface LiveOptions {
  readonly state: State;
  readonly http: HttpServer;
  readonly identity: Identity;
  readonly clock: Clock;
  readonly logger?: Logger;
  /** A person's console has these alerts on the screen; `at` is the console's clock, milliseconds since the epoch. */
  readonly onShown?: (ids: readonly string[], at: number, scope: Scope) => void;
  readonly limits?: Partial<LiveLimits>;
  /** Given where several nodes push over one state: they tell each other of changes. Sockets must then be WebSockets. */
  readonly redis?: RedisSettings;
  /** Words of sessions that ended and of a tree that changed, anywhere; without them both are seen at the next check. */
  readonly signals?: Pick<Signals, 'subscribe'>;
}

export interface LiveLimits {
  readonly keepMs: number;
  readonly keepRows: number;
  readonly tailRows: number;
  readonly batchRows: number;
  readonly batchBytes: number;
  /** A client that does not acknowledge a batch for so long is disconnected. */
  readonly acknowledgeMs: number;
  /** Sockets are woken at most once in this time. */
  readonly wakeMs: number;
  /** How often sessions, and changes written by other processes, are looked at. */
  readonly checkMs: number;
  readonly pruneMs: number;
  readonly socketsPerPerson: number;
}

const ROWS_PER_STATEMENT = 500;

const LIMITS: LiveLimits = {
  keepMs: 7 * 86_400_000,
  keepRows: 1_000_000,
  tailRows: 10_000,
  batchRows: 500,
  batchBytes: 1024 * 1024,
  acknowledgeMs: 30_000,
  wakeMs: 25,
  checkMs: 2_000,
  pruneMs: 10 * 60_000,
  socketsPerPerson: 30,
};

/** Starts pushing to browsers on the HTTP server, at `/live`. */
export function createLive(options: LiveOptions): Live {
  const { state, http, identity, logger, redis } = options;
  const limits = { ...LIMITS, ...options.limits };
  const changes = createChanges({ state, clock: options.clock, ...limits });
  const followers = new Map<string, Follower>();
  const io = openSockets(http, redis !== undefined);
  const failed = (error: unknown): void => logger?.error({ error: String(error) }, 'live: reading changes failed');

  let waking: NodeJS.Timeout | undefined;
  const wake = (): void => {
    waking = undefined;
    if (followers.size === 0) return;
    const before = changes.newest();
    const wakeAll = async (): Promise<void> => {
      if ((await changes.refresh()) > before) for (const follower of followers.values()) follower.pump.wake();
    };
    wakeAll().catch(failed);
  };
  const look = (): void => {
    waking ??= setTimeout(wake, limits.wakeMs);
  };
  const { wakeMs } = limits;
  // Its packages are loaded only where they are used.
  const nodes = redis && import('./nodes.ts').then((it) => it.joinNodes(io, { redis, wakeMs, onNews: look, ...(logger && { logger }) }));
  const checkAll = (): Promise<void> => checkSessions(followers, identity).catch(failed);
  const check = setInterval(() => {
    void checkAll();
    look();
  }, limits.checkMs);
  const deaf = [SESSIONS_SIGNAL, AGENCIES_SIGNAL].map((topic) => options.signals?.subscribe(topic, checkAll));
  const pruning = setInterval(() => void changes.prune().catch(failed), limits.pruneMs);

  io.use((socket, next) => {
    // oxlint-disable-next-line promise/no-callback-in-promise -- socket.io's middleware takes a callback
    admit(socket, { identity, followers, limits }).then(next, next);
  });
  io.on('connection', (socket) => attach(socket, { changes, limits, followers, onShown: options.onShown }));

  return {
    record: recordChanges,
    announce() {
      look();
      void nodes?.then((others) => others.announce());
    },
    async close() {
      clearInterval(check);
      clearInterval(pruning);
      for (const stop of deaf) stop?.();
      clearTimeout(waking);
      for (const follower of followers.values()) follower.pump.stop();
      // Not `io.disconnectSockets`, which would cut those of the other nodes too.
      for (const socket of io.sockets.sockets.values()) socket.disconnect(true);
      // The HTTP server is the caller's: only the sockets' engine is closed here.
      io.engine.close();
      const others = await nodes;
      await io.of('/').adapter.close();
      others?.close();
    },
  };
}

type LiveServer = Server<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, Admitted>;

function openSockets(http: HttpServer, manyNodes: boolean): LiveServer {
  const io: LiveServer = new Server(http.server, {
    path: '/live',
    serveClient: false,
    // A session of long polling lives on one node, and the next request may come to another.
    ...(manyNodes && { transports: ['websocket'] as const }),
    connectTimeout: 10_000,
    pingInterval: 20_000,
    pingTimeout: 20_000,
    maxHttpBufferSize: 64 * 1024,
    allowRequest: (request, decide) => {
      const refused = crossSite(request.headers, http.publicOrigin);
      decide(refused ? 'cross-site' : null, !refused);
    },
  });
  io.engine.on('headers', (headers: Record<string, string>) => {
    headers['x-content-type-options'] = 'nosniff';
    headers['cache-control'] = 'no-store';
  });
  return io;
}

async function admit(
  socket: LiveSocket,
  { identity, followers, limits }: { identity: Identity; followers: ReadonlyMap<string, Follower>; limits: LiveLimits },
): Promise<Error | undefined> {
  const secret = sessionSecret(socket.handshake.headers.cookie);
  const found = secret === undefined ? undefined : await identity.authenticateSession(secret);
  if (!found) return forClient(identityError('IDENTITY_SIGN_IN_NEEDED'));
  const { id } = found.session.user;
  const open = [...followers.values()].filter((follower) => follower.scope.actor.id === id).length;
  if (open >= limits.socketsPerPerson) return forClient(liveError('LIVE_TOO_MANY'));
  // Set once, before `attach` reads it.
  socket.data = { scope: found.scope, sessionId: found.session.id } satisfies Admitted;
  return undefined;
}

/** `connect_error` at the client carries `data`. */
function forClient(error: Error & { code: string }): Error {
  return Object.assign(new Error(error.message), { data: { code: error.code } });
}

/** Lets go of sockets whose session ended; gives the others their scope as it is now. */
async function checkSessions(followers: ReadonlyMap<string, Follower>, identity: Identity): Promise<void> {
  const checked = [...followers.values()];
  const alive = await identity.sessions.alive([...new Set(checked.map((follower) => follower.sessionId))]);
  for (const follower of checked) {
    const user = alive.get(follower.sessionId);
    if (user) follower.scope = await identity.scopeOf(user);
    else follower.end();
  }
}

async function recordChanges(...[trx, given]: Parameters<Live['record']>): Promise<void> {
  const changes = 'kind' in given ? [given] : given;
  const rows = changes.map(({ kind, agency, key, at, body }) => ({ kind, agency, key, at, body: JSON.stringify(body ?? null) }));
  for (let from = 0; from < rows.length; from += ROWS_PER_STATEMENT)
    await trx
      .insertInto('changes')
      .values(rows.slice(from, from + ROWS_PER_STATEMENT))
      .execute();
}
