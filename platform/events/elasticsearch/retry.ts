/** Waiting longer after each failure that may pass. */
import { setTimeout as pause } from 'node:timers/promises';
import { eventsError } from '../errors.ts';
import { ElasticFailure } from './client.ts';

const FIRST_MS = 100;
const LONGEST_MS = 10_000;

/** Counts the failures of one undertaking. */
export class Patience {
  private readonly until: number;
  private tries = 0;

  constructor(patienceMs: number) {
    this.until = performance.now() + patienceMs;
  }

  /**
   * Waits before the next try, half of the time by chance, so that many do not come back at once.
   * @throws EVENTS_STORE_UNAVAILABLE when it has lasted too long
   */
  async wait(reason: string): Promise<void> {
    const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.tries++);
    const ms = most / 2 + (Math.random() * most) / 2;
    if (performance.now() + ms > this.until) throw eventsError('EVENTS_STORE_UNAVAILABLE', { reason });
    await pause(ms);
  }
}

/** Does it again while it fails in a way that may pass. What is done must change nothing when done twice. */
export async function persistently<Result>(patienceMs: number, body: () => Promise<Result>): Promise<Result> {
  const patience = new Patience(patienceMs);
  for (;;) {
    try {
      return await body();
    } catch (error) {
      if (!(error instanceof ElasticFailure)) throw error;
      if (!error.passing) throw eventsError('EVENTS_STORE_FAILED', { reason: error.message });
      await patience.wait(error.message);
    }
  }
}
