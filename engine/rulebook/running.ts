/** What the detectors run: their answers are kept, so that everyone sees which version is in use, and why a rule is not. */
import type { Transaction } from 'kysely';
import type { RulesLoaded } from '../detector/index.ts';
import type { RuleTables, RunningRow } from './schema.ts';

/** Stores the answer; gives the ids of rules of which something changed. */
export async function storeRunning(trx: Transaction<RuleTables>, loaded: RulesLoaded): Promise<string[]> {
  const before = new Map((await trx.selectFrom('rule_running').selectAll().execute()).map((row) => [row.rule_id, row]));
  const now = new Map(runningOf(loaded).map((row) => [row.rule_id, row]));
  const gone = [...before.keys()].filter((id) => !now.has(id));
  const changed = [...now.values()].filter((row) => !same(row, before.get(row.rule_id)));
  for (let from = 0; from < gone.length; from += 500)
    await trx
      .deleteFrom('rule_running')
      .where('rule_id', 'in', gone.slice(from, from + 500))
      .execute();
  for (let from = 0; from < changed.length; from += 200) {
    await trx
      .insertInto('rule_running')
      .values(changed.slice(from, from + 200))
      .onConflict((conflict) =>
        conflict.column('rule_id').doUpdateSet((eb) => ({
          version: eb.ref('excluded.version'),
          state: eb.ref('excluded.state'),
          reason: eb.ref('excluded.reason'),
          since: eb.ref('excluded.since'),
        })),
      )
      .execute();
  }
  return [...gone, ...changed.map((row) => row.rule_id)];
}

function runningOf({ versions, withoutLogsource, failed, at: since }: RulesLoaded): RunningRow[] {
  const sourceless = new Set(withoutLogsource);
  const failures = new Map(failed.map((failure) => [failure.id, failure]));
  return [...versions].map(([rule_id, version]) => {
    const failure = failures.get(rule_id);
    const reason = failure?.reason ?? null;
    if (failure !== undefined)
      return { rule_id, version, state: failure.code === 'SIGMA_PLACEHOLDER' ? 'needs_values' : 'faulty', reason, since };
    return { rule_id, version, state: sourceless.has(rule_id) ? 'no_logsource' : 'in_use', reason, since };
  });
}

function same(row: RunningRow, before: RunningRow | undefined): boolean {
  return before !== undefined && row.version === before.version && row.state === before.state && row.reason === before.reason;
}
