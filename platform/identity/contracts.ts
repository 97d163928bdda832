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
