/** What rules cost, as the detectors measured it last. */
import type { Transaction } from 'kysely';
import type { RuleTables } from './schema.ts';

export interface MeasuredCost {
  readonly rule: string;
  /** Nanoseconds an event. */
  readonly ns: number;
  /** Of what all rules cost: 0…1. */
  readonly share: number;
}

/** Figures that differ by less are not worth a write. */
const DIFFERENCE = 0.05;

export async function storeCosts(trx: Transaction<RuleTables>, costs: readonly MeasuredCost[], at: number): Promise<void> {
  const before = new Map((await trx.selectFrom('rule_costs').selectAll().execute()).map((row) => [row.rule_id, row]));
  const changed = costs.filter(({ rule, ns, share }) => {
    const known = before.get(rule);
    return known === undefined || differs(known.ns, ns) || differs(known.share, share);
  });
  for (let from = 0; from < changed.length; from += 200) {
    await trx
      .insertInto('rule_costs')
      .values(changed.slice(from, from + 200).map(({ rule, ns, share }) => ({ rule_id: rule, ns, share, at })))
      .onConflict((conflict) =>
        conflict.column('rule_id').doUpdateSet((eb) => ({
          ns: eb.ref('excluded.ns'),
          share: eb.ref('excluded.share'),
          at: eb.ref('excluded.at'),
        })),
      )
      .execute();
  }
}

function differs(before: number, now: number): boolean {
  return Math.abs(now - before) > DIFFERENCE * Math.max(Math.abs(before), Math.abs(now));
}
