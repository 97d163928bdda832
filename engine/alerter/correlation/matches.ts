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

/** Finds the signals of what joined, and notes that they are the match's. */
export async function linkMatch(trx: Transaction<CorrelationTables>, match: CorrelationMatch, keepUntil: number): Promise<LinkedMatch> {
  const ids = match.events.map(({ id }) => id);
  const found = new Map<string, Signal>();
  for (let from = 0; from < ids.length; from += CHUNK) {
    const some = ids.slice(from, from + CHUNK);
    const below = await trx
      .selectFrom('correlation_links')
      .innerJoin('correlation_signals', 'correlation_signals.id', 'correlation_links.signal_id')
      .select(['correlation_signals.id', 'correlation_signals.signal'])
      .where('correlation_links.match_id', 'in', some)
      .execute();
    const direct = await trx.selectFrom('correlation_signals').select(['id', 'signal']).where('id', 'in', some).execute();
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- stored by `Correlations.take`
    for (const { id, signal } of [...direct, ...below]) found.set(id, JSON.parse(signal) as Signal);
  }
  const signals = [...found.values()].toSorted((a, b) => a.event.happened - b.event.happened || (a.id < b.id ? -1 : 1));
  for (let from = 0; from < signals.length; from += CHUNK) {
    const rows = signals.slice(from, from + CHUNK).map(({ id }) => ({ match_id: match.id, signal_id: id, keep_until: keepUntil }));
    await trx
      .insertInto('correlation_links')
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  return { match, signals };
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
