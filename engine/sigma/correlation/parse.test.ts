import { array, assert, constantFrom, oneof, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRules, parseSigma } from '../index.ts';

const SECTION = {
  type: 'event_count',
  rules: '[base]',
  'group-by': '[User]',
  timespan: '10m',
  condition: '{gte: 10}',
};

function text(changes: Partial<Record<keyof typeof SECTION | 'aliases', string | null>>, after = ''): string {
  const section = Object.entries({ ...SECTION, ...changes }).filter(([, value]) => value !== null);
  return `title: T\nid: c\ncorrelation:\n${section.map(([key, value]) => `  ${key}: ${value}`).join('\n')}\n${after}`;
}
const read = (changes: Parameters<typeof text>[0], after = '') => parseSigma(text(changes, after), 'c.yml');
const only = (...given: Parameters<typeof read>) => {
  const { correlations, failures } = read(...given);
  if (correlations[0] === undefined) throw new Error(JSON.stringify(failures));
  return correlations[0];
};
const failure = (changes: Parameters<typeof text>[0]) => {
  const [first] = read(changes).failures;
  return first === undefined ? 'none' : `${first.line}:${first.column} ${first.reason}`;
};

describe('a correlation document', () => {
  it('is read with type, rules in order, fields, time span and condition', () => {
    expect(only({ rules: '[b, a]', timespan: '90m', condition: '{gt: 100, lte: 200}' })).toMatchObject({
      id: 'c',
      type: 'event_count',
      rules: [{ rule: 'b' }, { rule: 'a' }],
      groupBy: ['User'],
      timespanMs: 5_400_000,
      condition: {
        criteria: [
          { operator: 'gt', value: 100 },
          { operator: 'lte', value: 200 },
        ],
        fields: [],
      },
    });
  });
  it('asks for all of its rules when a temporal one has no condition', () => {
    for (const type of ['temporal', 'temporal_ordered'])
      expect(only({ type, rules: '[a, b, c]', condition: null }).condition.criteria).toEqual([{ operator: 'gte', value: 3 }]);
  });
  it('may combine the rules of a temporal one in words', () => {
    expect(only({ type: 'temporal', rules: '[a, b, c]', condition: 'a and (b or c)' }).condition.expression).toMatchObject({ kind: 'and' });
  });
  it('knows generate beside the section and inside it, and that nothing was said', () => {
    expect(only({}, 'generate: true').generate).toBe(true);
    expect(only({}, '  generate: false').generate).toBe(false);
    expect(only({}).generate).toBeUndefined();
  });
  it('takes a fraction as the limit of a sum or an average, and a percentile', () => {
    expect(only({ type: 'value_avg', condition: '{field: n, gt: 0.5}' }).condition).toMatchObject({ fields: ['n'] });
    expect(only({ type: 'value_percentile', condition: '{field: n, percentile: 95, gt: 3}' }).condition.percentile).toBe(95);
  });
  it('stands beside rules in one file, and what it has no id for gets the number of its document', () => {
    const rule = 'title: R\nname: base\nlogsource: {product: linux}\ndetection: {s: {a: b}, condition: s}\n';
    const found = parseSigma(`${rule}---\n${text({}).replace('id: c\n', '')}---\n${text({ type: 'nothing' })}`, 'f.yml');
    expect(found.rules.map(({ id }) => id)).toEqual(['base']);
    expect(found.correlations.map(({ id }) => id)).toEqual(['f.yml#2']);
    expect(found.failures.map(({ line }) => line)).toEqual([17]);
  });
  it('stays a failure for a reader of rules alone', () => {
    expect(parseRules(text({}), 'c.yml').failures[0]?.code).toBe('SIGMA_DOCUMENT');
  });
});

describe('a correlation is refused with line and column', () => {
  it.each([
    [{ type: 'near' }, '4:9 The attribute "type" is not right: "near" is none of'],
    [{ rules: '[]' }, '5:10 The attribute "rules" is not right: the list is empty'],
    [{ rules: '[a, a]' }, '5:14 The attribute "rules" is not right: "a" stands there twice'],
    [{ 'group-by': null }, '4:3 The attribute "group-by" is not right: it is missing; write "group-by: []"'],
    [{ timespan: '1w' }, '7:13 The attribute "timespan" is not right'],
    [{ timespan: '0m' }, '7:13 The attribute "timespan" is not right'],
    [{ timespan: '400d' }, '7:13 The attribute "timespan" is not right: it is longer'],
    [{ condition: null }, '4:3 The attribute "condition" is not right: it is missing'],
    [{ condition: '{}' }, '8:14 The attribute "condition" is not right: it needs one of'],
    [{ condition: '{gte: many}' }, '8:20 The attribute "condition" is not right: a limit is a number'],
    [{ condition: '{gte: 1.5}' }, '8:20 The attribute "condition" is not right: a count is a whole number'],
    [{ condition: '{gte: 5, gt: 3}' }, '8:14 The attribute "condition" is not right: a range has one lower'],
    [{ condition: '{gt: 5, lt: 3}' }, '8:14 The attribute "condition" is not right: no number is within'],
    [{ condition: '{over: 5}' }, '8:15 The attribute "condition" is not right: "over" is none of'],
    [{ type: 'value_count' }, '8:14 The attribute "condition" is not right: value_count needs a field'],
    [{ condition: '{field: a, gt: 3}' }, '8:14 The attribute "condition" is not right: event_count takes no field'],
    [{ type: 'temporal_ordered', condition: 'base' }, '8:14 The attribute "condition" is not right: only a temporal'],
    [{ type: 'temporal', condition: 'base and other' }, '8:14 The condition cannot be read'],
    [{ aliases: '{ip: base}' }, '9:13 The attribute "aliases" is not right: "ip" is not a map'],
  ])('%j', (changes, reason) => {
    expect(failure(changes)).toContain(reason);
  });
  it('and no text makes the reader throw', () => {
    const word = constantFrom(
      'correlation:',
      '  type:',
      ' temporal',
      '\n',
      '  rules: [a]',
      '---\n',
      ' {gte: 1}',
      '  condition:',
      '  timespan: 1m',
      '- ',
      'a: ',
    );
    assert(
      property(
        oneof(
          string({ maxLength: 200 }),
          array(word, { maxLength: 40 }).map((words) => words.join('')),
        ),
        (yaml) => {
          for (const { line, column } of parseSigma(yaml, 'f.yml').failures) expect(Math.min(line ?? 0, column ?? 0)).toBeGreaterThan(0);
        },
      ),
      { numRuns: 500 },
    );
  });
});
