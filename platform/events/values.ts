/**
 * The values an event has at a dotted field name: the one definition that the in-memory evaluator uses and the SQL must equal.
 * Lists count by their items. Under the free-form parents a key that itself holds dots is found too (`json.a.b` = `json["a.b"]`).
 */
import { FREE_FORM } from './free-form.ts';

export type Scalar = string | number | boolean;

export function valuesAt(event: object, field: string): Scalar[] {
  return places(event, field).flatMap(scalars);
}

/** True when the field is there and is not null, an empty list or an empty object. */
export function existsAt(event: object, field: string): boolean {
  return places(event, field).some((value) => {
    if (Array.isArray(value)) return value.length > 0;
    if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
    return value !== undefined && value !== null;
  });
}

/** The tokens of each place where the field may stand. */
export function pathsOf(field: string): string[][] {
  const nested = field.split('.');
  for (const parent of FREE_FORM) {
    if (field.startsWith(`${parent}.`)) {
      const rest = field.slice(parent.length + 1);
      return rest.includes('.') ? [nested, [...parent.split('.'), rest]] : [nested];
    }
  }
  return [nested];
}

function places(event: object, field: string): unknown[] {
  if (field === 'dns.answers.data') return answers(event);
  return pathsOf(field).map((path) => walk(event, path));
}

function answers(event: object): unknown[] {
  const list = walk(event, ['dns', 'answers']);
  return Array.isArray(list) ? [list.map((item: unknown) => walk(item, ['data'])).filter((item) => item !== undefined)] : [];
}

function walk(from: unknown, path: readonly string[]): unknown {
  let value = from;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, key)) return undefined;
    // oxlint-disable-next-line no-unsafe-type-assertion -- checked by what produced it
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

function scalars(value: unknown): Scalar[] {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return [value];
  return Array.isArray(value) ? value.filter((item) => ['string', 'number', 'boolean'].includes(typeof item)) : [];
}
