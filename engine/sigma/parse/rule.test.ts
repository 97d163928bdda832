import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureOf, onlyRule, ruleText } from '../test/support.ts';
import { parseRules } from './rule.ts';

const good = ruleText('    s: {F: 1}\n    condition: s');

describe('a rule file', () => {
  it('gives every attribute of its rules', () => {
    const rule = onlyRule(`title: T
id: 929a690e-bef0-4204-a928-ef5e620d6fcc
name: short
status: stable
level: high
description: D
author: A
date: 2026-11-22
modified: 2026-11-23
license: DRL-1.1
taxonomy: sigma
references: [https://example.org]
tags: [attack.t1059]
fields: [F]
falsepositives: [None]
scope: [server]
related:
    - {id: 08fbc97d-0a2f-491c-ae21-8ffcfd3174e9, type: derived}
logsource: {product: Windows, category: process_creation, definition: Needs a policy}
detection:
    s: {F: 1}
    condition: s`);
    expect(rule).toMatchObject({
      id: '929a690e-bef0-4204-a928-ef5e620d6fcc',
      name: 'short',
      status: 'stable',
      level: 'high',
      date: '2026-11-22',
      license: 'DRL-1.1',
      references: ['https://example.org'],
      tags: ['attack.t1059'],
      scope: ['server'],
      related: [{ id: '08fbc97d-0a2f-491c-ae21-8ffcfd3174e9', type: 'derived' }],
      logsource: { product: 'windows', category: 'process_creation', definition: 'Needs a policy' },
      line: 1,
    });
  });
  it('may hold several rules; a bad one stops no other, and its place is told', () => {
    const { rules, failures } = parseRules(`${good}\n---\ntitle: Bad\n---\n${good.replace('id: test', 'id: two')}`, 'f.yml');
    expect(rules.map((rule) => rule.id)).toEqual(['test', 'two']);
    expect(failures).toEqual([
      { file: 'f.yml', line: 9, column: 1, code: 'SIGMA_ATTRIBUTE', reason: 'The attribute "logsource" is not right: it is missing' },
    ]);
    expect(rules[1]?.source).toContain('id: two');
    expect(rules[1]?.source).not.toContain('Bad');
  });
  it('without an id is known by its name, else by its file', () => {
    expect(onlyRule(good.replace('id: test\n', '')).id).toBe('test.yml');
    expect(onlyRule(good.replace('id: test\n', 'name: n\n')).id).toBe('n');
  });
});

describe('what is not a rule is told with code, line and column', () => {
  it.each([
    ['', 'SIGMA_DOCUMENT 1:1'],
    ['a: [', 'SIGMA_YAML 1:5'],
    ['a: 1\na: 2', 'SIGMA_YAML 2:1'],
    ['- 1', 'SIGMA_DOCUMENT 1:1'],
    ['title: T\ncorrelation: {type: event_count}', 'SIGMA_DOCUMENT 2:14'],
    [good.replace('condition: s', 'condition: t'), 'SIGMA_CONDITION 7:16'],
    [good.replace('condition: s', 'condition: s and'), 'SIGMA_CONDITION 7:16'],
    [good.replace('condition: s', 'condition: 1 of x*'), 'SIGMA_CONDITION 7:16'],
    [good.replace('    condition: s', ''), 'SIGMA_ATTRIBUTE 6:5'],
    [good.replace('F: 1', 'F|foo: 1'), 'SIGMA_MODIFIER 6:16'],
    [good.replace('F: 1', 'F|i: 1'), 'SIGMA_MODIFIER 6:14'],
    [good.replace('F: 1', 'F|re|cidr: 1'), 'SIGMA_MODIFIER 6:20'],
    [good.replace('F: 1', 'F|contains: null'), 'SIGMA_VALUE 6:21'],
    [good.replace('F: 1', 'F|cidr: x'), 'SIGMA_VALUE 6:17'],
    [good.replace('F: 1', 'F|gt: x'), 'SIGMA_VALUE 6:15'],
    [good.replace('F: 1', 'F|exists: 1'), 'SIGMA_VALUE 6:19'],
    [good.replace('F: 1', 'F: []'), 'SIGMA_VALUE 6:12'],
    [good.replace('F: 1', 'F: {G: 1}'), 'SIGMA_VALUE 6:12'],
    [good.replace('F: 1', "F|re: '('"), 'SIGMA_REGEX 6:15'],
    [good.replace('F: 1', "F|base64: 'a*'"), 'SIGMA_VALUE 6:19'],
    [good.replace('id: test', 'level: loud'), 'SIGMA_ATTRIBUTE 2:8'],
    [good.replace('s: {F: 1}', 's: {}'), 'SIGMA_DETECTION 6:8'],
  ])('%j is %s', (text, expected) => expect(failureOf(text)).toBe(expected));
});

describe('a hostile file', () => {
  it('with a bomb of aliases is refused', () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 9; level++)
      bomb.push(`b${level}: &b${level} [${Array.from({ length: 9 }, () => (level === 1 ? '*a' : `*b${level - 1}`)).join(', ')}]`);
    expect(failureOf(bomb.join('\n'))).toMatch(/^SIGMA_LIMIT/);
  });
  it('nested ten thousand deep is refused', () => {
    expect(failureOf('['.repeat(10_000))).toMatch(/^SIGMA_(LIMIT|YAML)/);
    expect(failureOf(Array.from({ length: 2_000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'))).toMatch(/^SIGMA_(LIMIT|YAML)/);
  });
  it('of too many characters is refused before it is read', () => expect(failureOf('a'.repeat(5_000_000))).toBe('SIGMA_LIMIT 1:1'));
  it('with a condition nested a thousand deep is refused', () => {
    expect(failureOf(good.replace('condition: s', `condition: ${'('.repeat(1_000)}s${')'.repeat(1_000)}`))).toMatch(/^SIGMA_LIMIT/);
    expect(failureOf(good.replace('condition: s', `condition: ${'not '.repeat(1_000)}s`))).toMatch(/^SIGMA_LIMIT/);
  });
  it('with keys of Object.prototype changes nothing but its own rule', () => {
    const rule = onlyRule(ruleText("    __proto__: {constructor: 1, __proto__|contains: 'x'}\n    condition: __proto__"));
    expect(rule.detections[0]?.name).toBe('__proto__');
    expect(({} as Record<string, unknown>)['contains']).toBeUndefined();
  });
});

describe('any text', () => {
  const fragment = fc.constantFrom(
    'title: T\n',
    'logsource: {product: test}\n',
    'detection:\n',
    '    s:\n',
    '        F|re: ',
    "'(a|b'",
    '        - x\n',
    '    condition: ',
    's and not ',
    '1 of s*',
    '(',
    ')',
    '|all',
    '*a',
    '&a ',
    '[',
    '{',
    '---\n',
    '\u0000',
    '\t',
    "'",
    'null',
    '\\',
  );
  it('is read without throwing, to rules or to failures', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ maxLength: 200 }),
          fc.array(fragment, { maxLength: 30 }).map((parts) => parts.join('')),
        ),
        (text) => {
          const { rules, failures } = parseRules(text, 'f');
          expect(rules.length + failures.length).toBeGreaterThan(0);
          for (const failure of failures) expect(failure.reason).not.toMatch(/^Unexpected/);
        },
      ),
      { numRuns: 3_000, interruptAfterTimeLimit: 4_000 },
    );
  });
});
