/**
 * Where several processes detect: what each of them runs. **A version is in use once every process that is alive runs it**; the one
 * that is last to load it says so for all.
 */
import { hash } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import type { RulesLoaded } from '../detector/index.ts';
import { storeRunning } from './running.ts';
import type { RuleTables } from './schema.ts';

/** A process not heard of for so long is taken for dead and waited for no more, ms. */
export const NODE_LIFE_MS = 30_000;

export interface NodeReport {
  readonly instance: string;
  readonly loaded: RulesLoaded;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Notes what the process runs. `agreed`: all alive run the same; then `changed` are the rules of which something changed. */
export async function storeNode(
  trx: Transaction<RuleTables>,
  { instance, loaded, now }: NodeReport,
): Promise<{ readonly agreed: boolean; readonly changed: readonly string[] }> {
  const row = { fingerprint: fingerprintOf(loaded), since: loaded.at, seen_at: now };
  await trx
    .deleteFrom('rule_nodes')
    .where('seen_at', '<', now - NODE_LIFE_MS)
    .execute();
  await trx
    .insertInto('rule_nodes')
    .values({ instance, ...row })
    .onConflict((conflict) => conflict.column('instance').doUpdateSet(row))
    .execute();
  const nodes = await trx.selectFrom('rule_nodes').select(['fingerprint', 'since']).execute();
  if (nodes.some(({ fingerprint }) => fingerprint !== row.fingerprint)) return { agreed: false, changed: [] };
  return { agreed: true, changed: await storeRunning(trx, { ...loaded, at: Math.max(...nodes.map(({ since }) => since)) }) };
}

/** False when there is no row of it. */
export async function touchNode(db: Kysely<RuleTables>, instance: string, now: number): Promise<boolean> {
  const touched = await db.updateTable('rule_nodes').set({ seen_at: now }).where('instance', '=', instance).executeTakeFirst();
  return touched.numUpdatedRows > 0;
}

/** The process stops: nobody waits for it. */
export async function removeNode(db: Kysely<RuleTables>, instance: string): Promise<void> {
  await db.deleteFrom('rule_nodes').where('instance', '=', instance).execute();
}

function fingerprintOf({ versions }: RulesLoaded): string {
  const lines = [...versions].map(([id, version]) => `${id} ${version}`).sort();
  return hash('sha256', lines.join('\n'), 'base64url');
}
