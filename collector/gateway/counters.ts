/** What an agent does at this gateway right now, kept in memory: events of the last minute by second, lag of the last minute's batches. */
const SECONDS = 60;
export const LAG_WINDOW_MS = 60_000;
const MAX_LAGS = 240;

export interface Totals {
  readonly received: number;
  readonly deadLettered: number;
  readonly duplicates: number;
}

/** What the state has of an agent. */
export interface Known extends Totals {
  readonly lastSequence: number;
  readonly lastSeenAt: number | undefined;
}

/** Milliseconds between happened and received, and when the last batch that says so came. */
export interface Lag {
  readonly ms: number;
  readonly at: number;
}

export const NOTHING: Totals = { received: 0, deadLettered: 0, duplicates: 0 };

export class AgentCounters {
  lastSequence: number;
  lastSeenAt: number | undefined;
  /** Something changed since the last `take`. */
  dirty = false;
  announcedAt = 0;
  /** The rate that was last left in the state for others. */
  toldRate = 0;
  #totals: Totals;
  #pending = NOTHING;
  readonly #counts = new Uint32Array(SECONDS);
  readonly #stamps = new Float64Array(SECONDS).fill(-1);
  #lags: Lag[] = [];

  constructor(known: Known) {
    this.#totals = totalsOf(known);
    this.lastSequence = known.lastSequence;
    this.lastSeenAt = known.lastSeenAt;
  }

  /** What the state had when it was last written, and what was counted here since. */
  get totals(): Totals {
    return this.#totals;
  }

  seen(now: number): void {
    this.lastSeenAt = now;
    this.dirty = true;
  }

  batch(now: number, stored: { sequence: number; duplicate: boolean; accepted: number; deadLettered: number; lagMs?: number }): void {
    this.seen(now);
    const counted = { received: stored.accepted, deadLettered: stored.deadLettered, duplicates: stored.duplicate ? 1 : 0 };
    this.#pending = sum(this.#pending, counted);
    this.#totals = sum(this.#totals, counted);
    this.lastSequence = Math.max(this.lastSequence, stored.sequence);
    this.#count(now, stored.accepted);
    if (stored.lagMs === undefined) return;
    this.#lags.push({ at: now, ms: stored.lagMs });
    if (this.#lags.length > MAX_LAGS) this.#lags.shift();
  }

  /** What was counted here since the last call, for the caller to add to the state. */
  take(): Totals {
    const taken = this.#pending;
    this.#pending = NOTHING;
    this.dirty = false;
    return taken;
  }

  /** What was taken is stored, and the state, where others count too, is now at `known`. */
  stored(known: Known): void {
    this.#totals = sum(totalsOf(known), this.#pending);
    this.lastSequence = Math.max(this.lastSequence, known.lastSequence);
    this.lastSeenAt = Math.max(this.lastSeenAt ?? 0, known.lastSeenAt ?? 0) || undefined;
  }

  /** Mean over the last ten whole seconds. */
  eventsPerSecond(now: number, seconds = 10): number {
    const second = Math.floor(now / 1000);
    let events = 0;
    for (let back = 0; back < seconds; back++) {
      const slot = (second - back) % SECONDS;
      if (this.#stamps[slot] === second - back) events += this.#counts[slot] ?? 0;
    }
    return Math.round((events / seconds) * 10) / 10;
  }

  /** Median over the batches of the last minute. */
  lag(now: number): Lag | undefined {
    this.#lags = this.#lags.filter(({ at }) => now - at <= LAG_WINDOW_MS);
    const median = this.#lags.map(({ ms }) => ms).sort((a, b) => a - b)[this.#lags.length >> 1];
    const newest = this.#lags.at(-1);
    return median === undefined || newest === undefined ? undefined : { ms: median, at: newest.at };
  }

  #count(now: number, events: number): void {
    const second = Math.floor(now / 1000);
    const slot = second % SECONDS;
    if (this.#stamps[slot] !== second) {
      this.#stamps[slot] = second;
      this.#counts[slot] = 0;
    }
    this.#counts[slot] = (this.#counts[slot] ?? 0) + events;
  }
}

function totalsOf({ received, deadLettered, duplicates }: Totals): Totals {
  return { received, deadLettered, duplicates };
}

function sum(a: Totals, b: Totals): Totals {
  return {
    received: a.received + b.received,
    deadLettered: a.deadLettered + b.deadLettered,
    duplicates: a.duplicates + b.duplicates,
  };
}
