/** Transformations of values and placeholders, each with what pySigma's documentation says of it in the claim. */
import { describe, expect, it } from 'vitest';
import { compileRules } from '../../index.ts';
import { anything, itemsOf, matches, pipelineOf, processed, selecting } from './support.ts';

const after = (selection: string, ...lines: string[]): string[] => itemsOf(processed(selecting(selection), pipelineOf(...lines)).rule);
const refusal = (selection: string, ...lines: string[]): string =>
  processed(selecting(selection), pipelineOf(...lines)).failure?.reason ?? 'none';

describe('replace_string', () => {
  it('replaces what a regular expression matches; the replacement may name groups', () => {
    expect(after("{A: ['C:\\x', 'D:\\x']}", "{type: replace_string, regex: '^([A-Z]):', replacement: '\\\\Device\\\\\\g<1>'}")).toEqual([
      'A: ["\\\\Device\\\\C\\\\x"] | ["\\\\Device\\\\D\\\\x"]',
    ]);
    expect(after('{A: ab}', "{type: replace_string, regex: '(?P<x>a)(b)', replacement: '\\2\\g<x>'}")).toEqual(['A: ["ba"]']);
  });
  it('sees wildcards as * and ?, and makes wildcards of those in the result', () => {
    expect(after("{A|endswith: '\\x.exe'}", "{type: replace_string, regex: '^\\*\\\\', replacement: '/'}")).toEqual(['A: ["/x.exe"]']);
    expect(after('{A: aXb}', "{type: replace_string, regex: X, replacement: '*'}")).toEqual(['A: ["a",1,"b"]']);
  });
  it('keeps the wildcard behind a backslash, and literal stars of values that have them', () => {
    expect(after("{A|startswith: 'C:\\Windows\\'}", '{type: replace_string, regex: Windows, replacement: Win}')).toEqual([
      'A: ["C:\\\\Win\\\\",1]',
    ]);
    expect(after("{A: 'x\\*y'}", '{type: replace_string, regex: x, replacement: z}')).toEqual(['A: ["z*y"]']);
  });
  it('with skip_special touches plain text only; with interpret_special its result may hold wildcards', () => {
    expect(after("{A: 'a*a'}", "{type: replace_string, regex: '.', replacement: 'b*', skip_special: true}")).toEqual(['A: ["b*",1,"b*"]']);
    expect(after("{A: 'a?a'}", "{type: replace_string, regex: a, replacement: 'b*', skip_special: true, interpret_special: true}")).toEqual(
      ['A: ["b",1,2,"b",1]'],
    );
  });
  it('leaves regular expressions, null and networks alone', () => {
    expect(after("{A|re: 'x', B: null, C|cidr: 10.0.0.0/8}", '{type: replace_string, regex: x, replacement: y}')).toEqual([
      'A: regex x',
      'B: null null',
      'C: cidr 10.0.0.0/8',
    ]);
  });
  it('never lets an expression run long: a value on which it could is refused', () => {
    const reason = refusal(`{A: '${'a'.repeat(3_000)}!'}`, "{type: replace_string, regex: '(a+)+$', replacement: x}");
    expect(reason).toContain('took more steps than an event may cost');
  });
});

describe('map_string', () => {
  it('maps a whole value to one or several others', () => {
    const line = '{type: map_string, mapping: {value1: mapped1, value2: [mapped2A, "mapped2*"]}}';
    expect(after('{A: [value1, value2, value3]}', line)).toEqual(['A: ["mapped1"] | ["mapped2A"] | ["mapped2",1] | ["value3"]']);
  });
  it('makes several values alternatives of each other, also where all values must match', () => {
    const rule = selecting('{A|contains|all: [x, y]}');
    const text = pipelineOf('{type: map_string, mapping: {"*x*": ["*1*", "*2*"]}}');
    expect(matches(rule, text, { A: '2 y' })).toBe(true);
    expect(matches(rule, text, { A: '1 2' })).toBe(false);
  });
});

describe('set_value', () => {
  it('puts a fixed value in the place of every value', () => {
    expect(after('{A|contains: [x, y]}', '{type: set_value, value: 5}')).toEqual(['A: ["5"]']);
    expect(after('{A: x}', '{type: set_value, value: null}')).toEqual(['A: null null']);
    expect(after('{A: x}', "{type: set_value, value: 'a*', force_type: str}")).toEqual(['A: ["a",1]']);
    expect(after('{A: x}', "{type: set_value, value: '7', force_type: num}")).toEqual(['A: ["7"]']);
  });
});

describe('convert_type', () => {
  it('changes nothing, as values are compared as texts, and refuses a text that is no number', () => {
    expect(after('{A: [1, "2"]}', '{type: convert_type, target_type: num}')).toEqual(['A: ["1"] | ["2"]']);
    expect(after('{A: [1, null]}', '{type: convert_type, target_type: str}')).toEqual(['A: ["1"] | null null']);
    expect(refusal('{A: x}', '{type: convert_type, target_type: num}')).toContain('A: "x" is no number');
  });
});

