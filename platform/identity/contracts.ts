/** What the console and programs read and send about people, agencies, keys and the audit trail. */
import { Type, type Static } from 'typebox';
import type { Role } from './scope.ts';

export type AgencyKind = 'nation' | 'ministry' | 'province' | 'unit';

export interface AgencyView {
  /** Immutable, unique: lower-case letters, digits, hyphens. */
  code: string;
  name: { vi: string; en: string };
  kind: AgencyKind;
  parent: string | null;
  /** Codes from the root to this agency, inclusive. */
  path: string[];
}

export const AgencyCreate = Type.Object({
  code: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,62}$' }),
  nameVi: Type.String({ minLength: 1, maxLength: 200 }),
  nameEn: Type.String({ minLength: 1, maxLength: 200 }),
  kind: Type.Union([Type.Literal('ministry'), Type.Literal('province'), Type.Literal('unit')]),
  parent: Type.String({ minLength: 1, maxLength: 64 }),
});
export type AgencyCreate = Static<typeof AgencyCreate>;

export interface SessionUser {
  id: string;
  name: string;
  displayName: string;
  role: Role;
  agency: string;
  language: 'vi' | 'en';
  theme: 'light' | 'dark' | 'auto';
}

export interface UserView extends SessionUser {
  disabled: boolean;
  lockedUntil?: number;
  lastSignInAt?: number;
  createdAt: number;
}

export const UserCreate = Type.Object({
  name: Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{1,62}$' }),
  displayName: Type.String({ minLength: 1, maxLength: 200 }),
  role: Type.Union([Type.Literal('administrator'), Type.Literal('analyst'), Type.Literal('auditor')]),
  agency: Type.String({ minLength: 1, maxLength: 64 }),
});
export type UserCreate = Static<typeof UserCreate>;

export interface KeyView {
  id: string;
  name: string;
  role: Role;
  agency: string;
  createdAt: number;
  lastUsedAt?: number;
  revokedAt?: number;
}

export interface AuditEntry {
  id: string;
  at: number;
  actor: { kind: string; id: string; name: string };
  agency: string;
  /** `<thing>.<verb>`, e.g. `alert.change`, `user.sign_in`. */
  action: string;
  /** Id of the thing. */
  target: string;
  details: Record<string, unknown>;
  /** Address the request came from. */
  from?: string;
}

const role = Type.Union([Type.Literal('administrator'), Type.Literal('analyst'), Type.Literal('auditor')]);
const secret = Type.String({ minLength: 1, maxLength: 256 });

/** `POST /api/session` */
export const SignIn = Type.Object({ name: Type.String({ minLength: 1, maxLength: 64 }), password: secret });
export type SignIn = Static<typeof SignIn>;

/** `POST /api/setup`; `name` and `displayName` are for the first administrator, a link for a known user does without. */
export const SetupRequest = Type.Object({
  token: Type.String({ minLength: 1, maxLength: 64 }),
  name: Type.Optional(Type.String({ maxLength: 64 })),
  displayName: Type.Optional(Type.String({ maxLength: 200 })),
  password: secret,
});
export type SetupRequest = Static<typeof SetupRequest>;

/** `GET /api/setup/:token`: what the link is for. */
export interface SetupView {
  kind: 'setup' | 'password';
  /** The user whose password the link sets. */
  name?: string;
  displayName?: string;
  expiresAt: number;
}

/** `PATCH /api/session`; a new password needs the present one, and ends the person's other sessions. */
export const SessionChange = Type.Object({
  language: Type.Optional(Type.Union([Type.Literal('vi'), Type.Literal('en')])),
  theme: Type.Optional(Type.Union([Type.Literal('light'), Type.Literal('dark'), Type.Literal('auto')])),
  password: Type.Optional(secret),
  newPassword: Type.Optional(secret),
});
export type SessionChange = Static<typeof SessionChange>;

/** `PATCH /api/agencies/:code`; `parent` moves the agency with everything below it. */
export const AgencyChange = Type.Object({
  nameVi: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  nameEn: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  parent: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
});
export type AgencyChange = Static<typeof AgencyChange>;

/** `PATCH /api/users/:id` */
export const UserChange = Type.Object({
  displayName: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  role: Type.Optional(role),
  agency: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  disabled: Type.Optional(Type.Boolean()),
  /** True ends a lock-out. */
  unlock: Type.Optional(Type.Boolean()),
});
export type UserChange = Static<typeof UserChange>;

/** Answer of `POST /api/users/:id/link`: shown once, valid once, until `expiresAt`. */
export interface UserLink {
  token: string;
  /** Path of the page that takes the new password. */
  path: string;
  expiresAt: number;
}

/** `POST /api/keys`; answers `{key: KeyView, secret}`, the only time the secret is shown. */
export const KeyCreate = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 100 }),
  role,
  agency: Type.String({ minLength: 1, maxLength: 64 }),
});
export type KeyCreate = Static<typeof KeyCreate>;

/** `GET /api/audit` */
export const AuditListQuery = Type.Object({
  actor: Type.Optional(Type.String({ maxLength: 64 })),
  action: Type.Optional(Type.String({ maxLength: 64 })),
  target: Type.Optional(Type.String({ maxLength: 200 })),
  from: Type.Optional(Type.Integer()),
  to: Type.Optional(Type.Integer()),
  cursor: Type.Optional(Type.String({ pattern: '^[0-9]{1,15}$' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
});
export type AuditListQuery = Static<typeof AuditListQuery>;
