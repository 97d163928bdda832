import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SigmaError } from '../errors.ts';
import { compileRules, explain, parseSigma } from '../index.ts';
import type { SigmaRule } from '../model.ts';
import { readYaml } from '../parse/yaml.ts';
import { plainMatch } from '../plain/index.ts';
import { anything, onlyRule } from '../test/support.ts';
import { applyFilters } from './apply.ts';
import type { SigmaFilter } from './model.ts';
import { parseFilter } from './parse.ts';

function filterOf(text: string, file = 'filter.yml'): SigmaFilter {
  const [document] = readYaml(text);
  if (document === undefined) throw new Error('no document');
  return parseFilter(document, file);
}

/** `code line:column reason`. */
function refused(text: string): string {
  try {
    filterOf(text);
    return 'accepted';
  } catch (error) {
    if (!(error instanceof SigmaError)) throw error;
    return `${error.code} ${error.place?.line}:${error.place?.column} ${error.message}`;
  }
}

const rule = (id: string, extra = '', detection = 'selection: {Image: a.exe}\n    condition: selection'): SigmaRule =>
  onlyRule(`title: Rule ${id}\nid: ${id}\n${extra}logsource: {product: test}\ndetection:\n    ${detection}\n`);

const filter = (
  rules: string,
  body = "selection: {User|startswith: 'adm_'}\n    condition: not selection",
  logsource = '{product: test}',
): SigmaFilter => filterOf(`title: Administrators\nid: f1\nlogsource: ${logsource}\nfilter:\n    rules: ${rules}\n    ${body}\n`);

/** Ids of the rules that match; both evaluators must agree. */
function matching(rules: readonly SigmaRule[], event: object): string[] {
  const indexed = compileRules(rules, { pipelines: anything })
    .match(event)
    .map((match) => match.rule.id);
  expect(plainMatch(event, rules, anything).map((match) => match.id)).toEqual(indexed);
  return indexed;
}

