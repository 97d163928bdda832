/** The tables of people, agencies, keys and the audit trail. Times in milliseconds since the epoch; secrets only as SHA-256. */
import type { Generated, Kysely } from 'kysely';
import type { StateModule } from '../state/contract.ts';
import type { AgencyKind } from './contracts.ts';
import type { Role } from './scope.ts';

/** Code of the root of the tree; the only agency that exists on the first day. */
export const ROOT_AGENCY = 'vn';

export interface AuditTables {
  audit: {
    sequence: Generated<number>;
    at: number;
    agency: string;
    actor_kind: string;
    actor_id: string;
    actor_name: string;
    action: string;
    target: string;
    details: string;
    origin: string | null;
  };
}

export interface AgencyRow {
  /** The agency's own code: named like the scope column of every table, so that the tree is scoped like the rest. */
  agency: string;
  name_vi: string;
  name_en: string;
  kind: AgencyKind;
  parent: string | null;
  /** Codes from the root to this agency, joined with '/'. */
  path: string;
  created_at: number;
}

export interface UserRow {
  id: string;
  agency: string;
  name: string;
  display_name: string;
  role: Role;
  language: 'vi' | 'en';
  theme: 'light' | 'dark' | 'auto';
  /** PHC string of argon2id; null until a password is set through a link. */
  password: string | null;
  disabled: number;
  last_sign_in_at: number | null;
  created_at: number;
}

export interface SessionRow {
  id: string;
  user_id: string;
  hash: string;
  created_at: number;
  seen_at: number;
  origin: string;
  program: string;
}

export interface KeyRow {
  id: string;
  agency: string;
  name: string;
  role: Role;
  hash: string;
  created_at: number;
  last_used_at: number | null;
  revoked_at: number | null;
}

export interface LinkRow {
  hash: string;
  /** `setup` makes the first administrator; `password` sets the password of `user_id`. */
  kind: 'setup' | 'password';
  user_id: string | null;
  expires_at: number;
}

export interface AttemptRow {
  name_hash: string;
  count: number;
  last_at: number;
  locked_until: number;
}

export interface IdentityTables extends AuditTables {
  agencies: AgencyRow;
  users: UserRow;
  sessions: SessionRow;
  keys: KeyRow;
  links: LinkRow;
  sign_in_attempts: AttemptRow;
}

async function createAgencies(db: Kysely<IdentityTables>): Promise<void> {
  await db.schema
    .createTable('agencies')
    .addColumn('agency', 'text', (column) => column.primaryKey())
    .addColumn('name_vi', 'text', (column) => column.notNull())
    .addColumn('name_en', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('parent', 'text')
    .addColumn('path', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await db
    .insertInto('agencies')
    .values({
      agency: ROOT_AGENCY,
      name_vi: 'Việt Nam',
      name_en: 'Viet Nam',
      kind: 'nation',
      parent: null,
      path: ROOT_AGENCY,
      created_at: 0,
    })
    .execute();
}

async function createUsers(db: Kysely<IdentityTables>): Promise<void> {
  await db.schema
    .createTable('users')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('agency', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('display_name', 'text', (column) => column.notNull())
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('language', 'text', (column) => column.notNull())
    .addColumn('theme', 'text', (column) => column.notNull())
    .addColumn('password', 'text')
    .addColumn('disabled', 'integer', (column) => column.notNull())
    .addColumn('last_sign_in_at', 'bigint')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('users_agency').on('users').column('agency').execute();
}

async function createSecrets(db: Kysely<IdentityTables>): Promise<void> {
  await db.schema
    .createTable('sessions')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull().unique())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('seen_at', 'bigint', (column) => column.notNull())
    .addColumn('origin', 'text', (column) => column.notNull())
    .addColumn('program', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('sessions_user').on('sessions').column('user_id').execute();
  await db.schema
    .createTable('keys')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('agency', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull().unique())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('last_used_at', 'bigint')
    .addColumn('revoked_at', 'bigint')
    .execute();
  await db.schema
    .createTable('links')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('user_id', 'text')
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('sign_in_attempts')
    .addColumn('name_hash', 'text', (column) => column.primaryKey())
    .addColumn('count', 'integer', (column) => column.notNull())
    .addColumn('last_at', 'bigint', (column) => column.notNull())
    .addColumn('locked_until', 'bigint', (column) => column.notNull())
    .execute();
}

async function createAudit(db: Kysely<IdentityTables>): Promise<void> {
  await db.schema
    .createTable('audit')
    .addColumn('sequence', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('agency', 'text', (column) => column.notNull())
    .addColumn('actor_kind', 'text', (column) => column.notNull())
    .addColumn('actor_id', 'text', (column) => column.notNull())
    .addColumn('actor_name', 'text', (column) => column.notNull())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('details', 'text', (column) => column.notNull())
    .addColumn('origin', 'text')
    .execute();
  await db.schema.createIndex('audit_agency').on('audit').columns(['agency', 'sequence']).execute();
  await db.schema.createIndex('audit_actor').on('audit').columns(['actor_id', 'sequence']).execute();
  await db.schema.createIndex('audit_action').on('audit').columns(['action', 'sequence']).execute();
}

export const identityModule: StateModule = {
  name: 'identity',
  migrations: {
    '2026-11-22-identity-01': {
      async up(db: Kysely<IdentityTables>): Promise<void> {
        await createAgencies(db);
        await createUsers(db);
        await createSecrets(db);
        await createAudit(db);
      },
    },
  },
  scoped: ['agencies', 'users', 'keys', 'audit'],
};
