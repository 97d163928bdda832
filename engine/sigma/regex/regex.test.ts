import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fold } from '../match/fold.ts';
import { compileRegex } from './compile.ts';
import { emit } from './emit.ts';
import { LinearRegex } from './linear.ts';
import { requiredLiterals } from './literals.ts';
import { parseRegex } from './parse.ts';
import { compileRun } from './run.ts';

const none = { i: false, m: false, s: false };

function of(source: string): readonly string[] | undefined {
  return requiredLiterals(parseRegex(source, none));
}

function matches(source: string, one: string, on = ''): boolean {
  return compileRegex(source, on).test(one);
}

/** Expressions of the allowed flavour, small enough that the native engine is quick on them. */
const pattern = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom('a', 'b', 'B', '.', '\\d', '\\w', '\\s', '[ab]', '[^a]', '[a-c1]', '\\.', ' ', '^', '$', '\\b', '\\B', '\\n', 'é'),
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => a + b),
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => `(?:${a}|${b})`),
    fc
      .tuple(tie('node'), fc.constantFrom('*', '+', '?', '{2}', '{1,3}', '{2,}', '*?'))
      .map(([a, quantifier]) => `(?:${a.replaceAll(/\^|\$|\\b|\\B/g, 'a')})${quantifier}`),
  ),
})).node;
const text = fc.string({ unit: fc.constantFrom('a', 'b', 'B', 'c', '1', ' ', '.', '\n', 'é', '_'), maxLength: 14 });
const flags = fc.record({ i: fc.boolean(), m: fc.boolean(), s: fc.boolean() });

describe('the linear engine', () => {
  it('agrees with the native one', () => {
    fc.assert(
      fc.property(pattern, flags, fc.array(text, { minLength: 1, maxLength: 5 }), (source, on, texts) => {
        const tree = parseRegex(source, on);
        const native = new RegExp(emit(tree));
        const linear = new LinearRegex(tree);
        const run = compileRun(tree);
        for (const one of texts) {
          expect([source, one, linear.test(one)]).toEqual([source, one, native.test(one)]);
          if (run !== undefined) expect([source, one, run(one)]).toEqual([source, one, native.test(one)]);
        }
      }),
      { numRuns: 3_000, interruptAfterTimeLimit: 3_000 },
    );
  });
});

describe('literals derived from an expression', () => {
  it('are in every text it matches', () => {
    fc.assert(
      fc.property(pattern, flags, text, (source, on, one) => {
        const tree = parseRegex(source, on);
        const literals = requiredLiterals(tree);
        if (literals === undefined || !new RegExp(emit(tree)).test(one)) return;
        expect(literals.some((literal) => fold(one).includes(literal))).toBe(true);
      }),
      { numRuns: 5_000, interruptAfterTimeLimit: 2_000 },
    );
  });
  it('are found behind classes, flags and alternatives', () => {
    expect(of('[Rr][Uu]ndll32(?:\\.exe)? \\S+')).toEqual(['rundll32 ', 'rundll32.exe ']);
    expect(of('(?i)\\s(?:foo|barr)x')).toContain('barrx');
    expect(of('a*|b*')).toBeUndefined();
  });
});

describe('expressions as PCRE reads them', () => {
  it('inline flags reach to the end of their group', () => {
    expect(matches('(?i)abc', 'ABC')).toBe(true);
    expect(matches('(?:(?i)a)b', 'Ab')).toBe(true);
    expect(matches('(?:(?i)a)b', 'AB')).toBe(false);
    expect(matches('(?i:a)b', 'Ab')).toBe(true);
  });
  it('$ also stands before a line break that ends the text', () => {
    expect(matches('a$', 'a\n')).toBe(true);
    expect(matches('a$', 'a\nb')).toBe(false);
  });
  it('a dot is anything but a line feed', () => expect(matches('a.b', 'a\rb')).toBe(true));
  it('escapes of no meaning are the character itself', () => expect(matches('\\"\\-\\{', '"-{')).toBe(true));
});

describe('a catastrophic expression', () => {
  const hostile = [
    '(a+)+$',
    '(a|a)*b',
    '(a|aa)+$',
    '(.*)*x',
    '^(([a-z])+.)+[A-Z]([a-z])+$',
    '(.*a){12}b',
    '.*.*.*.*=.*',
    '(?:a?){30}a{30}$',
    '([ab]*a){1,20}[^ab]',
  ];
  it.each(hostile)('%s costs milliseconds, not minutes', (source) => {
    const regex = compileRegex(source, '');
    const started = performance.now();
    for (const one of [`${'a'.repeat(30_000)}!`, 'ab'.repeat(20_000), `${'a '.repeat(5_000)}\n`]) {
      try {
        regex.test(one);
      } catch (error) {
        expect(error).toMatchObject({ code: 'SIGMA_REGEX_BUDGET' });
      }
    }
    // Generous for a loaded machine: the backtracking engine would need more than the age of the universe.
    expect(performance.now() - started).toBeLessThan(6_000);
  });
  it('is refused where it cannot be built', () => expect(() => compileRegex('((a{1000}){1000}){1000}', '')).toThrow(/too large|counts/));
});
