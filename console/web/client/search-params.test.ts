import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { oneOf, someOf, text, whole } from './search-params.ts';

describe('search parameters', () => {
  it('never throw and answer only what is valid, whatever the URL held', () => {
    fc.assert(
      fc.property(fc.anything(), (raw) => {
        expect([undefined, 'a', 'b']).toContain(oneOf(raw, ['a', 'b']));
        const chosen = someOf(raw, ['a', 'b']);
        expect(chosen === undefined || chosen.length > 0).toBe(true);
        const number = whole(raw, 0, 10);
        expect(number === undefined || (number >= 0 && number <= 10)).toBe(true);
        expect(text(raw, 5)?.length ?? 0).toBeLessThanOrEqual(5);
      }),
    );
  });

  it('take lists in any order and drop what is unknown', () => {
    expect(someOf('closed,open,__proto__', ['open', 'closed'])).toEqual(['open', 'closed']);
    expect(someOf('', ['open'])).toBeUndefined();
  });

  it('take a number that was meant as text', () => {
    expect(text(4471)).toBe('4471');
  });
});
