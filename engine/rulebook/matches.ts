/** How often each rule matched, per agency: by the hour for two days, and in all. */
import type { Kysely, Transaction } from 'kysely';
import type { RuleTables } from './schema.ts';

export const HOUR_MS = 3_600_000;
const KEPT_HOURS = 48;
export const DAY_HOURS = 24;

/** Rule, agency, matches. */
export type MatchCount = readonly [rule: string, agency: string, matches: number];

export async function storeMatches(trx: Transaction<RuleTables>, counts: readonly MatchCount[], now: number): Promise<void> {
  const hour = Math.floor(now / HOUR_MS);
  for (const [rule_id, agency, matches] of counts) {
    await trx
      .insertInto('rule_hits')
      .values({ rule_id, agency, hour, matches })
      .onConflict((c) => c.columns(['rule_id', 'agency', 'hour']).doUpdateSet((eb) => ({ matches: eb('rule_hits.matches', '+', matches) })))
      .execute();
    await trx
      .insertInto('rule_totals')
      .values({ rule_id, agency, matches, last_at: now })
      .onConflict((c) =>
        c.columns(['rule_id', 'agency']).doUpdateSet((eb) => ({ matches: eb('rule_totals.matches', '+', matches), last_at: now })),
      )
      .execute();
  }
  await trx
    .deleteFrom('rule_hits')
    .where('hour', '<', hour - KEPT_HOURS)
    .execute();
}

/** Matches of each of the last 24 hours, the present one last, for the rules that had any. */
export async function hourlyMatches(db: Kysely<RuleTables>, ids: readonly string[], now: number): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>();
  if (ids.length === 0) return found;
  const first = Math.floor(now / HOUR_MS) - DAY_HOURS + 1;
  const rows = await db
    .selectFrom('rule_hits')
    .select((eb) => ['rule_id', 'hour', eb.fn.sum<number>('matches').as('matches')])
    .where('rule_id', 'in', [...ids])
    .where('hour', '>=', first)
    .groupBy(['rule_id', 'hour'])
    .execute();
  for (const { rule_id, hour, matches } of rows) {
    const hours = found.get(rule_id) ?? Array<number>(DAY_HOURS).fill(0);
    hours[hour - first] = matches;
    found.set(rule_id, hours);
  }
  return found;
}
