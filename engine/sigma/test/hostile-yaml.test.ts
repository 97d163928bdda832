/** A rule file is untrusted: what it may cost to read, and what its names may reach. */
import { describe, expect, it } from 'vitest';
import { compileRules, parseRules } from '../index.ts';
import { LIMITS } from '../limits.ts';
import { anything, failureOf, onlyRule, ruleText } from './support.ts';

const values = (count: number, value: (index: number) => string): string =>
  ruleText(
    `    s:\n        F:\n${Array.from({ length: count }, (_, index) => `            - ${value(index)}`).join('\n')}\n    condition: s`,
  );

describe('size', () => {
  it('a map of sixty thousand keys is read once, not each key against all others', () => {
    const text = Array.from({ length: 60_000 }, (_, index) => `a${index}: 1`).join('\n');
    expect(failureOf(text)).toMatch(/^SIGMA_ATTRIBUTE/);
    expect(failureOf(`${text}\na7: 2`)).toBe('SIGMA_YAML 60001:1');
  }, 30_000);
  it('a rule of 4,432 values is taken, and each of them found', () => {
    const rule = onlyRule(values(4_432, (index) => `'hash${index}'`));
    const set = compileRules([rule], { pipelines: anything });
    for (let index = 0; index < 4_432; index += 17) expect(set.match({ F: `HASH${index}` })).toHaveLength(1);
    for (const other of ['hash', 'hash4432', 'xhash7', 'hash7x', '']) expect(set.match({ F: other })).toEqual([]);
  });
  it('of values, detections, documents, lengths and expansions is limited', () => {
    const many = Array.from({ length: LIMITS.detections + 1 }, (_, index) => `    d${index}: {F: 1}`).join('\n');
    expect(failureOf(ruleText(`${many}\n    condition: d1`))).toMatch(/^SIGMA_LIMIT/);
    expect(failureOf(ruleText(`    s: {F: '${'x'.repeat(LIMITS.valueLength + 1)}'}\n    condition: s`))).toMatch(/^SIGMA_VALUE/);
    expect(failureOf(ruleText(`    s: {F|re: '${'x'.repeat(LIMITS.regexLength + 1)}'}\n    condition: s`))).toMatch(/^SIGMA_REGEX/);
    expect(failureOf(ruleText(`    s: {F|windash|base64: '${'-'.repeat(40)}'}\n    condition: s`))).toMatch(/^SIGMA_VALUE/);
    expect(failureOf(ruleText(`    s: {F: 1}\n    condition: ${'s or '.repeat(LIMITS.conditionTerms)}s`))).toMatch(/^SIGMA_LIMIT/);
    expect(
      failureOf(
        ruleText(`    s: {F: 1}\n    condition: ${' '.repeat(LIMITS.conditionLength)}s`.replace('condition: ', 'condition: "') + '"'),
      ),
    ).toMatch(/^SIGMA_LIMIT/);
    expect(failureOf('---\na: 1\n'.repeat(LIMITS.documentsPerFile + 1))).toMatch(/^SIGMA_LIMIT/);
    expect(failureOf(values(LIMITS.valuesPerRule + 1, () => 'x'))).toMatch(/^SIGMA_LIMIT/);
  });
  it('of the values that placeholders make is limited, and stops no other rule', () => {
    const bomb = onlyRule(ruleText("    s: {F|expand: '%a%%a%%a%%a%'}\n    condition: s", 'bomb'));
    const other = onlyRule(ruleText('    s: {F: 1}\n    condition: s', 'other'));
    const set = compileRules([bomb, other], {
      pipelines: anything,
      placeholders: { a: Array.from({ length: 50 }, (_, index) => `v${index}`) },
    });
    expect(set.unusable.map(({ code }) => code)).toEqual(['SIGMA_LIMIT']);
    expect(set.match({ F: 1 }).map(({ rule }) => rule.id)).toEqual(['other']);
  });
});

describe('aliases', () => {
  const levels = (width: number, depth: number): string =>
    Array.from(
      { length: depth },
      (_, level) => `a${level}: &a${level} [${Array.from({ length: width }, () => (level === 0 ? 'x' : `*a${level - 1}`)).join(', ')}]`,
    ).join('\n');
  it('that multiply are refused, whether they are many or make much', () => {
    expect(failureOf(levels(9, 9))).toMatch(/^SIGMA_LIMIT/);
    expect(failureOf(levels(2, 30))).toMatch(/^SIGMA_LIMIT/);
    const large = Array.from({ length: 3_000 }, () => 'x').join(', ');
    expect(failureOf(`a: &a [${large}]\nb: [${Array.from({ length: 90 }, () => '*a').join(', ')}]`)).toMatch(/^SIGMA_LIMIT/);
  });
  it('that go round are refused', () => expect(failureOf('a: &a [*a]')).toMatch(/^SIGMA_(LIMIT|YAML)/));
  it('a few are followed', () => {
    const rule = onlyRule(ruleText("    one: &names {F: ['a', 'b']}\n    two: *names\n    condition: two"));
    expect(compileRules([rule], { pipelines: anything }).match({ F: 'b' })).toHaveLength(1);
  });
});

describe('names of Object.prototype', () => {
  const reaching = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'];
  it.each(reaching)('%s is a field, a detection and a placeholder like any other', (name) => {
    const rule = onlyRule(
      ruleText(`    ${name}:\n        ${name}|expand: '%${name}%'\n        ${name}.${name}: null\n    condition: ${name}`),
    );
    const own = (value: unknown): object => JSON.parse(`{${JSON.stringify(name)}: ${JSON.stringify(value)}}`) as object;
    expect(compileRules([rule], { pipelines: anything }).unusable.map(({ code }) => code)).toEqual(['SIGMA_PLACEHOLDER']);
    const set = compileRules([rule], { pipelines: anything, placeholders: own(['yes']) as Record<string, string[]> });
    expect(set.match(own('YES'))).toHaveLength(1);
    expect(set.match(own('no'))).toEqual([]);
    expect(set.match({})).toEqual([]);
  });
  it('are never polluted, whatever a rule or an event holds', () => {
    const before = reaching.map((name) => Object.getOwnPropertyDescriptor(Object.prototype, name)?.value as unknown);
    const { rules } = parseRules(
      ruleText('    __proto__: {polluted: 1, constructor.prototype.polluted: 1}\n    condition: __proto__'),
      'f',
    );
    const event = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}, "polluted": 1}') as object;
    expect(compileRules(rules, { pipelines: anything }).match(event)).toHaveLength(1);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(reaching.map((name) => Object.getOwnPropertyDescriptor(Object.prototype, name)?.value as unknown)).toEqual(before);
  });
});
