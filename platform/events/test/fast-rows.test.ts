import * as fc from 'fast-check';
import { existsSync, readFileSync } from 'node:fs';
import { zstdDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FastRows } from '../duckdb/fast-rows.ts';
import { RowBuffer } from '../duckdb/row-buffer.ts';
import { rowOf, TABLE_COLUMNS } from '../duckdb/rows.ts';
import { eventAt } from './corpus.ts';

const DOC = TABLE_COLUMNS.findIndex((column) => column.name === 'doc');

/** The row of the one pass, or undefined when it leaves the record to the whole reading. */
function fast(text: string | Uint8Array) {
  const rows = new RowBuffer();
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  if (!new FastRows(rows).add(bytes)) {
    expect(rows.facts).toHaveLength(0);
    return undefined;
  }
  return { ...rows.facts[0]!, cells: TABLE_COLUMNS.map((_, column) => rows.valueAt(0, column)) };
}

/** Holds the two against each other; answers whether the one pass took the record. */
function same(text: string): boolean {
  const found = fast(text);
  if (found === undefined) return false;
  const { size, ...row } = rowOf(text)!;
  const { size: roughly, ...mine } = found;
  expect(roughly).toBeGreaterThanOrEqual(size - 1);
  // Both documents are JSON; that they mean the same is what counts.
  const doc = (cells: readonly unknown[]): unknown => JSON.parse(String(cells[DOC]));
  expect(doc(mine.cells)).toEqual(doc(row.cells));
  expect({ ...mine, cells: mine.cells.toSpliced(DOC, 1) }).toEqual({ ...row, cells: row.cells.toSpliced(DOC, 1) });
  return true;
}

const odd = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.constant('\u0000'),
  fc.constant('a\u001fb'),
);
const usually = (usual: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ arbitrary: usual, weight: 60 }, { arbitrary: fc.oneof(odd, fc.array(odd, { maxLength: 2 })), weight: 1 });
const word = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('C:\\Windows\\"x"\r\n\t\u0001', 'Đăng nhập', ''));
const text = usually(word);
const address = usually(fc.constantFrom('10.0.0.1', '::1', '::ffff:1.2.3.4', 'none'));
const date = usually(fc.constantFrom('2026-11-22T01:02:03.004Z', '2026-02-30', '1969-12-31T23:59:59.999Z', 'never'));
const number = usually(fc.integer());
const list = (item: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> => usually(fc.array(item, { maxLength: 3 }));
const optional = { requiredKeys: [] };
const nested = fc.record(
  {
    '@timestamp': date,
    organization: fc.record({ id: text }, optional),
    event: fc.record(
      { id: word, original: text, created: date, ingested: date, category: list(text), code: text },
      { requiredKeys: ['id'] },
    ),
    host: fc.record({ ip: list(address), name: text, os: fc.record({ type: text }, optional) }, optional),
    process: usually(fc.record({ pid: number, executable: text, parent: fc.record({ pid: number, name: text }) }, optional)),
    source: fc.record({ ip: address, port: number }, optional),
    message: text,
    json: fc.jsonValue(),
    tags: list(text),
  },
  { requiredKeys: ['event'], noNullPrototype: true },
);

describe('reading a record in one pass', () => {
  it('takes the events of the corpus and makes the rows that the whole reading makes', () => {
    const taken = Array.from({ length: 400 }, (_, n) => same(JSON.stringify(eventAt(n)))).filter(Boolean);
    expect(taken.length).toBeGreaterThan(300);
  });

  it('agrees on whatever values the fields have', () => {
    let taken = 0;
    fc.assert(
      fc.property(nested, (event) => {
        if (same(JSON.stringify(event))) taken++;
      }),
      { numRuns: 2000, interruptAfterTimeLimit: 5000 },
    );
    expect(taken).toBeGreaterThan(100);
  });

  it('accepts nothing that JSON.parse refuses, and agrees on damaged text', () => {
    const source = JSON.stringify({ ...eventAt(4), json: { a: [1, -2.5e3, true, null, 'é\u0001"\\'], b: {} } });
    fc.assert(
      fc.property(
        fc.nat(source.length - 1),
        fc.constantFrom('', '"', '\\', '{', '}', '[', ']', ',', ':', '0', '-', '.', 'e', ' ', 'u', '\\u12', 'null', '\n'),
        (at, put) => {
          const text = source.slice(0, at) + put + source.slice(at + 1);
          if (fast(text) !== undefined) same(text);
        },
      ),
      { numRuns: 2000, interruptAfterTimeLimit: 5000 },
    );
  });

  it.each([
    ['a key twice', '{"event":{"id":"a","id":"b"}}'],
    ['an object twice', '{"event":{"id":"a"},"event":{}}'],
    ['a lone surrogate', '{"event":{"id":"a"},"message":"\\ud800"}'],
    ['blanks', '{"event": {"id":"a"}}'],
    ['something after the end', '{"event":{"id":"a"}}x'],
    ['no id', '{"event":{"id":null}}'],
    ['a list', '[]'],
    ['an escaped key', '{"event":{"id":"a"},"mess\\u0061ge":"x"}'],
  ])('leaves %s to the whole reading', (_, text) => {
    expect(fast(text)).toBeUndefined();
  });

  it('leaves bytes that are not UTF-8 to the whole reading', () => {
    expect(fast(Buffer.from('{"event":{"id":"\xff"}}', 'latin1'))).toBeUndefined();
  });

  it.each([
    ['{"event":{"id":"a","original":"x"}}'],
    ['{"event":{"original":"x","id":"a"}}'],
    ['{"event":{"id":"a","original":"x","code":"1"},"json":{"original":"x"}}'],
    ['{"event":{"id":"a","original":"Ünï"},"organization":{"id":"bo-a"}}'],
  ])('cuts the original out of %s', (text) => {
    expect(same(text)).toBe(true);
    expect(JSON.parse(String(fast(text)!.cells[DOC]))).not.toHaveProperty('event.original');
  });
});

function recordOf(line: string): Record<string, unknown> {
  // oxlint-disable-next-line no-unsafe-type-assertion -- lines of the shared data are objects
  return JSON.parse(line) as Record<string, unknown>;
}

const shared = process.env['VONG_SHARED'] ?? new URL('../../../../shared', import.meta.url).pathname;
const mix = `${shared}/data/bench/windows-mix.ndjson.zst`;

describe.skipIf(!existsSync(mix))('reading a record in one pass: recorded Windows events', () => {
  it('makes the rows that the whole reading makes', () => {
    const lines = zstdDecompressSync(readFileSync(mix)).toString('utf8').split('\n').slice(0, 1000);
    let taken = 0;
    for (const [n, original] of lines.entries()) {
      const parsed = original === '' ? {} : recordOf(original);
      const event = { ...eventAt(n), event: { ...eventAt(n).event, original }, winlog: { event_data: parsed } };
      if (same(JSON.stringify(event))) taken++;
    }
    expect(taken).toBeGreaterThan(lines.length * 0.7);
  });
});
