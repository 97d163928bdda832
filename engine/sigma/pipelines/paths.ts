/** Places in an event: `winlog.event_data.Image`. A segment `*` stands for every member; lists are walked through. */
export type Path = readonly string[];

export function toPath(text: string): Path {
  return text === '' ? [] : text.split('.');
}

/** True for an object that holds fields. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An own member, never one inherited from `Object.prototype`: rules and events are untrusted. */
export function member(record: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** The value at a place, or undefined. Several values (through lists or `*`) come back as a list. */
export function readPath(value: unknown, path: Path, at = 0): unknown {
  if (at === path.length) return value;
  if (Array.isArray(value)) return gather(value, path, at);
  if (!isRecord(value)) return undefined;
  if (path[at] === '*') return gather(Object.values(value), path, at + 1);
  const inner = member(value, path[at] ?? '');
  return inner === undefined ? undefined : readPath(inner, path, at + 1);
}

function gather(values: readonly unknown[], path: Path, at: number): unknown {
  const found = values.map((value) => readPath(value, path, at)).filter((value) => value !== undefined);
  return found.length === 0 ? undefined : found.length === 1 ? found[0] : found.flat();
}

/** The first place that has a value, and the value. */
export function readFirst(event: unknown, paths: readonly Path[]): { path: Path; value: unknown } | undefined {
  for (const path of paths) {
    const value = readPath(event, path);
    if (value !== undefined) return { path, value };
  }
  return undefined;
}

export type ScalarValue = string | number | boolean | null;

/** A value as what tests are applied to: lists item by item, an object as its JSON text. Absent gives nothing. */
export function scalars(value: unknown, depth = 0): ScalarValue[] {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null) return [value];
  if (Array.isArray(value)) return depth > 8 ? [] : value.flatMap((item) => scalars(item, depth + 1));
  if (typeof value === 'bigint') return [String(value)];
  return typeof value === 'object' ? [JSON.stringify(value)] : [];
}

/** Every text, number and truth value at and below a place, for keyword searches. */
export function leaves(value: unknown, into: string[] = [], depth = 0): string[] {
  if (typeof value === 'string') into.push(value);
  else if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') into.push(String(value));
  else if (typeof value === 'object' && value !== null && depth < 64)
    for (const inner of Object.values(value)) leaves(inner, into, depth + 1);
  return into;
}
