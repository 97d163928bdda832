/** What a wildcard may cost on a text that nearly fits it. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRules } from '../index.ts';
import { compileGlob } from '../indexed/glob.ts';
import { makeFinder } from '../match/find.ts';
import type { StringTest } from '../model.ts';
import { parseString, tidy } from '../parse/string.ts';
import { anything, onlyRule, ruleText } from './support.ts';

const glob = (pattern: string): ((text: string) => boolean) => {
  const test: StringTest = { kind: 'string', text: pattern, parts: tidy(parseString(pattern)), cased: true, dashes: false };
  return compileGlob(test);
};
const row = (count: number): string => 'a'.repeat(count);

describe('a wildcard on a row of the letter it is made of', () => {
  it.each([`*${row(20_000)}?b*`, `*${'a?'.repeat(10_000)}b*`, `*${row(20)}?b*`, `*${'a?'.repeat(50)}b*a`])(
    'is given up after so many comparisons (%.12s…)',
    (pattern) => expect(() => glob(pattern)(row(200_000))).toThrow(expect.objectContaining({ code: 'SIGMA_REGEX_BUDGET' })),
  );
  it('finds what is there before that', () => {
    expect(glob(`*${row(20)}?b*`)(`${row(10_000)}b`)).toBe(true);
    expect(glob(`*${'a?'.repeat(50)}b*`)(`${row(2_000)}b.`)).toBe(true);
    expect(glob('*??*?')('ab')).toBe(false);
    expect(glob('*??*?')('abc')).toBe(true);
  });
  it('switches off its own rule, by name, and no other', () => {
    const faults: string[] = [];
    const rules = [
      onlyRule(ruleText(`    s: {F: '*${row(20)}?b*'}\n    condition: s`, 'hostile')),
      onlyRule(ruleText("    s: {F|startswith: 'aaa'}\n    condition: s", 'other')),
    ];
    const set = compileRules(rules, { pipelines: anything, onFault: (id) => faults.push(id) });
    expect(set.match({ F: row(200_000) }).map(({ rule }) => rule.id)).toEqual(['other']);
    expect(faults).toEqual(['hostile']);
  });
});

describe('the search for a literal', () => {
  const piece = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 6 });
  const periodic = fc.tuple(piece, fc.integer({ min: 1, max: 40 }), piece).map(([one, count, end]) => one.repeat(count) + end);
  it('finds what indexOf finds, also where it does not use it', () => {
    fc.assert(
      fc.property(periodic, fc.array(periodic, { maxLength: 4 }), fc.nat(20), (literal, pieces, from) => {
        for (const text of [pieces.join(''), pieces.join(literal), pieces.join(literal.slice(1))])
          expect(makeFinder(literal)(text, from)).toBe(text.indexOf(literal, from));
      }),
      { numRuns: 2_000 },
    );
  });
});
