/**
 * Brings one socket from its cursor to the newest change, in sequence order, one acknowledged batch at a time. Being told of news
 * only wakes it; what it sends it reads from the table: no gap, no repetition, and a slow client costs one cursor.
 */
import type { Scope } from '../identity/scope.ts';
import type { Changes } from './changes.ts';
import type { Change } from './contract.ts';

export interface PumpClient {
  /** Resolves when the client has the batch; rejects when it does not say so in time. */
  send(changes: readonly Change[]): Promise<void>;
  caughtUp(cursor: number): void;
  /** The cursor is older than what is kept: the client reloads its lists and goes on from `cursor`. */
  resync(cursor: number): void;
  /** The client does not answer: it is let go, and comes back with its cursor. */
  drop(): void;
  readonly scope: Scope;
}

export interface PumpLimits {
  readonly batchRows: number;
  readonly batchBytes: number;
}

export interface Pump {
  /** Starts, or starts again, from the cursor; null: from now. */
  follow(cursor: number | null): void;
  wake(): void;
  stop(): void;
}

export function createPump(client: PumpClient, changes: Changes, limits: PumpLimits): Pump {
  let cursor: number | undefined;
  let begun: number | null | undefined;
  let told = false;
  let stopped = false;
  let running = false;
  let again = false;

  const ended = (): boolean => stopped;

  function restart(from: number | null, newest: number): void {
    told = false;
    cursor = from ?? newest;
  }

  async function step(): Promise<boolean> {
    if (begun !== undefined) {
      const from = begun;
      begun = undefined;
      restart(from, await changes.refresh());
    }
    if (cursor === undefined) return false;
    const page = await changes.after(client.scope, cursor, limits.batchRows);
    // Asked after reading, so that nothing can have been pruned unseen in between.
    if (await changes.lost(cursor)) {
      restart(null, changes.newest());
      client.resync(cursor);
      return true;
    }
    const batch = withinBytes(page.changes, limits.batchBytes);
    if (batch.length > 0) await client.send(batch);
    // While the batch was under way the client may have asked to begin elsewhere.
    if (begun !== undefined) return true;
    cursor = batch.length < page.changes.length ? (batch.at(-1)?.sequence ?? cursor) : page.upTo;
    if (cursor < changes.newest()) return true;
    if (!told) client.caughtUp(cursor);
    told = true;
    return false;
  }

  async function run(): Promise<void> {
    running = true;
    try {
      for (again = true; again && !ended();) {
        again = false;
        while (!ended() && (await step()));
      }
    } catch {
      if (!stopped) client.drop();
      stopped = true;
    } finally {
      running = false;
    }
  }

  const wake = (): void => {
    if (stopped) return;
    again = true;
    if (!running) void run();
  };
  return {
    follow(from) {
      begun = from;
      wake();
    },
    wake,
    stop() {
      stopped = true;
    },
  };
}

/** The first changes that fit; at least one. */
function withinBytes(changes: readonly Change[], limit: number): readonly Change[] {
  let bytes = 0;
  const end = changes.findIndex((change, index) => {
    bytes += JSON.stringify(change.body).length;
    return bytes > limit && index > 0;
  });
  return end < 0 ? changes : changes.slice(0, end);
}
