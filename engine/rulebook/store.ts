/** Rules into the state. A version that is replaced stays readable: alerts of before say it, and are explained by it. */
import type { Transaction } from 'kysely';
import type { RuleRow, RuleTables } from './schema.ts';

/** Replaced versions kept of each rule. */
const KEPT_VERSIONS = 20;

export interface StoredRules {
  readonly imported: readonly string[];
  readonly updated: readonly string[];
}

/** Stores new rules and new versions; what is as it was stays untouched. */
export async function storeRules(trx: Transaction<RuleTables>, rows: readonly RuleRow[]): Promise<StoredRules> {
  const ids = rows.map((row) => row.id);
  const known = new Map(
    (await trx.selectFrom('rules').select(['id', 'version', 'yaml', 'parsed_format']).where('id', 'in', ids).execute()).map((row) => [
      row.id,
      row,
    ]),
  );
  const [imported, updated]: [string[], string[]] = [[], []];
  for (const row of rows) {
    const before = known.get(row.id);
    if (before?.version === row.version) {
      const { parsed, parsed_format } = row;
      // Only the form in which it is kept has changed.
      if (before.parsed_format !== parsed_format)
        await trx.updateTable('rules').set({ parsed, parsed_format }).where('id', '=', row.id).execute();
      continue;
    }
    if (before === undefined) {
      await trx.insertInto('rules').values(row).execute();
      imported.push(row.id);
    } else {
      // A person's decision to switch a rule off outlives a new version of it.
      const { id, enabled: _kept, ...changes } = row;
      await trx.updateTable('rules').set(changes).where('id', '=', id).execute();
      await keepVersion(trx, before, row.updated_at);
      updated.push(id);
    }
  }
  return { imported, updated };
}

async function keepVersion(trx: Transaction<RuleTables>, { id, version, yaml }: Pick<RuleRow, 'id' | 'version' | 'yaml'>, until: number) {
  await trx
    .insertInto('rule_versions')
    .values({ rule_id: id, version, yaml, until })
    .onConflict((conflict) => conflict.columns(['rule_id', 'version']).doUpdateSet({ until }))
    .execute();
  const old = await trx
    .selectFrom('rule_versions')
    .select('version')
    .where('rule_id', '=', id)
    .orderBy('until', 'desc')
    .offset(KEPT_VERSIONS)
    .limit(1000)
    .execute();
  if (old.length === 0) return;
  await trx
    .deleteFrom('rule_versions')
    .where('rule_id', '=', id)
    .where(
      'version',
      'in',
      old.map((row) => row.version),
    )
    .execute();
}
