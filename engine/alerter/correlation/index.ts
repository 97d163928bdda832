/**
 * Correlations in the alerter: base rules' signals in, signals of matches out. **The correlator's state is stored in the
 * transaction that moves the place in the topic**, so that being killed anywhere changes no alert. When a transaction fails, what
 * is in memory is thrown away and read again.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Kysely, Transaction } from 'kysely';
import type { CorrelationChange, CorrelationMatch, CorrelationPart, CorrelatorStats } from 'sigma-rules-ts';
import type { Logger } from '@vong/platform/logger';
import type { AlertCorrelation, Signal } from '../../contracts.ts';
import { loadProcessing, type PipelineText, type RuleText } from '../../detector/index.ts';
import { compileTexts, type Compiled } from './compile.ts';
import { describe, Links, signalsOf, type LinkedMatch } from './matches.ts';
import { NO_PARTITION, type CorrelationTables } from './schema.ts';

export { createCorrelations, type CorrelationTables } from './schema.ts';

/** Parts of the state taken back before others may use the thread. */
const PAGE = 1_000;
const CHUNK = 500;
/** Signals and links outlive every window they can be in by this much: late events, chains. */
const SPARE_MS = 2 * 3_600_000;
const CLEAN_EVERY_MS = 60_000;

export interface CorrelationsOptions {
  /** The enabled correlations and the rules they may refer to. */
  readonly texts: () => Promise<readonly RuleText[]>;
  /** The processing pipelines in use. */
  readonly processing: () => readonly PipelineText[];
  readonly db: () => Kysely<CorrelationTables>;
  /** The partitions of `signals` that are read here. */
  readonly partitions: () => readonly number[];
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** When it is aborted, taking the state back ends with an error. */
  readonly signal: AbortSignal;
}

export interface Taken {
  /** Signals that become alerts: those of rules that alert on their own, and those of matches. */
  readonly signals: readonly Signal[];
  readonly matches: readonly LinkedMatch[];
}

export class Correlations {
  readonly #options: CorrelationsOptions;
  #compiled: Compiled | undefined;
  /** The rules may have changed since they were compiled. */
  #stale = true;
  #cleanedAt = -Infinity;
  readonly #skipped = new Map<string, number>();

  constructor(options: CorrelationsOptions) {
    this.#options = options;
  }

  /** The rules changed: they are read again before the next signals. */
  changed(): void {
    this.#stale = true;
  }

  /** What is in memory is not what is stored. */
  forget(): void {
    this.#compiled = undefined;
    this.#stale = true;
  }

