import { describe, expect, it } from 'vitest';
import { VongError } from '../../../../platform/errors/index.ts';
import { parseKql } from '../../../../platform/events/kql/index.ts';
import { ApiError } from '../../client/api.ts';
import { faultSpan, queryFault } from './kql-error.ts';

/** The fault as the server would report it. */
function faultOf(query: string): ReturnType<typeof queryFault> {
  try {
    parseKql(query);
    return undefined;
  } catch (error) {
    if (!(error instanceof VongError) || error.code !== 'EVENTS_KQL_SYNTAX') throw error;
    return queryFault(new ApiError(400, { code: error.code, message: error.message, details: error.details }));
  }
}

describe('a query that cannot be read', () => {
  it.each([
    ['a:', 'value', 2],
    ['(a: b', 'bracket', 5],
    ['a: b)', 'end', 4],
    ['and a', 'condition', 0],
    ['a: "b', 'quote', 5],
    ['a: b c: d', 'joint', 5],
    ['a: 10:20', 'colon', 5],
    ['a >= ', 'bound', 5],
    ['a >= b*', 'plain', 5],
    ['a*: b', 'field', 0],
    ['{a}', 'condition', 0],
  ])('%j: something for a person to read (%s at %i)', (query, expected, position) => {
    expect(faultOf(query)).toMatchObject({ expected, position });
  });

  it('says what stands there, except at the end', () => {
    expect(faultOf('a: b)')?.found).toBe(')');
    expect(faultOf('a:')?.found).toBeUndefined();
  });

  it('is not confused with other errors', () => {
    expect(queryFault(new ApiError(500, { code: 'HTTP_BUG', message: '' }))).toBeUndefined();
    expect(queryFault(new Error('x'))).toBeUndefined();
  });
});

describe('what is underlined', () => {
  it('is the word at the position, or the last character', () => {
    expect(faultSpan('a: b c: d', 5)).toEqual([5, 6]);
    expect(faultSpan('a: b)', 4)).toEqual([4, 5]);
    expect(faultSpan('a: ', 3)).toEqual([1, 2]);
    expect(faultSpan('', 0)).toEqual([0, 0]);
  });
});
