/** The details of an audit entry as lines that can be read: a name, what it was before where it changed, and what it is. Pure. */
import type { AuditEntry } from '@vong/platform/identity';
import { triageWord, type TriageWord } from '../../ui/triage-word.ts';

/** Names of details that have a word of their own; the others are shown as they are stored. */
const DETAIL_NAMES = [
  'name',
  'displayName',
  'role',
  'agency',
  'disabled',
  'unlock',
  'link',
  'kind',
  'parent',
  'nameVi',
  'nameEn',
  'status',
  'assignee',
  'verdict',
  'verdictReason',
  'text',
  'files',
  'imported',
  'updated',
  'unchanged',
  'failed',
  'values',
  'replaces',
  'failure',
  'recording',
  'speed',
  'bytes',
  'query',
] as const;
type DetailName = (typeof DETAIL_NAMES)[number];

/** Words of roles and kinds of agencies. */
const VALUE_WORDS = {
  administrator: 'role.administrator',
  analyst: 'role.analyst',
  auditor: 'role.auditor',
  nation: 'kind.nation',
  ministry: 'kind.ministry',
  province: 'kind.province',
  unit: 'kind.unit',
} as const;
type ValueWord = (typeof VALUE_WORDS)[keyof typeof VALUE_WORDS];

export interface DetailLine {
  readonly name: string;
  /** Only where something changed. */
  readonly before?: unknown;
  readonly value: unknown;
}

/** A pair is before and after, as triage stores it; `before` and `after` beside each other are what the values of a rule were and are. */
export function detailLines(details: AuditEntry['details']): DetailLine[] {
  const { before, after, ...others } = details;
  const values: DetailLine[] = 'before' in details && 'after' in details ? [{ name: 'values', before, value: after }] : [];
  const lines = Object.entries(others).map(([name, value]): DetailLine => {
    if (Array.isArray(value) && value.length === 2) return { name, before: value[0], value: value[1] };
    return { name, value };
  });
  return [...values, ...lines];
}

export function isDetailName(name: string): name is DetailName {
  return DETAIL_NAMES.some((one) => one === name);
}

/** The word for a role or a kind of agency; anywhere else the same letters are just text. */
export function ownWord({ name, value }: DetailLine): ValueWord | undefined {
  if (name !== 'role' && name !== 'kind') return undefined;
  return Object.entries(VALUE_WORDS).find(([one]) => one === value)?.[1];
}

/** The word for a status or a verdict, likewise. */
export function triageWordOf({ name, value }: DetailLine): TriageWord | undefined {
  return name === 'status' || name === 'verdict' ? triageWord(value) : undefined;
}

/** A value without words: lists with commas, a person by name. */
export function plainText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(plainText).join(', ');
  if (typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string') return value.name;
  return JSON.stringify(value) ?? '';
}
