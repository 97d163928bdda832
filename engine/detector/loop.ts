/**
 * The detector's loop: reads its partitions of `events` in turn, matches, appends the signals **together with the offset** (one
 * atomic append), so a crash between the two cannot happen. Rules change between batches, never inside one.
 */
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '@vong/platform/clock';
import { hasCode, VongError } from '@vong/platform/errors';
import type { AppendRequest, Log, LogRecord, OffsetCommit, ReadResult } from '@vong/platform/log';
import type { StageLatencies } from '@vong/platform/metrics';
import { detect, type Matcher } from './detect.ts';
import type { DetectorStats } from './messages.ts';

export const DETECTOR_GROUP = 'detector';
const READ = { maxRecords: 1000, maxBytes: 8 * 1024 * 1024 };
const IDLE_MS = 500;
const RETRY_MS = 1000;

export interface LoopOptions {
  readonly log: Log;
  readonly partitions: readonly number[];
  readonly stages: StageLatencies;
  /** Called before the first batch that these rules look at: none that is begun later sees others. */
  readonly onUse?: (matcher: Matcher) => void;
}

export class DetectorLoop {
  readonly #log: Log;
  readonly #partitions: readonly number[];
  readonly #stages: StageLatencies;
  readonly #abort = new AbortController();
  readonly #ready = Promise.withResolvers<void>();
  readonly #onUse: (matcher: Matcher) => void;
  #matcher: Matcher | undefined;
  #used: Matcher | undefined;
  #totals = emptyTotals();

  constructor(options: LoopOptions) {
    this.#onUse = options.onUse ?? (() => undefined);
    this.#log = options.log;
    this.#partitions = options.partitions;
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
    const committed = await this.#log.committed(DETECTOR_GROUP, 'events');
    const next = new Map(this.#partitions.map((partition) => [partition, committed.get(partition) ?? 0]));
    while (!signal.aborted && this.#matcher !== undefined) {
      const matcher = this.#matcher;
      if (matcher !== this.#used) {
        this.#used = matcher;
        this.#onUse(matcher);
      }
      const worked = await this.#round(matcher, next);
      if (!worked) await this.#log.waitForData({ topic: 'events', next, timeoutMs: IDLE_MS, signal });
      // Messages (new rules, stop) come between two rounds, also when there is always more to read.
      else await nextTurn();
    }
  }

  takeStats(): DetectorStats {
    const { matches, ...rest } = this.#totals;
    this.#totals = emptyTotals();
    const costs = this.#used?.takeCosts?.() ?? { events: 0, rules: [] };
    return { ...rest, matches: [...matches.values()], costs, stages: this.#stages.takeDelta() };
  }

  /** One pass over the partitions; what it found and how far it read are one append, so that a round costs one transaction. */
  async #round(matcher: Matcher, offsets: Map<number, number>): Promise<boolean> {
    const signals: LogRecord[] = [];
    const commits: OffsetCommit[] = [];
    for (const partition of this.#partitions) {
      if (this.#abort.signal.aborted) break;
      const offset = offsets.get(partition) ?? 0;
      const { records, nextOffset } = await this.#read(partition, offset);
      if (nextOffset === offset) continue;
      const started = performance.now();
      const found = detect(records, { matcher, now: () => systemClock.now(), stages: this.#stages });
      this.#count(records.length, found, performance.now() - started);
      for (const signal of found.signals) signals.push(signal);
      commits.push({ group: DETECTOR_GROUP, topic: 'events', partition, offset: nextOffset });
    }
    if (commits.length === 0) return false;
    await this.#store({ batches: signals.length > 0 ? [{ topic: 'signals', records: signals }] : [], commits });
    for (const { partition, offset } of commits) offsets.set(partition, offset);
    return true;
  }

  /** Waits while the disk is full: what was found stays in hand, and nothing is read meanwhile. Gives up only when stopped. */
  async #store(request: AppendRequest): Promise<void> {
    for (;;) {
      try {
        return void (await this.#log.append(request));
      } catch (error) {
        if (this.#abort.signal.aborted || !(hasCode(error, 'LOG_FULL') || hasCode(error, 'LOG_BUSY'))) throw error;
        await pause(RETRY_MS, undefined, { signal: this.#abort.signal }).catch(() => undefined);
      }
    }
  }

  /** A damaged batch is passed over and counted: stopping there would stop detection after it. */
  async #read(partition: number, offset: number): Promise<ReadResult> {
    try {
      return await this.#log.read({ topic: 'events', partition, offset, ...READ });
    } catch (error) {
      const next = error instanceof VongError && error.code === 'LOG_CORRUPT' ? error.details['nextOffset'] : undefined;
      if (typeof next !== 'number' || next <= offset) throw error;
      this.#totals.unreadable += next - offset;
      return { records: [], nextOffset: next };
    }
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

function emptyTotals() {
  return { events: 0, signals: 0, unreadable: 0, busyMs: 0, matches: new Map<string, [rule: string, agency: string, matches: number]>() };
}
