import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { condition, literal, narrowed, pieces } from './kql-text.ts';
import { parseKql } from '../../../../platform/events/kql/index.ts';

describe('a query narrowed by a condition', () => {
  const host = condition('host.name', 'ws-17');

  it('is the condition when there was none', () => {
    expect(narrowed('  ', host)).toBe('host.name: "ws-17"');
    expect(narrowed('', host, true)).toBe('not host.name: "ws-17"');
  });

  it('has it added once', () => {
    expect(narrowed('a: 1', host)).toBe('a: 1 and host.name: "ws-17"');
    expect(narrowed(narrowed('a: 1', host), host)).toBe('a: 1 and host.name: "ws-17"');
  });

  it('has the opposite replaced in its place', () => {
    expect(narrowed(`${host} and a: 1`, host, true)).toBe(`not ${host} and a: 1`);
    expect(narrowed(`a: 1 and not ${host}`, host)).toBe(`a: 1 and ${host}`);
  });

  it('keeps the meaning of an "or"', () => {
    expect(narrowed('a: 1 or b: 2', host)).toBe('(a: 1 or b: 2) and host.name: "ws-17"');
    expect(narrowed('(a: 1 or b: 2) and c: 3', host)).toBe('(a: 1 or b: 2) and c: 3 and host.name: "ws-17"');
    expect(narrowed('a: "x or y"', host)).toBe('a: "x or y" and host.name: "ws-17"');
  });

  it('is readable by the server whatever the value is', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 3000 }), fc.boolean(), (value, negated) => {
        parseKql(narrowed('a: 1', condition('process.command_line', value), negated));
      }),
      { numRuns: 500, interruptAfterTimeLimit: 3000 },
    );
  });

  it('finds exactly the value that was clicked', () => {
    const value = 'C:\\Users\\x\\"a b" (1): *';
    expect(parseKql(condition('file.path', value))).toEqual({
      kind: 'match',
      field: 'file.path',
      value: { words: [{ parts: [value] }], quoted: true },
    });
  });

  it('takes the beginning of a value that is too long for a query', () => {
    const long = condition('process.command_line', `powershell -enc ${'A'.repeat(5000)}`);
    expect(long.length).toBeLessThan(1200);
    expect(parseKql(long)).toMatchObject({ kind: 'match', value: { quoted: false } });
  });
});

describe('the pieces of a query', () => {
  it('have their places and cover every character but spaces', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (query) => {
        const covered = pieces(query).map(({ from, to, text }) => {
          expect(query.slice(from, to)).toBe(text);
          return text;
        });
        expect(covered.join('').replace(/\s/g, '')).toBe(query.replace(/\s/g, ''));
      }),
      { interruptAfterTimeLimit: 3000 },
    );
  });

  it('know an open quote and the joining words', () => {
    expect(pieces('a: "b and').map(({ kind, open }) => [kind, open])).toEqual([
      ['word', undefined],
      ['symbol', undefined],
      ['quoted', true],
    ]);
    expect(pieces('a AND NOT b').map(({ kind }) => kind)).toEqual(['word', 'and', 'not', 'word']);
  });
});

describe('a value as it is typed', () => {
  it('has quotes only when it needs them', () => {
    expect(literal('ws-17.bo.gov.vn')).toBe('ws-17.bo.gov.vn');
    expect(literal('Nguyễn')).toBe('Nguyễn');
    expect(literal('C:\\Temp')).toBe('"C:\\\\Temp"');
    expect(literal('or')).toBe('"or"');
    expect(literal('10:20')).toBe('"10:20"');
  });
});
