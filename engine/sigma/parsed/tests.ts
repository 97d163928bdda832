/** What values must satisfy. Strings, which are nearly all of it, are written by hand: a literal that is the text stands once. */
import { ANY, ONE, type Part, type StringTest, type Test } from '../model.ts';
import { compileRegex } from '../regex/compile.ts';
import { checked, type Codec, damaged, flag, type Json, list, listOf, number, oneOf, tagged, text, whole } from './codec.ts';

/** What a string's number says: `*` before or after its text, `cased`, `windash`. */
const [BEFORE, AFTER, CASED, DASHES] = [1, 2, 4, 8];
const CODES = 16;

const part: Codec<Part> = {
  encode: (value) => (typeof value === 'object' ? [value.placeholder] : value),
  decode: (value) => {
    if (typeof value === 'string' || value === ANY || value === ONE) return value;
    const [placeholder, more] = listOf(value);
    return typeof placeholder === 'string' && more === undefined ? { placeholder } : damaged();
  },
};
const parts: Codec<readonly Part[]> = list(part);

const string: Codec<StringTest> = {
  encode: ({ text: written, parts: made, cased, dashes }, from) => {
    const code = (made[0] === ANY ? BEFORE : 0) | (made.length > 1 && made.at(-1) === ANY ? AFTER : 0);
    const flags = (cased ? CASED : 0) | (dashes ? DASHES : 0);
    const plain = plainParts(written, code);
    const same = plain.length === made.length && plain.every((each, at) => each === made[at]);
    return same ? [code | flags, written] : [flags, written, parts.encode(made, from)];
  },
  decode: (value, from) => {
    const [code, written, made] = listOf(value);
    if (typeof code !== 'number' || !(code >= 0 && code < CODES) || typeof written !== 'string') return damaged();
    return {
      kind: 'string',
      text: written,
      parts: made === undefined ? plainParts(written, code) : parts.decode(made, from),
      cased: (code & CASED) !== 0,
      dashes: (code & DASHES) !== 0,
    };
  },
};

function plainParts(literal: string, code: number): Part[] {
  if ((code & BEFORE) === 0) return (code & AFTER) === 0 ? [literal] : [literal, ANY];
  return (code & AFTER) === 0 ? [ANY, literal] : [ANY, literal, ANY];
}

type OtherTest = Exclude<Test, StringTest>;

const OPERATORS = ['gt', 'gte', 'lt', 'lte'] as const;
const POSITIONS = ['equals', 'startswith', 'endswith', 'contains'] as const;

const other = checked<OtherTest>(
  tagged<OtherTest>({
    regex: { text, pattern: text, flags: text },
    cidr: { text, network: list(whole(0, 0xffff)), bits: whole(0, 128) },
    compare: { text, operator: oneOf(OPERATORS), value: number },
    null: { text },
    exists: { text, expected: flag },
    fieldref: { text, field: text, position: oneOf(POSITIONS), cased: flag },
  }),
  (test) => {
    if (test.kind === 'cidr') return [2, 8].includes(test.network.length) && test.bits <= test.network.length * 16;
    return test.kind !== 'regex' || compiles(test.pattern, test.flags);
  },
);

/** An expression that cannot be used would be noticed only when all rules are compiled. */
function compiles(pattern: string, flags: string): boolean {
  try {
    return compileRegex(pattern, flags) !== undefined;
  } catch {
    return false;
  }
}

export const test: Codec<Test> = {
  encode: (value, from): Json => (value.kind === 'string' ? string.encode(value, from) : other.encode(value, from)),
  decode: (value, from) => (typeof listOf(value)[0] === 'number' ? string.decode(value, from) : other.decode(value, from)),
};
