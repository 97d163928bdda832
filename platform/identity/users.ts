/** People: administrators make and change them, inside their own scope and never beyond it. */
import type { Selectable, Transaction } from 'kysely';
import type { Clock } from '../clock/index.ts';
import { randomId } from '../ids/index.ts';
import type { State } from '../state/contract.ts';
import type { Attempts } from './attempts.ts';
import { recordAudit } from './audit.ts';
import type { By } from './by.ts';
import type { SessionUser, UserChange, UserCreate, UserView } from './contracts.ts';
import { identityError } from './errors.ts';
import { ROOT_AGENCY, type IdentityTables, type UserRow } from './schema.ts';
import type { Scope } from './scope.ts';
import type { Sessions } from './sessions.ts';

export interface Users {
  list(scope: Scope): Promise<UserView[]>;
  create(by: By, input: UserCreate): Promise<UserView>;
  /** Changes a person. Disabling ends their sessions; `unlock` ends a lock-out. */
  change(by: By, id: string, change: UserChange): Promise<UserView>;
  /** Language and theme of the signed-in person; not audited, nobody else sees them. */
  prefer(userId: string, choice: { language?: UserRow['language']; theme?: UserRow['theme'] }): Promise<UserRow>;
}

export interface UserDeps {
  readonly state: State;
  readonly clock: Clock;
  readonly attempts: Attempts;
  readonly sessions: Sessions;
}

export function createUsers(deps: UserDeps): Users {
  const { state, clock, attempts } = deps;
  const view = async (row: UserRow): Promise<UserView> => viewOf(row, (await attempts.locked([row.name])).get(row.name));
  return {
    async list(scope) {
      const rows = await state.as<IdentityTables>(scope).selectFrom('users').selectAll().orderBy('name').execute();
      const locked = await attempts.locked(rows.map((row) => row.name));
      return rows.map((row) => viewOf(row, locked.get(row.name)));
    },
    async create(by, input) {
      const row = newUser({ ...input, created_at: clock.now() });
      await state.transaction<IdentityTables, void>(by.scope, async (trx) => {
        await assertAgency(trx, input.agency);
        await insertUser(trx, row);
        const details = { name: row.name, role: row.role, agency: row.agency };
        await recordAudit(trx, { ...by, at: row.created_at, action: 'user.create', target: row.id, agency: row.agency, details });
      });
      return view(row);
    },
    async change(by, id, change) {
      return view(await state.transaction<IdentityTables, UserRow>(by.scope, (trx) => changeUser(trx, { ...deps, by, id, change })));
    },
    prefer: (userId, choice) =>
      state
        .system<IdentityTables>()
        .updateTable('users')
        .set(choice)
        .where('id', '=', userId)
        .returningAll()
        .executeTakeFirstOrThrow(() => identityError('IDENTITY_USER_UNKNOWN')),
  };
}

/** A row for a new person without a password. */
export function newUser(input: UserCreate & { readonly created_at: number }): UserRow {
  return {
    id: randomId(),
    agency: input.agency,
    name: input.name,
    display_name: input.displayName,
    role: input.role,
    language: 'vi',
    theme: 'auto',
    password: null,
    disabled: 0,
    last_sign_in_at: null,
    created_at: input.created_at,
  };
}

/** Stores the row; throws IDENTITY_NAME_TAKEN. */
export async function insertUser(trx: Transaction<IdentityTables>, row: UserRow): Promise<void> {
  const result = await trx
    .insertInto('users')
    .values(row)
    .onConflict((conflict) => conflict.column('name').doNothing())
    .executeTakeFirst();
  if (result.numInsertedOrUpdatedRows !== 1n) throw identityError('IDENTITY_NAME_TAKEN', { name: row.name });
}

type ChangeContext = UserDeps & { readonly by: By; readonly id: string; readonly change: UserChange };

async function changeUser(trx: Transaction<IdentityTables>, context: ChangeContext): Promise<UserRow> {
  const { by, id, change } = context;
  const before = await trx.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
  if (!before) throw identityError('IDENTITY_USER_UNKNOWN');
  if (change.agency !== undefined) await assertAgency(trx, change.agency);
  const after: UserRow = {
    ...before,
    display_name: change.displayName ?? before.display_name,
    role: change.role ?? before.role,
    agency: change.agency ?? before.agency,
    disabled: change.disabled === undefined ? before.disabled : Number(change.disabled),
  };
  await assertAdministratorRemains(trx, before, after);
  const { display_name, role, agency, disabled } = after;
  await trx.updateTable('users').set({ display_name, role, agency, disabled }).where('id', '=', id).execute();
  if (after.disabled !== 0 && before.disabled === 0) {
    await context.sessions.revokeAll(trx, id);
    await trx.deleteFrom('links').where('user_id', '=', id).execute();
  }
  // Their sockets stay, and get what is theirs now.
  if (role !== before.role || agency !== before.agency) await context.sessions.changed(trx);
  if (change.unlock === true) await context.attempts.clear(trx, before.name);
  const details = { name: before.name, ...change };
  const entry = { ...by, at: context.clock.now(), action: 'user.change', target: id, details };
  await recordAudit(trx, { ...entry, agency: before.agency });
  if (after.agency !== before.agency) await recordAudit(trx, { ...entry, agency: after.agency });
  return after;
}

async function assertAdministratorRemains(trx: Transaction<IdentityTables>, before: UserRow, after: UserRow): Promise<void> {
  if (!governs(before) || governs(after)) return;
  const others = await trx
    .selectFrom('users')
    .select('id')
    .where('agency', '=', ROOT_AGENCY)
    .where('role', '=', 'administrator')
    .where('disabled', '=', 0)
    .where('password', 'is not', null)
    .where('id', '!=', before.id)
    .executeTakeFirst();
  if (!others) throw identityError('IDENTITY_LAST_ADMINISTRATOR');
}

function governs(user: UserRow): boolean {
  return user.role === 'administrator' && user.agency === ROOT_AGENCY && user.disabled === 0 && user.password !== null;
}

// In a scoped transaction an agency out of reach is not there.
async function assertAgency(trx: Transaction<IdentityTables>, agency: string): Promise<void> {
  const row = await trx.selectFrom('agencies').select('agency').where('agency', '=', agency).executeTakeFirst();
  if (!row) throw identityError('IDENTITY_AGENCY_UNKNOWN', { agency });
}

export function sessionUserOf(row: Selectable<UserRow>): SessionUser {
  const { id, name, display_name: displayName, role, agency, language, theme } = row;
  return { id, name, displayName, role, agency, language, theme };
}

function viewOf(row: UserRow, lockedUntil: number | undefined): UserView {
  return {
    ...sessionUserOf(row),
    disabled: row.disabled !== 0,
    createdAt: row.created_at,
    ...(lockedUntil === undefined ? {} : { lockedUntil }),
    ...(row.last_sign_in_at === null ? {} : { lastSignInAt: row.last_sign_in_at }),
  };
}
