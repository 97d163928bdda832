/** Keys of programs, and the operator key of this machine's command line. Shown once, stored as SHA-256. */
import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock/index.ts';
import { randomId, randomSecret } from '../ids/index.ts';
import type { State } from '../state/contract.ts';
import { recordAudit } from './audit.ts';
import type { By } from './by.ts';
import type { KeyCreate, KeyView } from './contracts.ts';
import { identityError } from './errors.ts';
import { ROOT_AGENCY, type IdentityTables, type KeyRow } from './schema.ts';
import { reaches, type Scope } from './scope.ts';
import { secretHash, touched } from './secrets.ts';

/** Lets secret scanners recognise a key. */
const PREFIX = 'vong_key_';
const OPERATOR_PREFIX = 'vong_operator_';
const MAX_LENGTH = 128;
const TOUCH_MS = 60_000;

export interface Keys {
  list(scope: Scope): Promise<KeyView[]>;
  create(by: By, input: KeyCreate): Promise<{ key: KeyView; secret: string }>;
  revoke(by: By, id: string): Promise<void>;
  /** The scope of a valid key. */
  resolve(secret: string): Promise<Scope | undefined>;
  /** A new key for this machine's command line with the whole tree in reach; the one before it stops working. Kept in memory only. */
  createOperatorKey(): string;
}

export interface KeyDeps {
  readonly state: State;
  readonly clock: Clock;
  readonly below: (agency: string) => Promise<Scope['agencies']>;
}

export function createKeys(deps: KeyDeps): Keys {
  const { state, clock } = deps;
  let operatorHash = '';
  return {
    async list(scope) {
      const rows = await state.as<IdentityTables>(scope).selectFrom('keys').selectAll().orderBy('created_at').execute();
      return rows.map(viewOf);
    },
    create: (by, input) => createKey(deps, by, input),
    revoke: (by, id) =>
      state.transaction<IdentityTables, void>(by.scope, async (trx) => {
        const row = await trx.selectFrom('keys').selectAll().where('id', '=', id).executeTakeFirst();
        if (!row || row.revoked_at !== null) throw identityError('IDENTITY_KEY_UNKNOWN');
        const now = clock.now();
        await trx.updateTable('keys').set({ revoked_at: now }).where('id', '=', id).execute();
        await recordAudit(trx, { ...by, at: now, action: 'key.revoke', target: id, agency: row.agency, details: { name: row.name } });
      }),
    async resolve(secret) {
      if (secret.length > MAX_LENGTH) return undefined;
      if (secret.startsWith(OPERATOR_PREFIX)) return equal(secretHash(secret), operatorHash) ? OPERATOR : undefined;
      return secret.startsWith(PREFIX) ? resolveKey(deps, secret) : undefined;
    },
    createOperatorKey() {
      const secret = OPERATOR_PREFIX + randomSecret();
      operatorHash = secretHash(secret);
      return secret;
    },
  };
}

const OPERATOR: Scope = {
  actor: { kind: 'key', id: 'operator', name: 'operator' },
  role: 'administrator',
  agency: ROOT_AGENCY,
  agencies: 'all',
};

async function createKey(deps: KeyDeps, by: By, input: KeyCreate): Promise<{ key: KeyView; secret: string }> {
  if (!reaches(by.scope, input.agency)) throw identityError('IDENTITY_AGENCY_UNKNOWN', { agency: input.agency });
  const secret = PREFIX + randomSecret();
  const { name, role, agency } = input;
  const hash = secretHash(secret);
  const row: KeyRow = { id: randomId(), agency, name, role, hash, created_at: deps.clock.now(), last_used_at: null, revoked_at: null };
  await deps.state.transaction<IdentityTables, void>(by.scope, async (trx) => {
    const known = await trx.selectFrom('agencies').select('agency').where('agency', '=', agency).executeTakeFirst();
    if (!known) throw identityError('IDENTITY_AGENCY_UNKNOWN', { agency });
    await trx.insertInto('keys').values(row).execute();
    await recordAudit(trx, { ...by, at: row.created_at, action: 'key.create', target: row.id, agency, details: { name, role } });
  });
  return { key: viewOf(row), secret };
}

async function resolveKey({ state, clock, below }: KeyDeps, secret: string): Promise<Scope | undefined> {
  const db = state.system<IdentityTables>();
  const row = await db.selectFrom('keys').selectAll().where('hash', '=', secretHash(secret)).executeTakeFirst();
  if (!row || row.revoked_at !== null) return undefined;
  const now = clock.now();
  if (row.last_used_at === null || now - row.last_used_at > TOUCH_MS) {
    await touched(db.updateTable('keys').set({ last_used_at: now }).where('id', '=', row.id).execute());
  }
  const { id, name, role, agency } = row;
  return { actor: { kind: 'key', id, name }, role, agency, agencies: await below(agency) };
}

function equal(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

function viewOf(row: KeyRow): KeyView {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    agency: row.agency,
    createdAt: row.created_at,
    ...(row.last_used_at === null ? {} : { lastUsedAt: row.last_used_at }),
    ...(row.revoked_at === null ? {} : { revokedAt: row.revoked_at }),
  };
}
