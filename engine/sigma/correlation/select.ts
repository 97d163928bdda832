/** Which groups an event belongs to, and with which values: what `group-by` and the condition's fields read. */
import { fold } from '../match/fold.ts';
import { toNumber } from '../match/value.ts';
import { type ScalarValue, scalars } from '../pipelines/paths.ts';
import { digest } from './digest.ts';
import type { Plan, Source } from './plan.ts';

/** Groups × values one event may stand for when its fields are lists. */
const MAX_PLACES = 64;
const MAX_KEY = 512;
const BETWEEN = '\u001F';

/** One place of an event: its group, and the value it brings there. */
export interface Selected {
  readonly key: string;
  readonly group: readonly string[];
  /** A number for sums, averages and percentiles; a text for counts of values; undefined where the type looks at none. */
  readonly value: number | string | undefined;
}

export type Selection = readonly Selected[] | 'no group' | 'no value';

export function select(
  plan: Plan,
  source: Source,
  event: { readonly partition: string; readonly fields: Readonly<Record<string, unknown>> },
): Selection {
  const groups = combinations(source.group.map((field) => textsOf(event.fields, field)));
  if (groups.length === 0) return 'no group';
  const values = valuesOf(plan, source, event.fields);
  if (values.length === 0) return 'no value';
  const places: Selected[] = [];
  const seen = new Set<string>();
  for (const group of groups) {
    const key = keyOf(event.partition, group);
    if (seen.has(key)) continue;
    seen.add(key);
    for (const value of values) if (places.length < MAX_PLACES) places.push({ key, group, value });
  }
  return places;
}

/** The carried fields of an event as one text, absent ones as null. */
export function carriedOf(source: Source, fields: Readonly<Record<string, unknown>>): string {
  return source.carried.length === 0 ? '' : JSON.stringify(source.carried.map((field) => textsOf(fields, field)));
}

/** What a match hands up: the values of its group, and what its events carried. */
export function fieldsOfMatch(plan: Plan, group: readonly string[], carried: string): Readonly<Record<string, unknown>> {
  const lists: unknown = carried === '' ? [] : JSON.parse(carried);
  const own = plan.correlation.groupBy.map((field, index): [string, unknown] => [field, group[index]]);
  const handed = plan.carried.map((field, index): [string, unknown] => [field, Array.isArray(lists) ? lists[index] : undefined]);
  return Object.fromEntries([...own, ...handed]);
}

function valuesOf(
  { correlation }: Plan,
  source: Source,
  fields: Readonly<Record<string, unknown>>,
): readonly (number | string | undefined)[] {
  const { type, condition } = correlation;
  if (condition.fields.length === 0) return [undefined];
  const counted = type === 'value_count' || (type === 'value_percentile' && condition.percentile === undefined);
  if (!counted) {
    const found = scalars(own(fields, source.values[0] ?? '')).map((value) => toNumber(value));
    return found.filter((value) => value !== undefined && Number.isFinite(value));
  }
  const texts = combinations(source.values.map((field) => textsOf(fields, field))).map((parts) => keyOf('', parts));
  return [...new Set(texts)];
}

/** A null or empty value is a value; a field that is not there has none. */
function textsOf(fields: Readonly<Record<string, unknown>>, field: string): string[] {
  return scalars(own(fields, field))
    .filter((value): value is Exclude<ScalarValue, null> => value !== null)
    .map((value) => String(value).toWellFormed());
}

function own(fields: Readonly<Record<string, unknown>>, field: string): unknown {
  return Object.hasOwn(fields, field) ? fields[field] : undefined;
}

function combinations(lists: readonly (readonly string[])[]): string[][] {
  let found: string[][] = [[]];
  for (const list of lists) found = found.flatMap((before) => list.map((value) => [...before, value])).slice(0, MAX_PLACES);
  return found;
}

/** Never the empty text. Values are the same when they are the same for a rule: case does not count. Long keys are shortened by their digest. */
function keyOf(partition: string, values: readonly string[]): string {
  const key = ['', partition, ...values].map((value) => escape(fold(value))).join(BETWEEN);
  return key.length <= MAX_KEY ? key : `${key.slice(0, 64).toWellFormed()}${BETWEEN}${digest([key])}`;
}

/** NUL would end a text in some stores, and the separator must not stand inside a value. */
function escape(value: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what is escaped
  return /[\u0000\u001E\u001F]/.test(value) ? value.replaceAll(/[\u0000\u001E\u001F]/g, (unit) => `\u001E${unit.charCodeAt(0)}`) : value;
}
