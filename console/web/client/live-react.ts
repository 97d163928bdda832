/** The live connection in components: one per page load, opened by the frame, shared through a context. */
import { createContext, useContext, useEffect, useRef, useSyncExternalStore } from 'react';
import { io } from 'socket.io-client';
import { sessionEnded } from './api.ts';
import type { Change, ChangeKind } from '@vong/platform/live';
import { createLiveClient, type CursorStore, type LiveClient, type LiveState } from './live.ts';

const AGAIN_MS = 1000;
const CURSOR_KEY = 'vong.live.cursor';

/** The cursor belongs to a person: another who signs in on this tab starts anew. */
function cursorOf(userId: string): CursorStore {
  const key = `${CURSOR_KEY}.${userId}`;
  return { get: () => sessionStorage.getItem(key), set: (cursor) => sessionStorage.setItem(key, cursor) };
}

export function connectLive(userId: string): LiveClient {
  const socket = io({ path: '/live', transports: ['websocket', 'polling'], reconnectionDelayMax: 5000, autoConnect: false });
  const client = createLiveClient({ socket, cursor: cursorOf(userId), now: () => Date.now() });
  // The library does not come back by itself when the server has let it go (too slow, or restarting): with the cursor nothing is lost.
  let over = false;
  client.onEnded(() => {
    over = true;
    sessionEnded();
  });
  socket.on('disconnect', (reason) => {
    if (reason === 'io server disconnect' && !over) setTimeout(() => !over && socket.connect(), AGAIN_MS);
  });
  socket.connect();
  return {
    ...client,
    close: () => {
      over = true;
      client.close();
    },
  };
}

export const LiveContext = createContext<LiveClient | undefined>(undefined);

export function useLive(): LiveClient | undefined {
  return useContext(LiveContext);
}

const BEFORE: LiveState = { word: 'catching-up', received: 0 };
const never = (): (() => void) => () => undefined;

export function useLiveState(): LiveState {
  const live = useLive();
  return useSyncExternalStore(live?.onState ?? never, live?.state ?? (() => BEFORE));
}

/** Calls `listener` with every batch of changes of this kind while the component is shown. */
export function useLiveChanges(kind: ChangeKind, listener: (changes: readonly Change[]) => void): void {
  const live = useLive();
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => live?.onChanges(kind, (changes) => latest.current(changes)), [live, kind]);
}
