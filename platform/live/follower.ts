import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { DefaultEventsMap, Socket } from 'socket.io';
import type { Scope } from '../identity/scope.ts';
import type { Changes } from './changes.ts';
import { liveError } from './errors.ts';
import { createPump, type Pump, type PumpLimits } from './pump.ts';

/** One connected console. */
export interface Follower {
  readonly sessionId: string;
  /** Refreshed while connected: agencies and roles change. */
  scope: Scope;
  readonly pump: Pump;
  /** Tells the client that its session ended, and disconnects it. */
  end(): void;
}

/** What a socket carries from its admission. */
export interface Admitted {
  readonly scope: Scope;
  readonly sessionId: string;
}

export interface FollowerOptions {
  readonly changes: Changes;
  readonly limits: PumpLimits & { readonly acknowledgeMs: number };
  readonly followers: Map<string, Follower>;
  readonly onShown: ((ids: readonly string[], at: number, scope: Scope) => void) | undefined;
}

const Follow = Compile(Type.Object({ cursor: Type.Union([Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }), Type.Null()]) }));
const Shown = Compile(
  Type.Object({
    ids: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: 500 }),
    at: Type.Number({ minimum: 0, maximum: 8.64e15 }),
  }),
);
const MESSAGES_PER_MINUTE = 600;

export type LiveSocket = Socket<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, Admitted>;

export function attach(socket: LiveSocket, { changes, limits, followers, onShown }: FollowerOptions): void {
  const { scope, sessionId } = socket.data;
  const follower: Follower = {
    sessionId,
    scope,
    pump: createPump(
      {
        get scope() {
          return follower.scope;
        },
        send: async (batch) => {
          await socket.timeout(limits.acknowledgeMs).emitWithAck('changes', batch);
        },
        caughtUp: (cursor) => socket.emit('caught-up', { cursor }),
        resync: (cursor) => socket.emit('resync', { cursor }),
        drop: () => socket.disconnect(true),
      },
      changes,
      limits,
    ),
    end() {
      socket.emit('session-ended');
      socket.disconnect(true);
    },
  };
  followers.set(socket.id, follower);
  socket.on('disconnect', () => {
    follower.pump.stop();
    followers.delete(socket.id);
  });
  listen(socket, follower, onShown);
}

function listen(socket: LiveSocket, follower: Follower, onShown: FollowerOptions['onShown']): void {
  const allowed = perMinute();
  const refuse = (event: string, problem: string): void => {
    const { code, message } = liveError('LIVE_INVALID', { event, problem });
    socket.emit('refused', { code, message });
  };
  socket.on('follow', (message: unknown) => {
    if (!allowed()) socket.disconnect(true);
    else if (Follow.Check(message)) follower.pump.follow(message.cursor);
    else refuse('follow', 'it needs {cursor: a sequence or null}');
  });
  socket.on('shown', (message: unknown) => {
    if (!allowed()) socket.disconnect(true);
    else if (Shown.Check(message)) onShown?.(message.ids, message.at, follower.scope);
    else refuse('shown', 'it needs {ids: at most 500, at: milliseconds}');
  });
}

/** A budget of messages that refills with time. Elapsed time, not the time of day: no clock to be set. */
function perMinute(): () => boolean {
  let left = MESSAGES_PER_MINUTE;
  let last = performance.now();
  return () => {
    const now = performance.now();
    left = Math.min(MESSAGES_PER_MINUTE, left + ((now - last) / 60_000) * MESSAGES_PER_MINUTE);
    last = now;
    left -= 1;
    return left >= 0;
  };
}
