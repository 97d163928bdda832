/** Values on their way to PostgreSQL and back, so that a domain sees what it sees of SQLite. */
import type { CustomTypesConfig } from 'pg';

/** Numbers of PostgreSQL's types (`pg_type.oid`). */
const OID = { bool: 16, bytea: 17, int8: 20, int2: 21, int4: 23, float4: 700, float8: 701, numeric: 1700 } as const;

const PARSERS = new Map<number, (text: string) => unknown>([
  [OID.bool, (text) => (text === 't' ? 1 : 0)],
  // Begins with `\x`.
  [OID.bytea, (text) => new Uint8Array(Buffer.from(text.slice(2), 'hex'))],
  [OID.int8, safeInteger],
  [OID.int2, Number],
  [OID.int4, Number],
  [OID.float4, Number],
  [OID.float8, Number],
  [OID.numeric, Number],
]);

const asText = (text: string): unknown => text;

/** Numbers for integers and sums, 0 and 1 for truth, bytes for blobs, text for all else. */
export const POSTGRES_TYPES: CustomTypesConfig = {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- results are asked for as text only
  getTypeParser: ((oid: number) => PARSERS.get(oid) ?? asText) as CustomTypesConfig['getTypeParser'],
};

function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`The state holds ${text}, which a number cannot`);
  return value;
}

/** As SQLite takes it: truth as 0 and 1, what is no number as null. A text keeps all but NUL, which PostgreSQL cannot hold. */
export function toPostgres(value: unknown): unknown {
  if (value === null) return null;
  switch (typeof value) {
    case 'string':
      return value.includes('\0') ? value.replaceAll('\0', '\ufffd') : value;
    case 'number':
      return Number.isNaN(value) ? null : value;
    case 'bigint':
      return String(value);
    case 'boolean':
      return value ? 1 : 0;
    default:
      if (value instanceof Uint8Array) return value;
      if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value.map(toPostgres);
      throw new TypeError(`A query parameter cannot be ${value === undefined ? 'undefined' : Object.prototype.toString.call(value)}`);
  }
}
