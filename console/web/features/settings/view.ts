/** What the URLs of the settings say, who may see which part, and how people and keys stand. Pure. */
import type { AgencyView, KeyView, UserView } from '@vong/platform/identity';
import { defined, oneOf, text } from '../../client/search-params.ts';
import type { QueryValue } from '../../client/api.ts';
import { fold } from '../../ui/format.ts';
import type { StateTone } from '../../ui/StateMark.tsx';

export const NEW = 'new';
export const ROLES = ['administrator', 'analyst', 'auditor'] as const;
export type Role = (typeof ROLES)[number];

export const PARTS = ['profile', 'agencies', 'people', 'keys', 'audit'] as const;
export type Part = (typeof PARTS)[number];

/** The parts a role may see: what the server would refuse is not offered. */
export function partsFor(role: Role): Part[] {
  return PARTS.filter((part) => (part === 'keys' ? role === 'administrator' : part === 'audit' ? role !== 'analyst' : true));
}

export function pathOf(part: Part): string {
  return part === 'profile' ? '/settings' : `/settings/${part}`;
}

export interface ItemView {
  readonly agency?: string;
  readonly q?: string;
  /** What is on the right; `new`: making one. */
  readonly item?: string;
}

export function itemSearch(raw: Record<string, unknown>): Omit<ItemView, 'agency'> {
  return defined({ q: text(raw['q']), item: text(raw['item'], 64) });
}

export const RANGES = ['1h', '24h', '7d', '30d'] as const;
const RANGE_MS: Record<(typeof RANGES)[number], number> = { '1h': 3_600_000, '24h': 86_400_000, '7d': 604_800_000, '30d': 2_592_000_000 };

export interface AuditView {
  readonly actor?: string;
  readonly action?: string;
  readonly target?: string;
  readonly range?: (typeof RANGES)[number];
  readonly entry?: string;
}

export function auditSearch(raw: Record<string, unknown>): AuditView {
  return defined({
    actor: text(raw['actor'], 64),
    action: text(raw['action'], 64),
    target: text(raw['target'], 200),
    range: oneOf(raw['range'], RANGES),
    entry: text(raw['entry'], 20),
  });
}

/** Query of `GET /api/audit`. */
export function auditQuery({ actor, action, target, range }: AuditView, now: number): Record<string, QueryValue> {
  return { actor, action, target, from: range === undefined ? undefined : now - RANGE_MS[range] };
}

export type PersonState = 'active' | 'invited' | 'locked' | 'disabled';
export const PERSON_TONES: Record<PersonState, StateTone> = { active: 'ok', invited: 'waiting', locked: 'late', disabled: 'waiting' };

export function personState(person: UserView): PersonState {
  if (person.disabled) return 'disabled';
  if (person.lockedUntil !== undefined) return 'locked';
  return person.lastSignInAt === undefined ? 'invited' : 'active';
}

/** Those at or below the agency whose names have the words. */
export function within<Item extends { agency: string }>(
  items: readonly Item[],
  where: { readonly agency?: string | undefined; readonly q?: string | undefined; readonly agencies: readonly AgencyView[] },
  textOf: (item: Item) => string,
): Item[] {
  const { agency, agencies, q = '' } = where;
  const reach = agency === undefined ? undefined : new Set(agencies.filter(({ path }) => path.includes(agency)).map(({ code }) => code));
  const wanted = fold(q.trim());
  return items.filter((item) => (reach === undefined || reach.has(item.agency)) && fold(textOf(item)).includes(wanted));
}

function rankOf(key: KeyView): number {
  return key.revokedAt === undefined ? 0 : 1;
}

/** Keys in force first, then by name. */
export function sortKeys(keys: readonly KeyView[]): KeyView[] {
  return [...keys].sort((a, b) => rankOf(a) - rankOf(b) || (a.name < b.name ? -1 : 1));
}

/** An agency and everything below it: where it cannot be moved to. */
export function below(agencies: readonly AgencyView[], code: string): Set<string> {
  return new Set(agencies.filter(({ path }) => path.includes(code)).map((agency) => agency.code));
}

const PERSON_NAME = /^[a-z0-9][a-z0-9._-]{1,62}$/;

export function isPersonName(name: string): boolean {
  return PERSON_NAME.test(name);
}

/** `Trần Thị Ngọc` → `ngoc.tran`: given name and family name, as names are written in Vietnam. */
export function suggestName(displayName: string): string {
  const parts = fold(displayName)
    .split(/[^a-z0-9]+/)
    .filter((part) => part !== '');
  const [family = '', given = ''] = [parts[0], parts.length > 1 ? parts.at(-1) : ''];
  return (given === '' ? family : `${given}.${family}`).slice(0, 63);
}
