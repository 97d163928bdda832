/** Texts of the languages a rule is written in: mostly well-formed, partly broken, some made to be costly. */
import * as fc from 'fast-check';
import { ruleYaml } from '../generate/rule.ts';

const ALPHABET = [...Array.from('aAbk01 .*?+|()[]{}^$\\-,:%/\'"\n\t&!@_ðđİ'), '\u2013', '\u0000', '\uD800', '😀'];

/** A text with up to six pieces cut out, doubled, moved or replaced. */
export function broken(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const edit = fc.tuple(fc.nat(), fc.nat(30), fc.constantFrom('cut', 'double', 'insert', 'swap'), fc.constantFrom(...ALPHABET));
  return fc.tuple(texts, fc.array(edit, { maxLength: 6 })).map(([text, edits]) => edits.reduce(apply, text));
}

function apply(text: string, [place, length, how, unit]: [number, number, string, string]): string {
  const at = text.length === 0 ? 0 : place % text.length;
  const [head, piece, tail] = [text.slice(0, at), text.slice(at, at + length), text.slice(at + length)];
  if (how === 'cut') return head + tail;
  if (how === 'double') return head + piece + piece + tail;
  return how === 'insert' ? head + unit + piece + tail : piece + head + tail;
}

const YAML_PIECES = [
  'title: T\n', 'id: 1\n', 'level: high\n', 'logsource: {product: test}\n', 'logsource:\n    product: test\n', 'detection:\n', '    s:\n', '        F|re: ', "'(a|b)+'\n",
  '        - x\n', '    condition: s\n', '    condition: 1 of s*\n', '(', ')', '|all', '|base64offset|contains', '|expand: "%x%"', '*a', '&a ', '<<: *a\n', '!!binary ', '!!map ',
  '[', '{', ']', '}', ', ', '---\n', '...\n', '%YAML 1.2\n', '\t', "'", '"', 'null', '\\', '? ', '- ', ': ', '|2-\n', '>+\n', '__proto__: 1\n', 'constructor: {prototype: x}\n',
]; // prettier-ignore

export const ruleText: fc.Arbitrary<string> = fc.oneof(
  broken(ruleYaml),
  broken(fc.array(ruleYaml, { maxLength: 3 }).map((list) => list.join('\n---\n'))),
  fc.array(fc.constantFrom(...YAML_PIECES), { maxLength: 40 }).map((pieces) => pieces.join('')),
  fc
    .tuple(fc.constantFrom('[', '{a: ', '- ', '? ', '&a [', '"', '!a '), fc.integer({ min: 1, max: 20_000 }))
    .map(([piece, count]) => piece.repeat(count)),
);

const CONDITION_WORDS = [
  's0',
  's1',
  '_x',
  'and',
  'or',
  'not',
  'AND',
  '1',
  '2',
  '0',
  '99999',
  'all',
  'any',
  'of',
  'them',
  's*',
  '*',
  '_*',
  '(',
  ')',
  '|',
  'count()',
  'near',
  '\u00A0',
];
export const conditionText: fc.Arbitrary<string> = fc.oneof(
  fc.array(fc.constantFrom(...CONDITION_WORDS), { maxLength: 30 }).map((list) => list.join(' ')),
  broken(fc.constantFrom('s0 and not 1 of s*', '(s0 or s1) and not all of _*', 'not (not (s0)) or 2 of them')),
  fc
    .tuple(fc.constantFrom('(', 'not ', 's0 and ', 's0 or (', 'all of s* or '), fc.integer({ min: 1, max: 5_000 }))
    .map(([piece, count]) => `${piece.repeat(count)}s0`),
);

const pipelinePieces = fc.constantFrom(
  'shapes: [{name: any, requires: [], roots: [""], keywords: [""]}]\n',
  "shapes:\n  - name: any\n    requires: [a.b]\n    roots: ['', 'a.*', '*']\n    keywords: ['', '*.*']\n    fields: {F: [a.F, b], EventID: id}\n",
  'logsources: [{is: {product: test}}]\n',
  "logsources:\n  - {is: [{product: test}, {service: x}], when: {F: ['*a*', '?'], 'a.b': 1}, fields: {F: [g, h.i]}, spaced: true}\n",
  'services: [{product: test, field: F, shapes: [any], values: {s: "*", t: [a, b]}}]\n',
  'hints: {product: p, service: __proto__, category: constructor}\n',
);
export const pipelineText: fc.Arbitrary<string> = broken(
  fc.array(pipelinePieces, { minLength: 1, maxLength: 4 }).map((list) => list.join('')),
);

