/** Sign-in, sign-out and the change of one's own password. A wrong name, a wrong password and a disabled user answer alike, in the same time. */
import type { Clock } from '../clock/index.ts';
import type { State } from '../state/contract.ts';
import type { Attempts } from './attempts.ts';
import { recordAudit } from './audit.ts';
import type { SignIn } from './contracts.ts';
import { identityError } from './errors.ts';
import { checkPassword, type Passwords } from './passwords.ts';
import { ROOT_AGENCY, type IdentityTables, type UserRow } from './schema.ts';
import type { LiveSession, Sessions, Visitor } from './sessions.ts';

/** What could be a user name; anything else in the name field may be a password typed into the wrong box and is not kept. */
const NAME = /^[a-z0-9][a-z0-9._-]{1,62}$/;

export interface SignedIn {
  readonly user: UserRow;
  /** For the cookie; the only time it is readable. */
  readonly secret: string;
}

export interface SignInDeps {
  readonly state: State;
  readonly clock: Clock;
  readonly attempts: Attempts;
  readonly passwords: Passwords;
  readonly sessions: Sessions;
}

export interface SignInService {
  /** Throws IDENTITY_SIGN_IN_REFUSED, IDENTITY_LOCKED, IDENTITY_BUSY. */
  signIn(credentials: SignIn, visitor: Visitor): Promise<SignedIn>;
  signOut(session: LiveSession, from: string): Promise<void>;
  /** Ends every session of the person and starts a new one. Counts wrong present passwords like a sign-in. */
  changePassword(session: LiveSession, change: { password: string; newPassword: string }, visitor: Visitor): Promise<SignedIn>;
}

export function createSignIn(deps: SignInDeps): SignInService {
  const { state, clock, attempts, passwords, sessions } = deps;
  return {
    async signIn(credentials, visitor) {
      const name = credentials.name.trim().toLowerCase();
      await attempts.reserve(name);
      const db = state.system<IdentityTables>();
      const found = await db.selectFrom('users').selectAll().where('name', '=', name).executeTakeFirst();
      const right = await passwords.verify(credentials.password, found?.password ?? null);
      if (!found || !right || found.disabled !== 0) {
        await recordFailure(deps, { name, user: found, from: visitor.from });
        throw identityError('IDENTITY_SIGN_IN_REFUSED');
      }
      return startSession(deps, { user: found, visitor, action: 'user.sign_in' });
    },
    signOut: ({ id, user }, from) =>
      state.transaction<IdentityTables, void>('system', async (trx) => {
        await sessions.revoke(trx, user.id, id);
        const entry = { action: 'user.sign_out', target: user.id, agency: user.agency, from, at: clock.now() };
        await recordAudit(trx, { ...entry, actor: actorOf(user) });
      }),
    async changePassword({ user }, change, visitor) {
      checkPassword(change.newPassword, user.name);
      await attempts.reserve(user.name);
      if (!(await passwords.verify(change.password, user.password))) {
        await recordFailure(deps, { name: user.name, user, from: visitor.from });
        // Not the 401 of a sign-in: the session is still good.
        throw identityError('IDENTITY_PASSWORD_WRONG');
      }
      const password = await passwords.hash(change.newPassword);
      return startSession(deps, { user: { ...user, password }, visitor, action: 'user.password', seen: user.password });
    },
  };
}

interface Start {
  readonly user: UserRow;
  readonly visitor: Visitor;
  readonly action: 'user.sign_in' | 'user.password';
  /** The stored password that was checked, when the action changes it. */
  readonly seen?: string | null;
}

async function startSession({ state, clock, attempts, sessions }: SignInDeps, start: Start): Promise<SignedIn> {
  const { user, visitor, action } = start;
  const checked = start.seen === undefined ? user.password : start.seen;
  return state.transaction<IdentityTables, SignedIn>('system', async (trx) => {
    const now = clock.now();
    // Between the check and now the person may have been disabled, or given another password.
    const updated = await trx
      .updateTable('users')
      .set({ last_sign_in_at: now, password: user.password })
      .where('id', '=', user.id)
      .where('disabled', '=', 0)
      .where('password', '=', checked)
      .executeTakeFirst();
    if (updated.numUpdatedRows !== 1n) throw identityError('IDENTITY_SIGN_IN_REFUSED');
    await attempts.clear(trx, user.name);
    if (action === 'user.password') {
      await sessions.revokeAll(trx, user.id);
      await trx.deleteFrom('links').where('user_id', '=', user.id).execute();
    }
    const secret = await sessions.create(trx, user.id, visitor);
    const entry = { actor: actorOf(user), action, target: user.id, agency: user.agency, from: visitor.from, at: now };
    await recordAudit(trx, { ...entry, details: { name: user.name } });
    return { user, secret };
  });
}

async function recordFailure(
  { state, clock }: SignInDeps,
  { name, user, from }: { name: string; user: UserRow | undefined; from: string },
): Promise<void> {
  const shown = NAME.test(name) ? name : '';
  await state.transaction<IdentityTables, void>('system', (trx) =>
    recordAudit(trx, {
      actor: user ? actorOf(user) : { kind: 'user', id: '', name: shown },
      action: 'user.sign_in_failed',
      target: user?.id ?? '',
      agency: user?.agency ?? ROOT_AGENCY,
      details: { name: shown },
      from,
      at: clock.now(),
    }),
  );
}

function actorOf(user: UserRow): { kind: 'user'; id: string; name: string } {
  return { kind: 'user', id: user.id, name: user.name };
}
