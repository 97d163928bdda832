/** The reader of event texts against `JSON.parse`: whenever it takes a text, it finds what `JSON.parse` finds. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPath } from '../pipelines/paths.ts';
import { PathTree } from './path-tree.ts';
import { ABSENT, COMPLEX, JsonReader, LISTED } from './reader.ts';
import { valueAt } from './values.ts';

const KEYS = ['a', 'b', 'Image', 'ä', '__proto__', 'c d', 'constructor', ''];
const PATHS = KEYS.flatMap((one) => [
  [one],
  ...KEYS.slice(0, 4).flatMap((two) => [
    [one, two],
    [one, two, 'a'],
  ]),
]);
const tree = new PathTree();
const nodes = PATHS.map((path) => tree.add(path));
const reader = new JsonReader(tree);
const encoder = new TextEncoder();

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

/** Throws where the reader and `JSON.parse` disagree; tells whether the reader took the text. */
function agree(bytes: Uint8Array): boolean {
  if (!reader.read(bytes)) return false;
  const event = parsed(bytes);
  if (typeof event !== 'object' || event === null || Array.isArray(event)) throw new Error('taken, and no object');
  for (const [index, path] of PATHS.entries()) {
    const node = nodes[index] ?? 0;
    const kind = reader.kindOf(node);
    const value = readPath(event, path);
    if (kind === COMPLEX) expect([path, typeof value, value === null]).toEqual([path, 'object', false]);
    if (kind === COMPLEX)
      expect(JSON.parse(new TextDecoder().decode(bytes.subarray(reader.starts[node], reader.ends[node])))).toEqual(value);
    if (kind === COMPLEX || kind === LISTED) continue;
    expect([path, kind === ABSENT ? undefined : valueAt(reader, node)]).toEqual([path, value]);
  }
  return true;
}

const text = fc.string({ unit: fc.constantFrom('a', '\\', '"', '/', '\n', '\u0001', 'ề', '\u212A', '😀', '\uD800', '1') });
const leaf = fc.oneof(text, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer(), fc.boolean(), fc.constant(null));
const value = fc.letrec((tie) => ({
  any: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('any'), { maxLength: 3 }), tie('record')),
  record: fc.dictionary(fc.constantFrom(...KEYS), tie('any'), { maxKeys: 5 }),
})).record;

/** The same JSON written otherwise: blanks, escapes where none are needed. */
function respell(json: string, seed: number): string {
  let state = seed;
  const next = (): number => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 16;
  return json.replace(/[A-Za-z{}[\],:]/g, (letter, at: number) => {
    const inside = (json.slice(0, at).match(/(?<!\\)(?:\\\\)*"/g) ?? []).length % 2 === 1;
    if (!inside) return /[{}[\],:]/.test(letter) && next() % 3 === 0 ? ` ${letter}\n` : letter;
    const escaped = json[at - 1] === '\\';
    return !escaped && /[A-Za-z]/.test(letter) && next() % 4 === 0 ? `\\u00${letter.charCodeAt(0).toString(16)}` : letter;
  });
}

describe('the reader of JSON texts', () => {
  it('takes what JSON.stringify writes of an ordinary event, and finds every value', () => {
    fc.assert(
      fc.property(value, (event) => {
        expect(agree(encoder.encode(JSON.stringify(event)))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('finds the same however the text is written', () => {
    fc.assert(
      fc.property(value, fc.nat(), (event, seed) => void agree(encoder.encode(respell(JSON.stringify(event), seed)))),
      {
        numRuns: 1000,
      },
    );
  });

  it('never takes a text that JSON.parse refuses, and never throws', () => {
    const change = fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom('set', 'insert', 'delete'));
    fc.assert(
      fc.property(value, fc.array(change, { minLength: 1, maxLength: 4 }), (event, changes) => {
        const bytes = [...encoder.encode(JSON.stringify(event))];
        for (const [at, byte, how] of changes)
          bytes.splice(at % (bytes.length + 1), how === 'insert' ? 0 : 1, ...(how === 'delete' ? [] : [byte]));
        agree(Uint8Array.from(bytes));
      }),
      { numRuns: 4000 },
    );
  });

  it.each([
    '{"a":1,"a":2}',
    '{"\\u0061":1}',
    '{"a":01}',
    '{"a":1.}',
    '{"a":.5}',
    '{"a":+1}',
    '{"a":1e}',
    '{"a":tru}',
    '{"a":"\t"}',
    '{"a":"\\x"}',
    '{"a":"\\u12g4"}',
    '{"a":1,}',
    '{,}',
    '{"a" 1}',
    '{"a":[1,]}',
    '{"a":1}}',
    '[{"a":1}]',
    '"a"',
    '',
    ' ',
    '{"a":"',
    '{"a":"\\',
    `{"a":${'['.repeat(100)}${']'.repeat(100)}}`,
  ])('leaves %j to JSON.parse', (json) => {
    expect(reader.read(encoder.encode(json))).toBe(false);
  });
});
