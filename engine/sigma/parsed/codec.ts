/** Types told as two functions: to what JSON holds, in as few characters as it takes, and back, trusting nothing. */

export type Json = string | number | boolean | null | readonly Json[];

/** `text` is the YAML text the value comes from; what stands in it is not written once more. */
export interface Codec<T> {
  encode(value: T, text: string): Json;
  /** Throws `Damaged` for what `encode` never gives. */
  decode(value: unknown, text: string): T;
}

/** Said of an entry that does not hold what was written. */
export class Damaged extends Error {}

interface OptionalCodec<T> extends Codec<T> {
  readonly optional: true;
}

/** Every key of the type must be named: one that is added to the model and not here is an error of the compiler. */
export type Fields<T> = {
  readonly [Key in keyof T]-?: Partial<Pick<T, Key>> extends Pick<T, Key> ? OptionalCodec<NonNullable<T[Key]>> : Codec<T[Key]>;
};

export const text: Codec<string> = {
  encode: (value) => value,
  decode: (value) => (typeof value === 'string' ? value : damaged()),
};

export const flag: Codec<boolean> = {
  encode: (value) => (value ? 1 : 0),
  decode: (value) => (value === 1 ? true : value === 0 ? false : damaged()),
};

const UNLIKE_JSON = ['-0', 'NaN', 'Infinity', '-Infinity'];

/** Any number; those JSON has no word for are written as texts. */
export const number: Codec<number> = {
  encode: (value) => (Number.isFinite(value) && !Object.is(value, -0) ? value : Object.is(value, -0) ? '-0' : String(value)),
  decode: (value) => {
    if (typeof value === 'number') return value;
    return typeof value === 'string' && UNLIKE_JSON.includes(value) ? Number(value) : damaged();
  },
};

/** A whole number in a range. */
export function whole(least: number, most = Number.MAX_SAFE_INTEGER): Codec<number> {
  return {
    encode: (value) => value,
    decode: (value) => (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most ? value : damaged()),
  };
}

export function oneOf<Word extends string>(words: readonly Word[]): Codec<Word> {
  return { encode: (value) => value, decode: (value) => words.find((word) => word === value) ?? damaged() };
}

export function optional<T>(codec: Codec<T>): OptionalCodec<T> {
  return { ...codec, optional: true };
}

export function list<T>(codec: Codec<T>): Codec<T[]> {
  return {
    encode: (values, from) => values.map((value) => codec.encode(value, from)),
    decode: (values, from) => listOf(values).map((value) => codec.decode(value, from)),
  };
}

/** One type or another: `is` tells which of the two a value is. */
export function either<One, Other>(
  [one, isOne]: readonly [codec: Codec<One>, is: (value: unknown) => boolean],
  other: Codec<Other>,
): Codec<One | Other> {
  return {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `isOne` tells
    encode: (value, from) => (isOne(value) ? one.encode(value as One, from) : other.encode(value as Other, from)),
    decode: (value, from) => (isOne(value) ? one.decode(value, from) : other.decode(value, from)),
  };
}

/** An object as the list of its values, in the order of the fields. */
export function record<T extends object>(fields: Fields<T>): Codec<T> {
  const [encode, decode] = members(fields);
  return {
    encode: (value, from) => encode(value, from, []),
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every field of the type was read
    decode: (value, from) => decode(listOf(value), from, {}) as T,
  };
}

/** One of several objects, told apart by `kind`, which stands first. */
export function tagged<T extends { readonly kind: string }>(variants: {
  readonly [Kind in T['kind']]: Fields<Omit<Extract<T, { readonly kind: Kind }>, 'kind'>>;
}): Codec<T> {
  const known = new Map(Object.entries<Fields<object>>(variants).map(([kind, fields]) => [kind, members(fields)]));
  return {
    encode: (value, from) => known.get(value.kind)?.[0](value, from, [value.kind]) ?? damaged(),
    decode: (value, from) => {
      const values = listOf(value);
      const [kind] = values;
      const found = typeof kind === 'string' ? known.get(kind) : undefined;
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every field of the kind was read
      return (found === undefined ? damaged() : found[1](values, from, { kind })) as T;
    },
  };
}

type Write = (value: object, from: string, into: Json[]) => Json[];
type Read = (values: readonly unknown[], from: string, into: Record<string, unknown>) => object;

/** `into` holds already what stands before the fields. */
function members(fields: object): readonly [Write, Read] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `Fields` holds nothing else
  const known = Object.entries<Codec<unknown> & { readonly optional?: true }>(fields as Record<string, Codec<unknown>>);
  const write: Write = (value, from, into) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the fields are the type's
    const given = value as Record<string, unknown>;
    for (const [key, codec] of known) into.push(given[key] === undefined && codec.optional ? null : codec.encode(given[key], from));
    return into;
  };
  const read: Read = (values, from, into) => {
    const first = values.length - known.length;
    if (first !== Object.keys(into).length) damaged();
    let at = first;
    for (const [key, codec] of known) {
      const value = values[at++];
      if (value !== null || codec.optional === undefined) into[key] = codec.decode(value, from);
    }
    return into;
  };
  return [write, read];
}

/** A type that holds itself, so many levels deep. */
export function nested<T>(most: number, make: () => Codec<T>): Codec<T> {
  let made: Codec<T> | undefined;
  let depth = 0;
  return {
    encode: (value, from) => (made ??= make()).encode(value, from),
    decode: (value, from) => {
      if (depth >= most) damaged();
      depth++;
      try {
        return (made ??= make()).decode(value, from);
      } finally {
        depth--;
      }
    },
  };
}

/** What must hold besides. */
export function checked<T>(codec: Codec<T>, holds: (value: T) => boolean): Codec<T> {
  return {
    encode: (value, from) => codec.encode(value, from),
    decode: (value, from) => {
      const found = codec.decode(value, from);
      return holds(found) ? found : damaged();
    },
  };
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : damaged();
}

export function damaged(): never {
  throw new Damaged();
}
