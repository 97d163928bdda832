/** Sessions of signed-in people: a random secret in a cookie, its SHA-256 in the state; idle 12 h, at most 7 days. */
import type { Transaction } from 'kysely';
import type { Clock } from '../clock/index.ts';
import { randomId, randomSecret } from '../ids/index.ts';
import type { Signals } from '../live/signals.ts';
import type { State } from '../state/contract.ts';
import type { IdentityTables, SessionRow, UserRow } from './schema.ts';
import { secretHash, touched } from './secrets.ts';

export const SESSION_IDLE_MS = 12 * 3_600_000;
export const SESSION_LIFE_MS = 7 * 86_400_000;
/** Says that sessions ended, or that people may see something else than before. */
export const SESSIONS_SIGNAL = 'sessions';
const TOUCH_MS = 60_000;
const SECRET_LENGTH = 43;

/** Where a sign-in comes from. */
export interface Visitor {
  readonly from: string;
  /** The User-Agent header. */
  readonly program?: string | undefined;
}

export interface SessionView {
  id: string;
  createdAt: number;
  seenAt: number;
  from: string;
  program: string;
}

export interface LiveSession {
  readonly id: string;
  readonly user: UserRow;
}

export interface Sessions {
  /** Makes a session inside the caller's transaction and gives its secret, the only time it is readable. */
  create(trx: Transaction<IdentityTables>, userId: string, visitor: Visitor): Promise<string>;
  /** The session of the secret, when it is valid and its user is not disabled. Keeps it from idling out. */
  resolve(secret: string): Promise<LiveSession | undefined>;
  /** Which of the sessions are still valid, with their users as they are now. Does not keep them from idling out. */
  alive(ids: readonly string[]): Promise<ReadonlyMap<string, UserRow>>;
  list(userId: string): Promise<SessionView[]>;
  /** Ends one session of the user; false when there is none. */
  revoke(trx: Transaction<IdentityTables>, userId: string, id: string): Promise<boolean>;
  /** Ends all sessions of the user, except one if named. */
  revokeAll(trx: Transaction<IdentityTables>, userId: string, except?: string): Promise<void>;
  /** Has every process look at what it holds open for people once more, after the commit; `revoke` and `revokeAll` do so themselves. */
  changed(trx: Transaction<IdentityTables>): Promise<void>;
}

export interface SessionsDeps {
  readonly state: State;
  readonly clock: Clock;
  readonly signals?: Pick<Signals, 'bump'>;
}

export function createSessions({ state, clock, signals }: SessionsDeps): Sessions {
  const changed = async (trx: Transaction<IdentityTables>): Promise<void> => await signals?.bump(trx, SESSIONS_SIGNAL);
  const valid = (row: SessionRow): boolean => {
    const now = clock.now();
    return now < row.created_at + SESSION_LIFE_MS && now < row.seen_at + SESSION_IDLE_MS;
  };
  return {
    create: (trx, userId, visitor) => insertSession(trx, { userId, visitor, now: clock.now() }),
    async resolve(secret) {
      if (secret.length !== SECRET_LENGTH) return undefined;
      const db = state.system<IdentityTables>();
      const session = await db.selectFrom('sessions').selectAll().where('hash', '=', secretHash(secret)).executeTakeFirst();
      if (!session || !valid(session)) return undefined;
      const user = await db.selectFrom('users').selectAll().where('id', '=', session.user_id).executeTakeFirst();
      if (!user || user.disabled !== 0) return undefined;
      const now = clock.now();
      if (now - session.seen_at > TOUCH_MS) {
        await touched(db.updateTable('sessions').set({ seen_at: now }).where('id', '=', session.id).execute());
      }
      return { id: session.id, user };
    },
    async alive(ids) {
      if (ids.length === 0) return new Map();
      const db = state.system<IdentityTables>();
      const sessions = (await db.selectFrom('sessions').selectAll().where('id', 'in', ids).execute()).filter(valid);
      const userIds = [...new Set(sessions.map((session) => session.user_id))];
      if (userIds.length === 0) return new Map();
      const users = await db.selectFrom('users').selectAll().where('id', 'in', userIds).where('disabled', '=', 0).execute();
      const byId = new Map(users.map((user) => [user.id, user]));
      const found = new Map<string, UserRow>();
      for (const session of sessions) {
        const user = byId.get(session.user_id);
        if (user) found.set(session.id, user);
      }
      return found;
    },
    async list(userId) {
      const rows = await state
        .system<IdentityTables>()
        .selectFrom('sessions')
        .selectAll()
        .where('user_id', '=', userId)
        .orderBy('seen_at', 'desc')
        .execute();
      return rows.filter(valid).map((row) => ({
        id: row.id,
        createdAt: row.created_at,
        seenAt: row.seen_at,
        from: row.origin,
        program: row.program,
      }));
    },
    async revoke(trx, userId, id) {
      const result = await trx.deleteFrom('sessions').where('user_id', '=', userId).where('id', '=', id).executeTakeFirst();
      if (result.numDeletedRows === 0n) return false;
      await changed(trx);
      return true;
    },
    async revokeAll(trx, userId, except) {
      let query = trx.deleteFrom('sessions').where('user_id', '=', userId);
      if (except !== undefined) query = query.where('id', '!=', except);
      await query.execute();
      await changed(trx);
    },
    changed,
  };
}

async function insertSession(
  trx: Transaction<IdentityTables>,
  { userId, visitor, now }: { userId: string; visitor: Visitor; now: number },
): Promise<string> {
  await trx
    .deleteFrom('sessions')
    .where((where) => where.or([where('created_at', '<=', now - SESSION_LIFE_MS), where('seen_at', '<=', now - SESSION_IDLE_MS)]))
    .execute();
  const secret = randomSecret();
  await trx
    .insertInto('sessions')
    .values({
      id: randomId(),
      user_id: userId,
      hash: secretHash(secret),
      created_at: now,
      seen_at: now,
      origin: visitor.from.slice(0, 64),
      program: (visitor.program ?? '').slice(0, 200),
    })
    .execute();
  return secret;
}
