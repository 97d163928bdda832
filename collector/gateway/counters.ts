/** What an agent does right now, kept in memory: events of the last minute by second, lag of the last minute's batches. */
const SECONDS = 60;
const LAG_WINDOW_MS = 60_000;
const MAX_LAGS = 240;

export interface Totals {
  received: number;
  deadLettered: number;
  duplicates: number;
}

export class AgentCounters {
  readonly totals: Totals;
  lastSequence: number;
  lastSeenAt: number | undefined;
  /** Something changed since the last flush. */
  dirty = false;
  announcedAt = 0;
  readonly #counts = new Uint32Array(SECONDS);
  readonly #stamps = new Float64Array(SECONDS).fill(-1);
  #lags: { at: number; lagMs: number }[] = [];

  constructor(stored: Totals & { lastSequence: number; lastSeenAt: number | undefined }) {
    this.totals = { received: stored.received, deadLettered: stored.deadLettered, duplicates: stored.duplicates };
    this.lastSequence = stored.lastSequence;
    this.lastSeenAt = stored.lastSeenAt;
  }

  seen(now: number): void {
    this.lastSeenAt = now;
    this.dirty = true;
  }

  batch(now: number, stored: { sequence: number; duplicate: boolean; accepted: number; deadLettered: number; lagMs?: number }): void {
    this.seen(now);
    if (stored.duplicate) this.totals.duplicates++;
    this.lastSequence = Math.max(this.lastSequence, stored.sequence);
    this.totals.received += stored.accepted;
    this.totals.deadLettered += stored.deadLettered;
    this.#count(now, stored.accepted);
    if (stored.lagMs === undefined) return;
    this.#lags.push({ at: now, lagMs: stored.lagMs });
    if (this.#lags.length > MAX_LAGS) this.#lags.shift();
  }

  /** Mean over the last ten whole seconds. */
  eventsPerSecond(now: number, seconds = 10): number {
    const second = Math.floor(now / 1000);
    let sum = 0;
    for (let back = 0; back < seconds; back++) {
      const slot = (second - back) % SECONDS;
      if (this.#stamps[slot] === second - back) sum += this.#counts[slot] ?? 0;
    }
    return Math.round((sum / seconds) * 10) / 10;
  }

  /** Median of received − happened over the batches of the last minute. */
  lagMs(now: number): number | undefined {
    this.#lags = this.#lags.filter(({ at }) => now - at <= LAG_WINDOW_MS);
    const sorted = this.#lags.map(({ lagMs }) => lagMs).sort((a, b) => a - b);
    return sorted[sorted.length >> 1];
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
