/**
 * Lock-out per name. An attempt is counted before its password is checked, so attempts made in parallel cannot slip through.
 * Names nobody has are counted alike: a lock tells nothing about who exists.
 */
import type { Transaction } from 'kysely';
import type { Clock } from '../clock/index.ts';
import type { State } from '../state/contract.ts';
import { identityError } from './errors.ts';
import type { IdentityTables } from './schema.ts';
import { secretHash } from './secrets.ts';

const PER_LOCK = 5;
const FIRST_LOCK_MS = 15 * 60_000;
const LONGEST_LOCK_MS = 24 * 3_600_000;
const FORGET_MS = 48 * 3_600_000;

export interface Attempts {
  /** Counts an attempt; throws IDENTITY_LOCKED (with `retryAfterSeconds`) while the name is locked. Every fifth one locks: 15 min, 30 min, … 24 h. */
  reserve(name: string): Promise<void>;
  /** The password was right, or an administrator unlocked: forgets the name's attempts. */
  clear(trx: Transaction<IdentityTables>, name: string): Promise<void>;
  /** Names that are locked now, with the end of the lock. */
  locked(names: readonly string[]): Promise<ReadonlyMap<string, number>>;
}

export function createAttempts({ state, clock }: { readonly state: State; readonly clock: Clock }): Attempts {
  return {
    reserve: (name) =>
      state.transaction<IdentityTables, void>('system', async (trx) => {
        const now = clock.now();
        const key = secretHash(name);
        await trx
          .deleteFrom('sign_in_attempts')
          .where('last_at', '<', now - FORGET_MS)
          .execute();
        const row = await trx.selectFrom('sign_in_attempts').selectAll().where('name_hash', '=', key).executeTakeFirst();
        if (row && row.locked_until > now) {
          throw identityError('IDENTITY_LOCKED', { retryAfterSeconds: Math.ceil((row.locked_until - now) / 1000) });
        }
        const count = (row?.count ?? 0) + 1;
        const attempt = { count, last_at: now, locked_until: count % PER_LOCK === 0 ? now + lockMs(count) : 0 };
        await trx
          .insertInto('sign_in_attempts')
          .values({ name_hash: key, ...attempt })
          .onConflict((conflict) => conflict.column('name_hash').doUpdateSet(attempt))
          .execute();
      }),
    async clear(trx, name) {
      await trx.deleteFrom('sign_in_attempts').where('name_hash', '=', secretHash(name)).execute();
    },
    async locked(names) {
      const db = state.system<IdentityTables>();
      const rows = await db.selectFrom('sign_in_attempts').selectAll().where('locked_until', '>', clock.now()).execute();
      const until = new Map(rows.map((row) => [row.name_hash, row.locked_until]));
      const found = new Map<string, number>();
      for (const name of names) {
        const end = until.get(secretHash(name));
        if (end !== undefined) found.set(name, end);
      }
      return found;
    },
  };
}

function lockMs(count: number): number {
  return Math.min(LONGEST_LOCK_MS, FIRST_LOCK_MS * 2 ** Math.min(20, count / PER_LOCK - 1));
}
