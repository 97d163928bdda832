/** The names by which an event's values are found (`values.ts`), all of them at once, without those that have a column. */
import { FIELD_NAME_MAX } from '../bounds.ts';
import { columnOf } from '../columns.ts';
import { FREE_FORM } from '../free-form.ts';

/** What stands at a name. */
export interface Named {
  /** Texts of the values that conditions are tested on. */
  readonly values: string[];
  /** Texts that are counted, each once: as `values`, and lists within lists as JSON. Undefined: none is to be counted. */
  counted: readonly string[] | undefined;
}

const freeForm = new Set(FREE_FORM);
const ANSWERS = 'dns.answers.data';

/** Name → what stands there; only names that exist (`existsAt`). */
export function namesOf(event: object): Map<string, Named> {
  const found = new Map<string, Named>();
  members(event, '', found);
  found.delete(ANSWERS);
  const answers = answersOf(event);
  if (answers.length > 0) note(found, ANSWERS, { value: answers, first: true });
  return found;
}

interface Noted {
  readonly value: unknown;
  /** The nested place, which is counted before the one whose key holds dots. */
  readonly first: boolean;
}

function members(object: object, parent: string, found: Map<string, Named>): void {
  for (const [key, value] of Object.entries(object)) {
    if (value === null || value === undefined) continue;
    const name = parent === '' ? key : `${parent}.${key}`;
    if (name.length > FIELD_NAME_MAX) continue;
    const dotted = key.includes('.');
    // Only under these parents is a key with dots in it a name.
    if (dotted && !freeForm.has(parent)) continue;
    note(found, name, { value, first: !dotted });
    if (!dotted && typeof value === 'object' && !Array.isArray(value)) members(value, name, found);
  }
}

function note(found: Map<string, Named>, name: string, { value, first }: Noted): void {
  if (columnOf(name) !== undefined || !exists(value)) return;
  const known = found.get(name);
  const values = textsOf(value);
  const counted = countedOf(value);
  if (known === undefined) found.set(name, { values, counted });
  else {
    known.values.push(...values);
    known.counted = first ? (counted ?? known.counted) : (known.counted ?? counted);
  }
}

function exists(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : value !== undefined && value !== null;
}

function textsOf(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter(isScalar).map(String);
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function countedOf(value: unknown): readonly string[] | undefined {
  if (isScalar(value)) return [String(value)];
  if (!Array.isArray(value)) return undefined;
  const items: readonly unknown[] = value;
  return [...new Set(items.filter((item) => item !== null).map((item) => (isScalar(item) ? String(item) : JSON.stringify(item))))];
}

function answersOf(event: object): unknown[] {
  const dns: unknown = Object.hasOwn(event, 'dns') && 'dns' in event ? event.dns : undefined;
  if (typeof dns !== 'object' || dns === null || !Object.hasOwn(dns, 'answers')) return [];
  const list: unknown = 'answers' in dns ? dns.answers : undefined;
  if (!Array.isArray(list)) return [];
  const items: readonly unknown[] = list;
  return items.flatMap((item) =>
    typeof item === 'object' && item !== null && Object.hasOwn(item, 'data') && 'data' in item ? [item.data] : [],
  );
}
