/**
 * Turns signals into alerts. **Exactly once**: its place in the topic lives in the state and moves in the transaction that stores
 * the alerts, so being killed anywhere and starting again gives the same alerts as an undisturbed run.
 */
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '@vong/platform/clock';
import { hasCode, VongError } from '@vong/platform/errors';
import type { Registry } from '@vong/platform/metrics';
import type { Live } from '@vong/platform/live';
import { OwnedPartitions, type Log, type ReadResult } from '@vong/platform/log';
import type { Logger } from '@vong/platform/logger';
import type { State } from '@vong/platform/state';
import type { Signal } from '../contracts.ts';
import type { PipelineText, RuleText } from '../detector/index.ts';
import { BatchSize } from './batch-size.ts';
import type { CorrelatorStats } from 'sigma-rules-ts';
import { CorrelationFigures } from './correlation/figures.ts';
import { Correlations, describeAlerts } from './correlation/index.ts';
import type { WorkingAlert } from './join.ts';
import type { AlertTables } from './schema.ts';
import { readSignal } from './signal.ts';
import { ALERTER_GROUP, storeSignals } from './store-signals.ts';

const IDLE_MS = 1000;
const COMMIT_EVERY_MS = 1000;
const HOUR_MS = 3_600_000;

export interface AlerterOptions {
  readonly log: Log;
  readonly state: State;
  readonly live: Pick<Live, 'record' | 'announce'>;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Takes the stage `alert` (detected → alerted, milliseconds) of each new alert. */
  readonly metrics?: { record(stage: 'alert', agency: string, ms: number): void };
  /** Takes what correlations could not count or had to let go. */
  readonly registry?: Registry;
  /** An event joins an alert of its group when it is at most this far from the alert's first or last event; default one hour. */
  readonly windowMs?: number;
  /** Where the enabled correlations and the rules they refer to come from; without it none are evaluated. */
  readonly rulebook?: {
    correlated(): Promise<readonly RuleText[]>;
    /** Returns how to stop being told. */
    onChange(listener: () => void): () => void;
  };
  /** The administrator's processing pipelines, which change correlations as they change rules. */
  readonly processing?: {
    readonly texts: readonly PipelineText[];
    onChange(listener: () => void): () => void;
  };
}

export interface Alerter {
  start(): void;
  /** Resolves when the transaction at hand is stored. */
  stop(): Promise<void>;
  /** Signals not yet made into alerts. */
  lag(): Promise<number>;
  /** What correlations hold, and what they could not count or had to let go since the process began. */
  correlations(): readonly CorrelatorStats[];
}

export function createAlerter(options: AlerterOptions): Alerter {
  const loop = new AlerterLoop(options);
  return { start: () => loop.start(), stop: () => loop.stop(), lag: () => loop.lag(), correlations: () => loop.correlations() };
}

class AlerterLoop {
  readonly #options: AlerterOptions;
  readonly #abort = new AbortController();
  readonly #size = new BatchSize();
  readonly #own: OwnedPartitions;
  readonly #correlations: Correlations;
  readonly #figures: CorrelationFigures | undefined;
  #stopListening: (() => void)[] | undefined;
  #running: Promise<void> | undefined;
  #committedAt = -Infinity;
  #uncommitted = false;

