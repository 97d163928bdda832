/**
 * The detector's loop: reads its partitions of `events` in turn, matches, appends the signals **together with the offset** (one
 * append), so that the offset never steps over a signal. Rules change between batches, never inside one; partitions come and go
 * between rounds.
 */
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '@vong/platform/clock';
import { hasCode } from '@vong/platform/errors';
import { type AppendRequest, type GroupRequest, type Log, type LogRecord, type OffsetCommit, OwnedPartitions } from '@vong/platform/log';
import type { StageLatencies } from '@vong/platform/metrics';
import { detect, type Matcher } from './detect.ts';
import type { DetectorStats } from './messages.ts';

export const DETECTOR_GROUP = 'detector';
const READ = { maxRecords: 1000, maxBytes: 8 * 1024 * 1024 };
const IDLE_MS = 500;
const RETRY_MS = 1000;

export interface LoopOptions {
  readonly log: Log;
  /** Of several loops of one process: see `GroupRequest`. */
  readonly share?: GroupRequest['share'];
  readonly stages: StageLatencies;
  /** Called before the first batch that these rules look at: none that is begun later sees others. */
  readonly onUse?: (matcher: Matcher) => void;
}

export class DetectorLoop {
  readonly #log: Log;
  readonly #own: OwnedPartitions;
  readonly #stages: StageLatencies;
  readonly #abort = new AbortController();
  readonly #ready = Promise.withResolvers<void>();
  readonly #onUse: (matcher: Matcher) => void;
  #matcher: Matcher | undefined;
  #used: Matcher | undefined;
  #totals = emptyTotals();

  constructor(options: LoopOptions) {
    this.#onUse = options.onUse ?? (() => undefined);
    const { log, share } = options;
    this.#log = log;
    this.#own = new OwnedPartitions(log, {
      group: DETECTOR_GROUP,
      topic: 'events',
      ...(share === undefined ? {} : { share }),
      startAt: async () => await log.committed(DETECTOR_GROUP, 'events'),
    });
    this.#stages = options.stages;
  }

  /** The rules from the next batch on. Nothing is read before the first call. */
  use(matcher: Matcher): void {
    this.#matcher = matcher;
    this.#ready.resolve();
  }

  stop(): void {
    this.#abort.abort();
    this.#ready.resolve();
  }

  /** Runs until stopped; resolves after the batch in hand is stored. */
  async run(): Promise<void> {
    // Waiting for data would not wait while there is a backlog, and the thread would never hear of its rules.
    await this.#ready.promise;
    const { signal } = this.#abort;
    await this.#own.join();
    try {
      while (!signal.aborted && this.#matcher !== undefined) {
        const matcher = this.#matcher;
        if (matcher !== this.#used) {
          this.#used = matcher;
          this.#onUse(matcher);
        }
        const worked = await this.#own.work(async () => await this.#round(matcher)).catch(waitOut);
        if (worked === undefined) await this.#pause();
        else if (!worked) await this.#own.wait(IDLE_MS, signal);
        // Messages (new rules, stop) come between two rounds, also when there is always more to read.
        else await nextTurn();
      }
    } finally {
      await this.#own.leave();
    }
  }

  takeStats(): DetectorStats {
    const { matches, ...rest } = this.#totals;
    this.#totals = emptyTotals();
    const costs = this.#used?.takeCosts?.() ?? { events: 0, rules: [] };
    return { ...rest, matches: [...matches.values()], costs, stages: this.#stages.takeDelta() };
  }

  /** One pass over the partitions; what it found and how far it read are one append, so that a round costs one transaction. */
  async #round(matcher: Matcher): Promise<boolean> {
    const signals: LogRecord[] = [];
    const commits: OffsetCommit[] = [];
    for (const [partition, offset] of this.#own.next) {
      if (this.#abort.signal.aborted) break;
      const { records, nextOffset, damaged } = await this.#log.read({ topic: 'events', partition, offset, ...READ });
      if (nextOffset === offset) continue;
      // Passed over and counted: stopping there would stop detection after it.
      if (damaged !== undefined) this.#totals.unreadable += nextOffset - offset;
      const started = performance.now();
      const found = detect(records, { matcher, now: () => systemClock.now(), stages: this.#stages });
      this.#count(records.length, found, performance.now() - started);
      for (const signal of found.signals) signals.push(signal);
      commits.push({ group: DETECTOR_GROUP, topic: 'events', partition, offset: nextOffset });
    }
    if (commits.length === 0) return false;
    await this.#store({ batches: signals.length > 0 ? [{ topic: 'signals', records: signals }] : [], commits });
    for (const { partition, offset } of commits) this.#own.next.set(partition, offset);
    return true;
  }

  /** Waits while the disk is full or the log is away: what was found stays in hand, and nothing is read meanwhile. Gives up only when stopped. */
  async #store(request: AppendRequest): Promise<void> {
    for (;;) {
      try {
        return void (await this.#log.append(request));
      } catch (error) {
        if (this.#abort.signal.aborted || !passes(error)) throw error;
        await this.#pause();
      }
    }
  }

  async #pause(): Promise<void> {
    await pause(RETRY_MS, undefined, { signal: this.#abort.signal }).catch(() => undefined);
  }

  #count(events: number, found: ReturnType<typeof detect>, busyMs: number): void {
    const totals = this.#totals;
    totals.events += events;
    totals.signals += found.signals.length;
    totals.unreadable += found.unreadable;
    totals.busyMs += busyMs;
    for (const [rule, agency] of found.matches) {
      const key = `${rule}\0${agency}`;
      totals.matches.set(key, [rule, agency, (totals.matches.get(key)?.[2] ?? 0) + 1]);
    }
  }
}

/** What is over after a while, without anything being wrong here. */
function passes(error: unknown): boolean {
  return ['LOG_FULL', 'LOG_BUSY', 'LOG_UNAVAILABLE'].some((code) => hasCode(error, code));
}

function waitOut(error: unknown): undefined {
  if (!passes(error)) throw error;
}

function emptyTotals() {
  return { events: 0, signals: 0, unreadable: 0, busyMs: 0, matches: new Map<string, [rule: string, agency: string, matches: number]>() };
}
