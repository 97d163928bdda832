/** The only source of time for code that is tested: pass a `Clock`, never call `Date.now()` in a service. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** A clock that stands still until moved; for tests. */
export class ManualClock implements Clock {
  #now: number;
  constructor(now: number) {
    this.#now = now;
  }
  now(): number {
    return this.#now;
  }
  advance(ms: number): void {
    this.#now += ms;
  }
}

/** ISO 8601 in UTC with milliseconds, as stored everywhere (`2026-11-22T03:50:37.120Z`). */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