describe('a filter', () => {
  it('is read as the specification’s example writes it', () => {
    const read = filterOf(`title: Filter Administrator account
description: The valid administrator account start with adm_
logsource:
    category: process_creation
    product: windows
filter:
    rules:
        - 6f3e2987-db24-4c78-a860-b4f4095a7095 # Data Compressed - rar.exe
        - df0841c0-9846-4e9f-ad8a-7df91571771b # Login on jump host
    selection:
        User|startswith: 'adm_'
    condition: selection
`);
    expect(read).toMatchObject({
      id: 'filter.yml',
      title: 'Filter Administrator account',
      logsource: { category: 'process_creation', product: 'windows' },
      rules: [
        { rule: '6f3e2987-db24-4c78-a860-b4f4095a7095', place: { line: 8, column: 11 } },
        { rule: 'df0841c0-9846-4e9f-ad8a-7df91571771b' },
      ],
      condition: { kind: 'selection', name: 'selection' },
    });
  });
  it.each([
    ['title: T\nlogsource: {product: x}\n', 'SIGMA_ATTRIBUTE 1:1'],
    ['logsource: {product: x}\nfilter: {rules: [a], s: {A: b}, condition: s}\n', 'SIGMA_ATTRIBUTE 1:1'],
    ['title: T\nfilter: {rules: [a], s: {A: b}, condition: s}\n', 'SIGMA_ATTRIBUTE 1:1'],
    ['title: T\nlogsource: {product: x}\nfilter: {s: {A: b}, condition: s}\n', 'SIGMA_ATTRIBUTE 3:9'],
    ['title: T\nlogsource: {product: x}\nfilter: {rules: [], s: {A: b}, condition: s}\n', 'SIGMA_ATTRIBUTE 3:17'],
    ['title: T\nlogsource: {product: x}\nfilter: {rules: [{a: b}], s: {A: b}, condition: s}\n', 'SIGMA_ATTRIBUTE 3:18'],
    ['title: T\nlogsource: {product: x}\nfilter: {rules: [a], s: {A: b}}\n', 'SIGMA_ATTRIBUTE 3:9'],
    ['title: T\nlogsource: {product: x}\nfilter: {rules: [a], s: {A: b}, condition: [s, not s]}\n', 'SIGMA_ATTRIBUTE 3:9'],
    ['title: T\nlogsource: {product: x}\nfilter: {rules: [a], condition: s}\n', 'SIGMA_CONDITION 3:33'],
    ['title: T\nlogsource: {product: x}\nfilter: {rules: [a], s: {A|nope: b}, condition: s}\n', 'SIGMA_MODIFIER 3:34'],
    ['title: T\nlogsource: {product: x}\nfilter: [a]\n', 'SIGMA_ATTRIBUTE 3:9'],
  ])('that is not right is refused at its place: %j', (text, expected) => {
    expect(refused(text)).toContain(expected);
  });
  it('without an id is known by its file, and by its place in a file of several', () => {
    const text = 'title: T\nlogsource: {product: x}\nfilter: {rules: any, s: {A: b}, condition: s}\n';
    expect(parseSigma(text, 'one.yml').filters.map(({ id }) => id)).toEqual(['one.yml']);
    expect(parseSigma(`${text}---\n${text}`, 'two.yml').filters.map(({ id }) => id)).toEqual(['two.yml#1', 'two.yml#2']);
  });
  it('is added to the rules it names by id or by name, and to no other', () => {
    const rules = [rule('r1'), rule('r2', 'name: second\n'), rule('r3')];
    const { rules: filtered, failures, applied } = applyFilters(rules, [filter('[r1, second]')]);
    expect(matching(filtered, { Image: 'a.exe', User: 'bob' })).toEqual(['r1', 'r2', 'r3']);
    expect(matching(filtered, { Image: 'a.exe', User: 'ADM_bob' })).toEqual(['r3']);
    expect(filtered[2]).toBe(rules[2]);
    expect(failures).toEqual([]);
    expect(applied).toEqual([{ filter: 'f1', rules: ['r1', 'r2'] }]);
  });
  it('narrows to what its condition says, also where that is not a negation: "condition: selection"', () => {
    const { rules } = applyFilters([rule('r1')], [filter('[r1]', "selection: {User|startswith: 'adm_'}\n    condition: selection")]);
    expect(matching(rules, { Image: 'a.exe', User: 'bob' })).toEqual([]);
    expect(matching(rules, { Image: 'a.exe', User: 'adm_bob' })).toEqual(['r1']);
  });
  it('applies to every rule of its log source with "any"', () => {
    const other = onlyRule('title: O\nid: o\nlogsource: {product: other}\ndetection: {s: {A: b}, condition: s}\n');
    const { applied, failures } = applyFilters([rule('r1'), other, rule('r2')], [filter('any')]);
    expect(applied[0]?.rules).toEqual(['r1', 'r2']);
    expect(failures).toEqual([]);
  });
  it('reports a rule that is not there, and one whose log source it does not fit, each where it stands', () => {
    const { rules, failures } = applyFilters(
      [rule('r1')],
      [filter('[gone, r1]'), filter('[r1]', undefined, '{product: test, category: process_creation}')],
    );
    expect(failures).toEqual([
      {
        file: 'filter.yml',
        line: 5,
        column: 13,
        code: 'SIGMA_FILTER',
        reason: 'The filter "Administrators" cannot be applied: there is no rule "gone"',
      },
      {
        file: 'filter.yml',
        line: 5,
        column: 13,
        code: 'SIGMA_FILTER',
        reason: 'The filter "Administrators" cannot be applied: its log source is not the one of the rule "r1"',
      },
    ]);
    expect(matching(rules, { Image: 'a.exe', User: 'adm_x' })).toEqual([]);
  });
  it('keeps its names apart from those of the rule and of other filters', () => {
    const own = rule(
      'r1',
      '',
      'selection: {Image: a.exe}\n    filter: {User: root}\n    condition: all of them and not filter or 1 of filter*',
    );
    const twice = applyFilters(
      [own],
      [
        filter('[r1]', 'selection: {Host: h1}\n    condition: not selection'),
        filter('[r1]', 'selection: {Host: h2}\n    more: {Host: h3}\n    condition: not 1 of them'),
      ],
    ).rules;
    expect(matching(twice, { User: 'root', Host: 'h0' })).toEqual(['r1']);
    for (const Host of ['h1', 'h2', 'h3']) expect(matching(twice, { User: 'root', Host })).toEqual([]);
    expect(twice[0]?.detections.map(({ name }) => name)).toEqual([
      'selection',
      'filter',
      '_filter_selection',
      '_filter2_selection',
      '_filter_more',
    ]);
  });
  it('narrows each of several conditions of a rule', () => {
    const two = rule('r1', '', 's: {A: 1}\n    t: {B: 1}\n    condition: [s, t]');
    const { rules } = applyFilters([two], [filter('[r1]')]);
    expect(matching(rules, { A: 1 })).toEqual(['r1']);
    expect(matching(rules, { B: 1 })).toEqual(['r1']);
    expect(matching(rules, { A: 1, User: 'adm_x' })).toEqual([]);
    expect(matching(rules, { B: 1, User: 'adm_x' })).toEqual([]);
  });
  it('is shown by the explanation of the rule', () => {
    const [filtered] = applyFilters([rule('r1')], [filter('[r1]')]).rules;
    if (filtered === undefined) throw new Error('no rule');
    const tree = explain(filtered, { Image: 'a.exe', User: 'adm_x' }, { pipelines: anything });
    expect(tree.conditions[0]).toMatchObject({
      label: 'and',
      result: false,
      children: [
        { label: 'selection', result: true },
        { label: 'not', result: false, children: [{ label: '_filter_selection', result: true }] },
      ],
    });
  });
  it('of the examples fits the rules it names', () => {
    const root = join(import.meta.dirname, '..', '..', '..', 'rules');
    const read = (pattern: string) => globSync(join(root, pattern)).map((file) => parseSigma(readFileSync(file, 'utf8'), file));
    const rules = read('sigma/**/rule.yml').flatMap((found) => found.rules);
    const examples = read('filters/*.yml');
    expect(examples.flatMap(({ failures }) => failures)).toEqual([]);
    const { failures, applied } = applyFilters(
      rules,
      examples.flatMap(({ filters }) => filters),
    );
    expect(failures).toEqual([]);
    expect(applied.length).toBeGreaterThan(0);
    expect(applied.filter((each) => each.rules.length === 0)).toEqual([]);
  });
  it('is read without throwing anything but a located refusal, whatever its text', () => {
    const piece = fc.constantFrom(
      'title: T\n',
      'logsource: {product: x}\n',
      'filter:\n',
      '    rules: any\n',
      '    rules: [a, a]\n',
      '    selection: {A|re: "("}\n',
      '    selection: {A: *x}\n',
      '    condition: selection\n',
      '    condition: not (selection\n',
      '    condition:\n',
      '- x\n',
      '? ',
      '&x ',
      '    rules: {a: b}\n',
    );
    const texts = fc.oneof(
      fc.string(),
      fc.array(fc.oneof(piece, fc.string({ maxLength: 5 })), { maxLength: 10 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        for (const document of readYaml(text))
          try {
            applyFilters([rule('a')], [parseFilter(document, 'f.yml')]);
          } catch (error) {
            expect(error).toBeInstanceOf(SigmaError);
          }
      }),
      { numRuns: 2_000, interruptAfterTimeLimit: 4_000 },
    );
  });
});