  constructor(options: AlerterOptions) {
    this.#options = options;
    const { state, logger, rulebook, processing, registry } = options;
    this.#figures = registry === undefined ? undefined : new CorrelationFigures(registry);
    const texts = async () => (await rulebook?.correlated()) ?? [];
    this.#correlations = new Correlations({
      texts,
      logger,
      processing: () => processing?.texts ?? [],
      signal: this.#abort.signal,
      db: () => state.system<AlertTables>(),
      partitions: () => [...this.#own.next.keys()],
    });
    this.#own = new OwnedPartitions(options.log, {
      group: ALERTER_GROUP,
      topic: 'signals',
      startAt: async () => await this.#storedOffsets(),
      // What correlations hold of a partition is what its last reader stored.
      onTaken: () => this.#correlations.forget(),
    });
  }

  start(): void {
    const { rulebook, processing } = this.#options;
    this.#stopListening ??= [rulebook, processing].flatMap((source) => source?.onChange(() => this.#correlations.changed()) ?? []);
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    for (const stop of this.#stopListening ?? []) stop();
    await this.#running;
  }

  correlations(): readonly CorrelatorStats[] {
    return this.#correlations.stats();
  }

  async lag(): Promise<number> {
    const stored = await this.#storedOffsets();
    const partitions = await this.#options.log.partitions('signals');
    return partitions.reduce((sum, state) => sum + Math.max(0, state.endOffset - (stored.get(state.partition) ?? 0)), 0);
  }

  get #stopped(): boolean {
    return this.#abort.signal.aborted;
  }

  async #run(): Promise<void> {
    let joined = false;
    for (let failures = 0; !this.#stopped;) {
      try {
        if (!joined) await this.#own.join();
        else if (failures > 0) await this.#own.reload();
        joined = true;
        await this.#correlations.prepare();
        const worked = await this.#own.work(async () => await this.#round());
        failures = worked === undefined ? 1 : 0;
        if (worked === undefined) await this.#pause(failures);
        else if (!worked && !this.#stopped) await this.#idle();
      } catch (error) {
        if (this.#stopped && error === this.#abort.signal.reason) break;
        if (hasCode(error, 'LOG_CLOSED') || hasCode(error, 'STATE_CLOSED')) return;
        failures += 1;
        // What was pushed may not have been stored.
        this.#correlations.forget();
        this.#options.logger.error({ err: plain(error) }, 'alerter: a batch of signals was not stored; it is tried again');
        await this.#pause(failures);
      }
    }
    await this.#commitToLog(true).catch(() => undefined);
    await this.#own.leave().catch(() => undefined);
  }

  async #pause(failures: number): Promise<void> {
    await pause(Math.min(10_000, 100 * 2 ** failures), undefined, { signal: this.#abort.signal }).catch(() => undefined);
  }

  async #round(): Promise<boolean> {
    let worked = false;
    for (const [partition, offset] of this.#own.next) {
      if (this.#stopped) break;
      const page = await this.#options.log.read({ topic: 'signals', partition, offset, maxRecords: this.#size.records });
      if (page.nextOffset === offset) continue;
      if (page.damaged !== undefined) {
        // Passed over, loudly: stopping there would stop every alert after it.
        const { reason } = page.damaged;
        this.#options.logger.error({ reason, partition, offset, next: page.nextOffset }, 'alerter: damaged signals are passed over');
      }
      await this.#store(partition, { ...page, from: offset });
      worked = true;
      // The thread also answers people: let them in between two transactions.
      await nextTurn();
    }
    await this.#commitToLog(false);
    return worked;
  }

  async #idle(): Promise<void> {
    await this.#own.work(async () => await this.#commitToLog(true));
    await this.#own.wait(IDLE_MS, this.#abort.signal);
  }

  async #store(partition: number, page: ReadResult & { readonly from: number }): Promise<void> {
    const found = page.records.flatMap((record) => this.#signal(partition, record));
    const { state, live, clock, windowMs = HOUR_MS } = this.#options;
    let workedMs = 0;
    await this.#correlations.prepare();
    const changed = await state.transaction<AlertTables, WorkingAlert[]>('system', async (trx) => {
      const started = performance.now();
      const now = clock.now();
      const { signals, matches } = await this.#correlations.take(trx, found, { now, partition });
      const ofMatches = new Set(matches.map(({ match }) => match.id));
      // A match says itself what belongs to it.
      const window = (group: string): number => (ofMatches.has(group) ? Infinity : windowMs);
      const alerts = await storeSignals(
        trx,
        { partition, from: page.from, next: page.nextOffset, signals },
        { now, windowMs: window, live },
      );
      await describeAlerts(
        trx,
        alerts.map(({ row }) => row),
        matches,
      );
      workedMs = performance.now() - started;
      return alerts;
    });
    this.#figures?.update(this.#correlations.stats());
    this.#size.took(page.records.length, workedMs);
    this.#own.next.set(partition, page.nextOffset);
    this.#uncommitted = true;
    if (changed.length === 0) return;
    live.announce();
    for (const { row, isNew } of changed) {
      if (isNew) this.#options.metrics?.record('alert', row.agency, Math.max(0, row.alerted - row.detected));
    }
  }

  #signal(partition: number, record: ReadResult['records'][number]): Signal[] {
    const read = readSignal(record.value);
    if (!('reason' in read)) return [read];
    this.#options.logger.warn({ partition, offset: record.offset, reason: read.reason }, 'alerter: a record that is no signal');
    return [];
  }

  async #storedOffsets(): Promise<Map<number, number>> {
    const rows = await this.#options.state.system<AlertTables>().selectFrom('alert_offsets').selectAll().execute();
    return new Map(rows.map(({ partition, next }) => [partition, next]));
  }

  /** Tells the log how far we are, for its retention and for lag; the truth is in the state, so this may come late. */
  async #commitToLog(now: boolean): Promise<void> {
    if (!this.#uncommitted || (!now && performance.now() - this.#committedAt < COMMIT_EVERY_MS)) return;
    const commits = [...this.#own.next].map(([partition, offset]) => ({
      group: ALERTER_GROUP,
      topic: 'signals' as const,
      partition,
      offset,
    }));
    await this.#options.log.commit(commits);
    this.#committedAt = performance.now();
    this.#uncommitted = false;
  }
}

function plain(error: unknown): { code?: unknown; message: string } {
  const message = error instanceof Error ? error.message : 'unknown';
  return error instanceof VongError ? { code: error.code, message } : { message };
}
