/**
 * The live connection. Remembers (for this tab, in sessionStorage) the sequence of the last change it has handled; on every connection
 * it asks for what came after it, so being offline for any time loses nothing. Changes are handed on in batches, in order, once each.
 */
import type { Change, ChangeKind } from '@vong/platform/live';

export type LiveState =
  | { readonly word: 'live' }
  | { readonly word: 'catching-up'; readonly received: number }
  | { readonly word: 'offline'; readonly since: number };

/** The part of a socket.io client this needs; tests bring their own. */
export interface LiveSocket {
  on(event: string, listener: (...values: never[]) => void): unknown;
  emit(event: string, ...values: unknown[]): unknown;
  close(): unknown;
}

/** Where the cursor is kept: `sessionStorage` in the browser. */
export interface CursorStore {
  get(): string | null;
  set(cursor: string): void;
}

export interface LiveOptions {
  readonly socket: LiveSocket;
  readonly cursor: CursorStore;
  readonly now: () => number;
}

type Batch = (changes: readonly Change[]) => void;

export interface LiveClient {
  readonly state: () => LiveState;
  readonly onState: (listener: () => void) => () => void;
  /** Changes of one kind, in order. Returns the way to stop listening. */
  readonly onChanges: (kind: ChangeKind, listener: Batch) => () => void;
  /** Called when it cannot be said what was missed: everything on the screen must be read again. */
  readonly onResync: (listener: () => void) => () => void;
  /** Called when the person's session has ended at the server. */
  readonly onEnded: (listener: () => void) => () => void;
  /** These alerts are on the screen now: the fifth time stamp. Each id is sent once. */
  readonly shown: (ids: readonly string[]) => void;
  readonly close: () => void;
}

const MAX_SHOWN = 500;
/** The server takes ten messages a second from one console. */
const SHOWN_EVERY_MS = 250;

function readCursor(store: CursorStore): number | null {
  const kept = store.get();
  return kept !== null && /^\d{1,15}$/.test(kept) ? Number(kept) : null;
}

export function createLiveClient({ socket, cursor: store, now }: LiveOptions): LiveClient {
  let cursor = readCursor(store);
  let state: LiveState = { word: 'offline', since: now() };
  const stateListeners = new Set<() => void>();
  const resyncListeners = new Set<() => void>();
  const endedListeners = new Set<() => void>();
  const resync = (): void => {
    for (const listener of resyncListeners) listener();
  };
  const listeners = new Map<ChangeKind, Set<Batch>>();
  const seen = new Set<string>();

  const become = (next: LiveState): void => {
    state = next;
    for (const listener of stateListeners) listener();
  };
  const keep = (sequence: number): void => {
    if (cursor !== null && sequence <= cursor) return;
    cursor = sequence;
    store.set(String(sequence));
  };
  const take = (changes: readonly Change[]): void => {
    // A page may repeat what is known already (sent again after a broken connection): once is enough.
    const known = cursor;
    const fresh = changes.filter((change) => known === null || change.sequence > known);
    for (const [kind, batch] of Map.groupBy(fresh, (change) => change.kind)) {
      for (const listener of listeners.get(kind) ?? []) listener(batch);
    }
    const newest = changes.at(-1);
    if (newest) keep(newest.sequence);
  };

  const unsaid: string[] = [];
  let said = -Infinity;
  let saying: ReturnType<typeof setTimeout> | undefined;
  const say = (): void => {
    saying = undefined;
    said = now();
    socket.emit('shown', { ids: unsaid.splice(0, MAX_SHOWN), at: said });
    if (unsaid.length > 0) saying = setTimeout(say, SHOWN_EVERY_MS);
  };

  socket.on('session-ended', () => {
    for (const listener of endedListeners) listener();
  });
  socket.on('connect', () => {
    become({ word: 'catching-up', received: 0 });
    socket.emit('follow', { cursor });
  });
  socket.on('disconnect', () => {
    if (state.word !== 'offline') become({ word: 'offline', since: now() });
  });
  socket.on('changes', (changes: readonly Change[], acknowledge?: () => void) => {
    take(changes);
    if (state.word === 'catching-up') become({ word: 'catching-up', received: state.received + changes.length });
    acknowledge?.();
  });
  socket.on('caught-up', (at: { cursor: number }) => {
    // Without a cursor the server began "from now": what was read before that moment may have missed something.
    if (cursor === null) resync();
    keep(at.cursor);
    become({ word: 'live' });
  });
  socket.on('resync', (at?: { cursor?: number }) => {
    cursor = at?.cursor ?? null;
    store.set(cursor === null ? '' : String(cursor));
    resync();
  });

  return {
    state: () => state,
    onState: (listener) => {
      stateListeners.add(listener);
      return () => stateListeners.delete(listener);
    },
    onChanges: (kind, listener) => {
      const set = listeners.get(kind) ?? new Set();
      listeners.set(kind, set.add(listener));
      return () => set.delete(listener);
    },
    onResync: (listener) => {
      resyncListeners.add(listener);
      return () => resyncListeners.delete(listener);
    },
    shown: (ids) => {
      for (const id of ids) {
        if (seen.has(id)) continue;
        seen.add(id);
        unsaid.push(id);
      }
      if (unsaid.length > 0) saying ??= setTimeout(say, now() - said >= SHOWN_EVERY_MS ? 0 : SHOWN_EVERY_MS);
    },
    onEnded: (listener) => {
      endedListeners.add(listener);
      return () => endedListeners.delete(listener);
    },
    close: () => {
      clearTimeout(saying);
      socket.close();
    },
  };
}
