/** One-time links: the first administrator's set-up, and the setting of a person's password. Valid once, 24 h; the newest replaces the ones before. */
import type { Transaction } from 'kysely';
import type { Clock } from '../clock/index.ts';
import { randomSecret } from '../ids/index.ts';
import type { State } from '../state/contract.ts';
import type { Attempts } from './attempts.ts';
import { recordAudit } from './audit.ts';
import type { By } from './by.ts';
import type { SetupRequest, SetupView, UserLink } from './contracts.ts';
import { identityError } from './errors.ts';
import { checkPassword, type Passwords } from './passwords.ts';
import { ROOT_AGENCY, type IdentityTables, type LinkRow, type UserRow } from './schema.ts';
import { secretHash } from './secrets.ts';
import type { Sessions, Visitor } from './sessions.ts';
import { insertUser, newUser } from './users.ts';

export const LINK_LIFE_MS = 24 * 3_600_000;
const NAME = /^[a-z0-9][a-z0-9._-]{1,62}$/;

export interface Links {
  /** A new set-up link while nobody is registered (older ones stop working), else undefined. */
  createSetupLink(): Promise<UserLink | undefined>;
  /** A link with which the person sets a new password. */
  createPasswordLink(by: By, userId: string): Promise<UserLink>;
  /** What the link is for; throws IDENTITY_LINK_INVALID. */
  inspect(token: string): Promise<SetupView>;
  /** Uses the link up: sets the password and signs the person in. */
  redeem(request: SetupRequest, visitor: Visitor): Promise<{ user: UserRow; secret: string }>;
}

export interface LinkDeps {
  readonly state: State;
  readonly clock: Clock;
  readonly attempts: Attempts;
  readonly passwords: Passwords;
  readonly sessions: Sessions;
}

export function createLinks(deps: LinkDeps): Links {
  const { state, clock } = deps;
  return {
    createSetupLink: () =>
      state.transaction<IdentityTables, UserLink | undefined>('system', async (trx) => {
        if (await trx.selectFrom('users').select('id').executeTakeFirst()) return undefined;
        await trx.deleteFrom('links').where('kind', '=', 'setup').execute();
        return insertLink(trx, { kind: 'setup', user_id: null, expires_at: clock.now() + LINK_LIFE_MS });
      }),
    createPasswordLink: (by, userId) =>
      state.transaction<IdentityTables, UserLink>(by.scope, async (trx) => {
        const user = await trx.selectFrom('users').selectAll().where('id', '=', userId).where('disabled', '=', 0).executeTakeFirst();
        if (!user) throw identityError('IDENTITY_USER_UNKNOWN');
        await trx.deleteFrom('links').where('user_id', '=', userId).execute();
        const now = clock.now();
        const entry = { at: now, action: 'user.link', target: userId, agency: user.agency, details: { name: user.name } };
        await recordAudit(trx, { ...by, ...entry });
        return insertLink(trx, { kind: 'password', user_id: userId, expires_at: now + LINK_LIFE_MS });
      }),
    async inspect(token) {
      const db = state.system<IdentityTables>();
      const link = await validLink(db, token, clock.now());
      const expiresAt = link.expires_at;
      if (link.kind === 'setup' || link.user_id === null) return { kind: 'setup', expiresAt };
      const user = await db.selectFrom('users').selectAll().where('id', '=', link.user_id).executeTakeFirst();
      if (!user || user.disabled !== 0) throw identityError('IDENTITY_LINK_INVALID');
      return { kind: 'password', name: user.name, displayName: user.display_name, expiresAt };
    },
    redeem: (request, visitor) => redeem(deps, request, visitor),
  };
}

async function redeem(deps: LinkDeps, request: SetupRequest, visitor: Visitor): Promise<{ user: UserRow; secret: string }> {
  const { state, clock } = deps;
  const db = state.system<IdentityTables>();
  // Looked at before the costly hash: only who holds a valid link makes the server work.
  const link = await validLink(db, request.token, clock.now());
  const name =
    link.user_id === null
      ? firstName(request)
      : (await db.selectFrom('users').select('name').where('id', '=', link.user_id).executeTakeFirst())?.name;
  if (name === undefined) throw identityError('IDENTITY_LINK_INVALID');
  checkPassword(request.password, name);
  const password = await deps.passwords.hash(request.password);
  return state.transaction<IdentityTables, { user: UserRow; secret: string }>('system', async (trx) => {
    const now = clock.now();
    const used = await trx.deleteFrom('links').where('hash', '=', link.hash).where('expires_at', '>', now).executeTakeFirst();
    if (used.numDeletedRows !== 1n) throw identityError('IDENTITY_LINK_INVALID');
    const displayName = request.displayName?.trim() || name;
    const user =
      link.user_id === null
        ? await firstAdministrator(trx, { name, displayName, password, now })
        : await setPassword(trx, { id: link.user_id, password, now });
    await deps.attempts.clear(trx, user.name);
    await deps.sessions.revokeAll(trx, user.id);
    const secret = await deps.sessions.create(trx, user.id, visitor);
    const action = link.kind === 'setup' ? 'user.set_up' : 'user.password';
    const actor = { kind: 'user', id: user.id, name: user.name } as const;
    const entry = { actor, action, target: user.id, agency: user.agency, from: visitor.from, at: now };
    await recordAudit(trx, { ...entry, details: { name: user.name, link: true } });
    return { user, secret };
  });
}

function firstName(request: SetupRequest): string {
  const name = (request.name ?? '').trim().toLowerCase();
  if (!NAME.test(name)) throw identityError('IDENTITY_NAME_INVALID');
  return name;
}

interface FirstAdministrator {
  readonly name: string;
  readonly displayName: string;
  readonly password: string;
  readonly now: number;
}

async function firstAdministrator(trx: Transaction<IdentityTables>, first: FirstAdministrator): Promise<UserRow> {
  if (await trx.selectFrom('users').select('id').executeTakeFirst()) throw identityError('IDENTITY_LINK_INVALID');
  const { name, displayName, password, now } = first;
  const fresh = newUser({ name, displayName, role: 'administrator', agency: ROOT_AGENCY, created_at: now });
  const user: UserRow = { ...fresh, password, last_sign_in_at: now };
  await insertUser(trx, user);
  return user;
}

async function setPassword(
  trx: Transaction<IdentityTables>,
  { id, password, now }: { id: string; password: string; now: number },
): Promise<UserRow> {
  const user = await trx
    .updateTable('users')
    .set({ password, last_sign_in_at: now })
    .where('id', '=', id)
    .where('disabled', '=', 0)
    .returningAll()
    .executeTakeFirst();
  if (!user) throw identityError('IDENTITY_LINK_INVALID');
  return user;
}

async function validLink(db: Pick<Transaction<IdentityTables>, 'selectFrom'>, token: string, now: number): Promise<LinkRow> {
  const link = await db
    .selectFrom('links')
    .selectAll()
    .where('hash', '=', secretHash(token))
    .where('expires_at', '>', now)
    .executeTakeFirst();
  if (!link) throw identityError('IDENTITY_LINK_INVALID');
  return link;
}

async function insertLink(trx: Transaction<IdentityTables>, link: Omit<LinkRow, 'hash'>): Promise<UserLink> {
  const token = randomSecret();
  await trx
    .insertInto('links')
    .values({ ...link, hash: secretHash(token) })
    .execute();
  return { token, path: `/setup/${token}`, expiresAt: link.expires_at };
}
