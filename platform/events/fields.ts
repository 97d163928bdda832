/** The fields that events have, found by looking at a sample of them. */
import { columnOf } from './columns.ts';
import type { FieldInfo } from './contract.ts';
import type { EcsEvent } from './ecs.ts';
import { ipKey } from './ip.ts';

/** Newest matching events that are looked at. */
export const FIELD_SAMPLE = 1000;
const MAX_FIELDS = 2000;
const MAX_DEPTH = 12;

interface Seen {
  count: number;
  type: FieldInfo['type'];
}

/** Most frequent first. */
export function describeFields(events: readonly EcsEvent[]): FieldInfo[] {
  const seen = new Map<string, Seen>();
  for (const event of events) {
    for (const [name, value] of leaves(event)) note(seen, name, value);
  }
  const fields = [...seen].map(([name, { count, type }]) => ({ name, count, type }));
  return fields.sort((left, right) => right.count - left.count || (left.name < right.name ? -1 : 1));
}

function note(seen: Map<string, Seen>, name: string, value: unknown): void {
  const known = seen.get(name);
  if (known === undefined) {
    if (seen.size < MAX_FIELDS) seen.set(name, { count: 1, type: typeOf(name, value) });
    return;
  }
  known.count++;
  if (known.type !== typeOf(name, value)) known.type = 'keyword';
}

function typeOf(name: string, value: unknown): FieldInfo['type'] {
  const column = columnOf(name);
  if (column !== undefined) return column.type;
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'boolean';
  return typeof value === 'string' && ipKey(value) !== undefined ? 'ip' : 'keyword';
}

/** Each name once for an event, with its first value. */
function leaves(event: object): Map<string, unknown> {
  const found = new Map<string, unknown>();
  const visit = (value: unknown, name: string, depth: number): void => {
    if (value === undefined || value === null || depth > MAX_DEPTH) return;
    if (Array.isArray(value)) {
      for (const item of value) visit(item, name, depth + 1);
    } else if (typeof value === 'object') {
      for (const [key, item] of Object.entries(value)) visit(item, name === '' ? key : `${name}.${key}`, depth + 1);
    } else if (!found.has(name)) found.set(name, value);
  };
  visit(event, '', 0);
  return found;
}
