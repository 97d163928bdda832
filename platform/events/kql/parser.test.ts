import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasCode } from '../../errors/index.ts';
import { eventAt } from '../test/corpus.ts';
import { evaluateKql, parseKql } from './index.ts';

describe('KQL', () => {
  it.each([
    ['a:', 2],
    ['(a: b', 5],
    ['a: b)', 4],
    ['a: b or', 7],
    ['and a', 0],
    ['a: "b', 5],
    ['a: b c: d', 5],
    ['a: 10:20', 5],
    ['a >= ', 5],
    ['a >= b*', 5],
    ['a*: b', 0],
    ['{a}', 0],
    ['"a" b', 4],
    ['a: ()', 4],
  ])('says where %j goes wrong', (query, position) => {
    expect(() => parseKql(query)).toThrow(
      expect.objectContaining({ code: 'EVENTS_KQL_SYNTAX', details: expect.objectContaining({ position }) as unknown }),
    );
  });

  it('binds "not" before "and" before "or"', () => {
    expect(parseKql('a: 1 or not b: 2 and c: 3')).toEqual(parseKql('a: 1 or ((not b: 2) and c: 3)'));
  });

  it('refuses what is too long, too deep or has too many terms', () => {
    const tooComplex = expect.objectContaining({ code: 'EVENTS_KQL_TOO_COMPLEX' });
    expect(() => parseKql('a'.repeat(5000))).toThrow(tooComplex);
    expect(() => parseKql('('.repeat(2000))).toThrow(tooComplex);
    expect(() => parseKql(`a: ${'('.repeat(2000)}`)).toThrow(tooComplex);
    expect(() => parseKql('not '.repeat(900))).toThrow(tooComplex);
    expect(() => parseKql(Array.from({ length: 300 }, () => 'a').join(' or '))).toThrow(tooComplex);
  });

  it('reads any text in bounded time, or says what is wrong with it', () => {
    const piece = fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.constantFrom('(', ')', ':', '"', '*', '\\', ' and ', ' or ', ' not ', '>=', '<', 'host.name', ' '),
    );
    const event = eventAt(3);
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        try {
          evaluateKql(parseKql(pieces.join('')), event);
        } catch (error) {
          if (!hasCode(error, 'EVENTS_KQL_SYNTAX') && !hasCode(error, 'EVENTS_KQL_TOO_COMPLEX')) throw error;
        }
      }),
      { numRuns: 3000, interruptAfterTimeLimit: 4000 },
    );
  });
});