describe('case', () => {
  it('writes values in lower, upper or snake case', () => {
    expect(after("{A|cased: 'Ab*C'}", '{type: case}')).toEqual(['A: ["ab",1,"c"]']);
    expect(after("{A|cased: 'Ab'}", '{type: case, method: upper}')).toEqual(['A: ["AB"]']);
    expect(after('{A: NewProcess}', '{type: case, method: snake_case}')).toEqual(['A: ["new_process"]']);
  });
});

describe('regex', () => {
  const line = (method: string): string => pipelineOf(`{type: regex, method: ${method}}`);
  it.each(['ignore_case_brackets', 'ignore_case_flag'])('with %s makes an expression that matches what the text matched', (method) => {
    for (const [selection, hits, misses] of [
      ["{A: 'a.b'}", ['a.b', 'A.B'], ['axb', 'a.b\n', 'xa.b']],
      ["{A|contains: '[x](y)'}", ['1[X](Y)2'], ['xy']],
      ["{A|startswith: 'C:\\'}", ['c:\\x\ny'], ['xC:\\']],
      ["{A|endswith: 'q?z'}", ['--q1z'], ['qz', 'q1z1']],
      ["{A: '-x'}", ['-X'], ['/x']],
      ["{A|windash: '-x'}", ['-x', '/X', '\u2013x'], ['x']],
    ] as const) {
      expect(itemsOf(processed(selecting(selection), line(method)).rule)[0]).toContain('A: regex ');
      for (const A of hits) expect(matches(selecting(selection), line(method), { A })).toBe(true);
      for (const A of misses) expect(matches(selecting(selection), line(method), { A })).toBe(false);
    }
  });
  it('with plain leaves the case as it is', () => {
    expect(matches(selecting('{A: ab}'), line('plain'), { A: 'ab' })).toBe(true);
    expect(matches(selecting('{A: ab}'), line('plain'), { A: 'AB' })).toBe(false);
  });
  it('refuses a placeholder, which must be replaced before', () => {
    expect(refusal("{A|expand: '%x%'}", '{type: regex}')).toContain('%x% must be replaced');
  });
});

describe('placeholders', () => {
  it('wildcard_placeholders puts a wildcard in the place of those it is about', () => {
    expect(after("{A|expand: 'a%x%b'}", '{type: wildcard_placeholders}')).toEqual(['A: ["a",1,"b"]']);
    expect(after("{A|expand: '%x%%y%'}", '{type: wildcard_placeholders, include: [x]}')).toEqual(['A: [1,{"placeholder":"y"}]']);
    expect(after("{A|expand: '%x%%y%'}", '{type: wildcard_placeholders, exclude: [x]}')).toEqual(['A: [{"placeholder":"x"},1]']);
  });
  it('value_placeholders puts in the values of the pipeline’s variables, which may hold wildcards', () => {
    const text = `vars: {servers: [srv1, 'db*'], port: 22}\n${pipelineOf('{type: value_placeholders}')}`;
    const rule = selecting("{A|expand: ['%servers%.local', 'p%port%']}");
    expect(itemsOf(processed(rule, text).rule)).toEqual(['A: ["srv1.local"] | ["db",1,".local"] | ["p22"]']);
    expect(itemsOf(processed(rule, text, { vars: { servers: 'one' } }).rule)).toEqual(['A: ["one.local"] | ["p22"]']);
  });
  it('value_placeholders refuses a rule whose placeholder has no values', () => {
    const { failure, rule } = processed(selecting("{A|expand: '%none%'}"), pipelineOf('{type: value_placeholders, id: fill}'));
    expect(rule).toBeUndefined();
    expect(failure).toEqual({
      file: 'test.yml',
      line: 1,
      column: 1,
      code: 'SIGMA_TRANSFORMATION',
      reason: 'The processing pipeline cannot transform the rule (fill of p1.yml:3): No values are given for the placeholder %none%',
    });
  });
  it('query_expression_placeholders is refused with what to do instead, and only where it would be needed', () => {
    const line = "{type: query_expression_placeholders, expression: '{field} in {id}', mapping: {x: list}, include: [x]}";
    expect(refusal("{A|expand: '%x%'}", line)).toContain('give its values with "value_placeholders"');
    expect(refusal("{A|expand: '%y%'}", line)).toBe('none');
    expect(refusal('{A: plain}', line)).toBe('none');
  });
  it('leaves the others to be filled when the rules are compiled', () => {
    const { rule } = processed(
      selecting("{A|expand: '%x%-%y%'}"),
      `vars: {x: 1}\n${pipelineOf('{type: value_placeholders, include: [x]}')}`,
    );
    if (rule === undefined) throw new Error('refused');
    expect(compileRules([rule], { pipelines: anything, placeholders: { y: ['2'] } }).match({ A: '1-2' })).toHaveLength(1);
  });
});
