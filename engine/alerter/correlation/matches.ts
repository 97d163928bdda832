/** Matches of correlations as signals of their own, one for each event that joined, so that they become alerts like all others. */
import type { Transaction } from 'kysely';
import type { CorrelationMatch, ResolvedCorrelation } from 'sigma-rules-ts';
import { stableId } from '@vong/platform/ids';
import type { AlertCorrelation, Signal } from '../../contracts.ts';
import type { CorrelationTables } from './schema.ts';

const CHUNK = 500;

/** A match with the signals that joined it now, those of matches below it included. */
export interface LinkedMatch {
  readonly match: CorrelationMatch;
  readonly signals: readonly Signal[];
}

/** The signals of matches while a batch is worked on: read once, written together at its end. */
export class Links {
  readonly #trx: Transaction<CorrelationTables>;
  readonly #keepUntil: number;
  readonly #signals = new Map<string, Signal>();
  /** Signals of each match, those of before this batch included. */
  readonly #links = new Map<string, Set<string>>();
  readonly #fresh: CorrelationTables['correlation_links'][] = [];

  constructor(trx: Transaction<CorrelationTables>, batch: readonly Signal[], keepUntil: number) {
    this.#trx = trx;
    this.#keepUntil = keepUntil;
    for (const signal of batch) this.#signals.set(signal.id, signal);
  }

  /** Finds the signals of what joined, and notes that they are the match's. `isCorrelation` tells matches below from rules. */
  async link(match: CorrelationMatch, isCorrelation: (rule: string) => boolean): Promise<LinkedMatch> {
    const ids = new Set<string>();
    for (const { rule, id } of match.events) {
      if (isCorrelation(rule)) for (const below of await this.#linksOf(id)) ids.add(below);
      else ids.add(id);
    }
    const own = await this.#linksOf(match.id);
    for (const id of ids) {
      if (own.has(id)) continue;
      own.add(id);
      this.#fresh.push({ match_id: match.id, signal_id: id, keep_until: this.#keepUntil });
    }
    const found = await this.#find([...ids]);
    return { match, signals: found.toSorted((a, b) => a.event.happened - b.event.happened || (a.id < b.id ? -1 : 1)) };
  }

  async store(): Promise<void> {
    for (let from = 0; from < this.#fresh.length; from += CHUNK)
      await this.#trx
        .insertInto('correlation_links')
        .values(this.#fresh.slice(from, from + CHUNK))
        .execute();
  }

  async #linksOf(match: string): Promise<Set<string>> {
    const known = this.#links.get(match);
    if (known !== undefined) return known;
    const rows = await this.#trx.selectFrom('correlation_links').select('signal_id').where('match_id', '=', match).execute();
    const links = new Set(rows.map((row) => row.signal_id));
    this.#links.set(match, links);
    return links;
  }

  async #find(ids: readonly string[]): Promise<Signal[]> {
    const missing = ids.filter((id) => !this.#signals.has(id));
    for (let from = 0; from < missing.length; from += CHUNK) {
      const some = missing.slice(from, from + CHUNK);
      const rows = await this.#trx.selectFrom('correlation_signals').select(['id', 'signal']).where('id', 'in', some).execute();
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- stored by `Correlations.take`
      for (const { id, signal } of rows) this.#signals.set(id, JSON.parse(signal) as Signal);
    }
    return ids.flatMap((id) => this.#signals.get(id) ?? []);
  }
}

/** The signals of an alert: of the correlation, in a group of the match's own, on the host and user all of them share. */
export function signalsOf({ match, signals }: LinkedMatch, version: string): Signal[] {
  const { id, title, level, tags } = match.correlation;
  const host = shared(signals.map((signal) => signal.host));
  const user = shared(signals.map((signal) => signal.user));
  return signals.map((signal) => ({
    id: stableId(match.id, signal.event.id),
    rule: { id, title, level, version, tags: [...tags] },
    group: match.id,
    agency: match.partition,
    host,
    user,
    event: signal.event,
    detected: signal.detected,
  }));
}

function shared(values: readonly string[]): string {
  const [first = ''] = values;
  return values.every((value) => value === first) ? first : '';
}

export function describe({ match, signals }: LinkedMatch, before: AlertCorrelation | undefined): AlertCorrelation {
  const { correlation, group, counts, from, to, result } = match;
  return {
    type: correlation.type,
    groupBy: group.map(({ field, value }) => ({ field, value })),
    timespan: correlation.timespanMs,
    from,
    to,
    condition: conditionOf(correlation),
    result,
    matched: [...new Set([...(before?.matched ?? []), ...signals.map(({ rule }) => rule.id)])].toSorted(),
    rules: counts.map(({ rule, title, count }) => ({ id: rule, title, count })),
  };
}

function conditionOf({ condition }: ResolvedCorrelation): string {
  const { criteria, fields, percentile, text } = condition;
  if (text !== undefined) return text;
  const limits = criteria.map(({ operator, value }) => `${operator}: ${value}`);
  const field = fields.length === 0 ? [] : [`field: ${fields.join(', ')}`];
  return [...field, ...(percentile === undefined ? [] : [`percentile: ${percentile}`]), ...limits].join(', ');
}