export const wildcardText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: fc.constantFrom('*', '?', '\\', 'a', 'b', 'đ', 'İ', '𐐀', '%', '-'), maxLength: 24 }),
  fc
    .tuple(fc.constantFrom('*a', '?*', 'a?', '*aab', '**', '\\*'), fc.integer({ min: 1, max: 4_000 }))
    .map(([piece, count]) => piece.repeat(count)),
);

/** What patterns are tried on: short ones of the same letters, and long ones that are nearly but not quite what is looked for. */
export const subject: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', 'A', 'đ', 'İ', '𐐀', '\n', '\\', '*', ' ', '1', '.'), maxLength: 40 }),
  fc
    .tuple(
      fc.constantFrom('a', 'aab', 'ab', 'a b', '\\a', '1.', 'aé', '\n', 'x1y'),
      fc.integer({ min: 1, max: 20_000 }),
      fc.constantFrom('', '!', 'b', '\n', 'exe'),
    )
    .map(([piece, count, end]) => piece.repeat(count).slice(0, 60_000) + end),
);

const REGEX_PIECES = [
  'a', 'b', 'ab', '.', '\\w', '\\d', '\\s', '[ab]', '[^a]', '[a-z1-9]', '(', ')', '(?:', '(?i)', '(?s:', '|', '*', '+', '?', '{2}', '{1,3}', '{0,50}', '{3,}', '*?', '^', '$',
  '\\b', '\\B', '\\\\', '\\.', 'đ', '[\\x00-\\xff]', '\\u{61}', '\\x61', '[[:alpha:]]', '\\Q*\\E', '(a+)+', '(a|a)*', '(.*)*', '.*.*.*=', '(a?){30}a{30}', '(x+x+)+y', '{1000}', '(',
]; // prettier-ignore
export const regexText: fc.Arbitrary<string> = fc.oneof(
  fc.array(fc.constantFrom(...REGEX_PIECES), { maxLength: 14 }).map((pieces) => balanced(pieces.join(''))),
  fc.array(fc.constantFrom(...REGEX_PIECES), { maxLength: 14 }).map((pieces) => pieces.join('')),
  fc
    .tuple(fc.constantFrom('(', '(a|', 'a*', '[a', '(a{1,9}', '(?:(?i)', 'a|'), fc.integer({ min: 1, max: 3_000 }))
    .map(([piece, count]) => balanced(piece.repeat(count))),
);

/** Closes the brackets that are open. */
function balanced(text: string): string {
  const open = text.split('(').length - text.split(')').length;
  return open > 0 ? text + ')'.repeat(open) : '('.repeat(-open) + text;
}

const PROCESSING = `name: p
priority: 10
vars: {admins: [root, 'adm*']}
transformations:
  - id: a
    type: field_name_mapping
    mapping: {A: B, C.D: [X, Y], EventID: event.code}
    rule_conditions:
      - {type: logsource, product: test}
  - type: field_name_prefix
    prefix: 'p.'
    field_name_conditions: [{type: include_fields, fields: ['^A$'], match_type: re}]
  - {type: replace_string, regex: '(a+)b', replacement: '\\1-'}
  - {type: value_placeholders}
  - {type: set_state, key: k, val: v}
  - {type: drop_detection_item, detection_item_conditions: [{type: match_string, cond: any, pattern: '^x'}]}
  - {type: add_condition, conditions: {F: 1}}
`;
export const processingText: fc.Arbitrary<string> = broken(fc.constantFrom(PROCESSING, PROCESSING.split('\n').slice(0, 9).join('\n')));

const CORRELATION = `title: C
id: c
correlation:
    type: value_count
    rules: [r0, r1]
    group-by: [User, C.D]
    timespan: 5m
    aliases: {user: {r0: A, r1: B}}
    condition: {field: A, gte: 3, lt: 10}
    generate: true
`;
export const correlationText: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('event_count', 'value_count', 'temporal', 'temporal_ordered', 'value_sum', 'value_avg', 'value_percentile'),
    fc.constantFrom('5m', '1h', '0s', '99999999d', '10M'),
  )
  .chain(([type, span]) => broken(fc.constant(CORRELATION.replace('value_count', type).replace('5m', span))));

const FILTER = `title: F
id: f
logsource: {product: test}
filter:
    rules: [test, r0]
    s: {F|contains: a, 'G|re': '^b+$'}
    t*x: [k, 'l*']
    condition: not s and not 1 of t*
`;
export const filterText: fc.Arbitrary<string> = fc
  .constantFrom('[test, r0]', 'any', 'test', '[]')
  .chain((names) => broken(fc.constant(FILTER.replace('[test, r0]', names))));