  /** Brings the correlations up to date; between transactions only. */
  async prepare(): Promise<void> {
    if (!this.#stale) return;
    this.#stale = false;
    try {
      const { logger, texts, processing } = this.#options;
      const previous = this.#compiled?.correlator;
      const compiled = compileTexts(await texts(), {
        previous,
        processing: loadProcessing(processing()),
        onEvicted: (correlation, evicted) => logger.warn({ correlation, ...evicted }, 'a correlation had to let groups or events go'),
      });
      if (previous === undefined) await this.#restore(compiled);
      this.#compiled = compiled;
      for (const reason of compiled.failures) logger.warn({ reason }, 'a correlation cannot be used');
    } catch (error) {
      this.forget();
      throw error;
    }
  }

  /** In the transaction that stores the signals. */
  async take(trx: Transaction<CorrelationTables>, signals: readonly Signal[], at: { now: number; partition: number }): Promise<Taken> {
    const { now, partition } = at;
    const compiled = this.#compiled;
    const own = signals.filter((signal) => signal.correlated?.silent !== true);
    const correlated = compiled === undefined ? [] : await fresh(trx, signals);
    if (compiled === undefined || correlated.length === 0) return { signals: own, matches: [] };
    const keepUntil = now + 2 * compiled.longestMs + SPARE_MS;
    await keep(trx, correlated, keepUntil);
    const links = new Links(trx, correlated, keepUntil);
    const matches: LinkedMatch[] = [];
    const raised: Signal[] = [];
    for (const signal of correlated) {
      const found = this.#push(compiled, signal);
      for (const match of found) {
        const linked = await links.link(match, (rule) => compiled.versions.has(rule));
        if (compiled.silent.has(match.correlation.id)) continue;
        matches.push(linked);
        raised.push(...signalsOf(linked, compiled.versions.get(match.correlation.id) ?? ''));
      }
    }
    await links.store();
    await storeChanges(trx, compiled.correlator.changes(), { partition, own: this.#own() });
    await this.#clean(trx, now);
    return { signals: [...own, ...raised], matches };
  }

  /** A fault in a correlation must not stop the alerts of all other rules. */
  #push({ correlator }: Compiled, signal: Signal): CorrelationMatch[] {
    try {
      return correlator.push({
        rule: signal.rule.id,
        id: signal.id,
        // What has happened was received afterwards: a clock that is ahead must not make all others late.
        time: Math.min(signal.event.happened, signal.event.received),
        received: signal.event.received,
        partition: signal.agency,
        fields: signal.correlated?.fields ?? {},
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.logger.warn({ rule: signal.rule.id, signal: signal.id, reason }, 'a signal could not be correlated');
      return [];
    }
  }

  /** What the correlations hold, and what they could not count or had to let go since they began. */
  stats(): readonly CorrelatorStats[] {
    return this.#compiled?.correlator.stats() ?? [];
  }

  /** In slices: the thread also answers people. */
  async #restore({ correlator }: Compiled): Promise<void> {
    const { signal, db, logger } = this.#options;
    const own = this.#own();
    const restoring = correlator.restoring();
    let parts = 0;
    for (let after: CorrelationPart | undefined; ;) {
      const page: CorrelationPart[] = await nextPage(db(), own, after);
      restoring.add(page);
      parts += page.length;
      after = page.at(-1);
      if (page.length < PAGE) break;
      await nextTurn();
      signal.throwIfAborted();
    }
    for (const _slice of restoring.finish()) await nextTurn();
    if (parts > 0) logger.info({ parts }, 'correlations go on where they were');
  }

  #own(): readonly number[] {
    return [NO_PARTITION, ...this.#options.partitions()];
  }

  /** Events a correlation could not count: too late, or without a field it reads. Said when there are more of them. */
  #reportSkipped(): void {
    for (const { correlation, late, withoutGroup, withoutValue } of this.#compiled?.correlator.stats() ?? []) {
      const skipped = late + withoutGroup + withoutValue;
      if (skipped === (this.#skipped.get(correlation) ?? 0)) continue;
      this.#skipped.set(correlation, skipped);
      this.#options.logger.warn({ correlation, late, withoutGroup, withoutValue }, 'a correlation could not count some events');
    }
  }

  async #clean(trx: Transaction<CorrelationTables>, now: number): Promise<void> {
    if (now - this.#cleanedAt < CLEAN_EVERY_MS) return;
    this.#cleanedAt = now;
    this.#reportSkipped();
    for (const table of ['correlation_signals', 'correlation_links'] as const)
      await trx.deleteFrom(table).where('keep_until', '<', now).execute();
  }
}

/** Correlated signals that were not taken before, each once. */
async function fresh(trx: Transaction<CorrelationTables>, signals: readonly Signal[]): Promise<Signal[]> {
  const unique = new Map(signals.flatMap((signal) => (signal.correlated === undefined ? [] : [[signal.id, signal] as const])));
  if (unique.size === 0) return [];
  const known = await trx
    .selectFrom('correlation_signals')
    .select('id')
    .where('id', 'in', [...unique.keys()])
    .execute();
  for (const { id } of known) unique.delete(id);
  return [...unique.values()];
}

async function keep(trx: Transaction<CorrelationTables>, signals: readonly Signal[], keepUntil: number): Promise<void> {
  for (let from = 0; from < signals.length; from += CHUNK) {
    const rows = signals.slice(from, from + CHUNK).map(({ correlated: _read, ...signal }) => ({
      id: signal.id,
      signal: JSON.stringify(signal),
      keep_until: keepUntil,
    }));
    await trx.insertInto('correlation_signals').values(rows).execute();
  }
}

/** What another alerter counts, in partitions that are not its own, stays. */
async function storeChanges(
  trx: Transaction<CorrelationTables>,
  changes: readonly CorrelationChange[],
  { partition, own }: { partition: number; own: readonly number[] },
): Promise<void> {
  const rows = new Map<string, CorrelationTables['correlation_state']>();
  for (const { correlation, group, part, state } of changes) {
    if (group !== null && part !== null && state !== null) {
      rows.set(JSON.stringify([correlation, group, part]), { correlation, grp: group, part, state, partition });
      continue;
    }
    // What is gone comes before what is new of the same correlation and group.
    let gone = trx.deleteFrom('correlation_state').where('correlation', '=', correlation).where('partition', 'in', own);
    if (group !== null) gone = gone.where('grp', '=', group);
    if (part !== null) gone = gone.where('part', '=', part);
    await gone.execute();
  }
  const all = [...rows.values()];
  for (let from = 0; from < all.length; from += CHUNK) {
    await trx
      .insertInto('correlation_state')
      .values(all.slice(from, from + CHUNK))
      .onConflict((conflict) =>
        conflict
          .columns(['correlation', 'grp', 'part'])
          .doUpdateSet((row) => ({ state: row.ref('excluded.state'), partition: row.ref('excluded.partition') })),
      )
      .execute();
  }
}

async function nextPage(
  db: Kysely<CorrelationTables>,
  own: readonly number[],
  after: CorrelationPart | undefined,
): Promise<CorrelationPart[]> {
  let select = db.selectFrom('correlation_state').select(['correlation', 'grp as group', 'part', 'state']).where('partition', 'in', own);
  if (after !== undefined) {
    const { correlation, group, part } = after;
    select = select.where((where) => where(where.refTuple('correlation', 'grp', 'part'), '>', where.tuple(correlation, group, part)));
  }
  return await select.orderBy('correlation').orderBy('grp').orderBy('part').limit(PAGE).execute();
}

/** Notes on the alerts of matches what the correlation saw. */
export async function describeAlerts(
  trx: Transaction<CorrelationTables>,
  alerts: readonly { readonly id: string; readonly agency: string; readonly grp: string }[],
  matches: readonly LinkedMatch[],
): Promise<void> {
  for (const { id, agency, grp } of matches.length === 0 ? [] : alerts) {
    const grown = matches.filter(({ match }) => match.id === grp);
    if (grown.length === 0) continue;
    const row = await trx.selectFrom('alert_correlations').select('body').where('alert_id', '=', id).executeTakeFirst();
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written below
    const before = row === undefined ? undefined : (JSON.parse(row.body) as AlertCorrelation);
    const body = JSON.stringify(grown.reduce<AlertCorrelation | undefined>((known, match) => describe(match, known), before));
    await trx
      .insertInto('alert_correlations')
      .values({ alert_id: id, agency, body })
      .onConflict((conflict) => conflict.column('alert_id').doUpdateSet({ body }))
      .execute();
  }
}
