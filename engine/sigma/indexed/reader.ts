/** Reads a field from events: the same answer as `readFirst`, prepared once for many events. */
import { type Path, readPath } from '../pipelines/paths.ts';

export type Reader = (event: object) => unknown;

/** The value at the first place that has one; undefined where none does. */
export function makeReader(paths: readonly Path[]): Reader {
  const readers = paths.map(onePath);
  const [first, ...others] = readers;
  if (first === undefined) return () => undefined;
  if (others.length === 0) return first;
  return (event) => {
    const value = first(event);
    if (value !== undefined) return value;
    for (const read of others) {
      const other = read(event);
      if (other !== undefined) return other;
    }
    return undefined;
  };
}

function onePath(path: Path): Reader {
  const risky = path.includes('*') || path.includes('__proto__') || path.length === 0;
  if (risky) return (event) => readPath(event, path);
  const [a = '', b, c] = path;
  if (b === undefined) return (event) => own(event, a);
  if (path.length > 3) return (event) => readPath(event, path);
  return (event) => {
    let value = own(event, a);
    if (value === undefined) return undefined;
    if (!isPlainRecord(value)) return readPath(event, path);
    value = own(value, b);
    if (c === undefined || value === undefined) return value;
    return isPlainRecord(value) ? own(value, c) : readPath(event, path);
  };
}

/** Members of JSON values are never functions, so what `Object.prototype` lends is told apart by that. */
export function own(record: object, key: string): unknown {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every object may be asked for any key
  const value = (record as Record<string, unknown>)[key];
  return typeof value === 'function' ? undefined : value;
}

function isPlainRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
