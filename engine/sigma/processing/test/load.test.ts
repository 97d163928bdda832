/** A pipeline is untrusted: what is wrong is refused with its place, and no text makes reading or applying it run away. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SigmaError } from '../../errors.ts';
import { applyProcessing } from '../apply.ts';
import { loadProcessingPipeline } from '../load.ts';
import { pipelineOf, processed, ruleOf, selecting } from './support.ts';

function refused(text: string): string {
  try {
    loadProcessingPipeline(text, 'p.yml');
    return 'accepted';
  } catch (error) {
    if (!(error instanceof SigmaError)) throw error;
    return `${error.code} ${error.place?.line}:${error.place?.column} ${error.message}`;
  }
}

describe('a processing pipeline', () => {
  it('is read with its name, priority, variables and backends', () => {
    const pipeline = loadProcessingPipeline(
      `name: N\npriority: 20\nallowed_backends: [splunk]\nvars: {a: 1, b: [x, y]}\n${pipelineOf('{type: set_state, key: k, val: v}').slice('name: test\n'.length)}`,
      'p.yml',
    );
    expect(pipeline).toMatchObject({ name: 'N', priority: 20, allowedBackends: ['splunk'], file: 'p.yml', notes: [] });
    expect([...pipeline.vars]).toEqual([
      ['a', [1]],
      ['b', ['x', 'y']],
    ]);
    expect(pipeline.items).toHaveLength(1);
  });
  it('may hold what concerns queries: it is noted, and has no effect', () => {
    const { notes } = loadProcessingPipeline(
      'transformations: []\npostprocessing: [{type: embed}]\nfinalizers: [{type: json}]\nauthor: me\nvars: {a: {b: c}, d: [1, [2]], e: f}\n',
      'p.yml',
    );
    expect(notes.map(({ line, note }) => `${line} ${note.split(' ')[0]}`)).toEqual([
      '5 the',
      '5 the',
      '2 "postprocessing"',
      '3 "finalizers"',
      '4 "author"',
      '1 there',
    ]);
  });
  it.each([
    ['', 'SIGMA_PROCESSING 1:1'],
    ['- x\n', 'SIGMA_PROCESSING 1:1'],
    ['transformations: {a: b}\n', 'SIGMA_PROCESSING 1:18 The processing pipeline cannot be read: "transformations" is not a list'],
    [
      'transformations:\n  - type: invented\n',
      'SIGMA_PROCESSING 2:11 The processing pipeline cannot be read: the transformation type "invented" is not known',
    ],
    ['transformations:\n  - id: x\n', 'the transformation 1 needs "type"'],
    ['transformations:\n  - {type: field_name_mapping, maping: {a: b}}\n', 'the transformation 1 needs "mapping"'],
    [
      'transformations:\n  - {type: field_name_prefix, prefix: a, sufix: b}\n',
      'SIGMA_PROCESSING 2:42 The processing pipeline cannot be read: the transformation 1 has no "sufix"',
    ],
    ['transformations:\n  - {type: set_state, key: k}\n', 'needs "val"'],
    ['transformations:\n  - {type: nest}\n', 'needs "items"'],
    ['transformations:\n  - {type: nest, items: [{type: nope}]}\n', 'SIGMA_PROCESSING 2:33'],
    ['transformations:\n  - {type: change_logsource}\n', 'needs a product, service or category'],
    ['transformations:\n  - {type: field_name_transform, transform_func: rot13}\n', 'not one of lower, upper, title, snake_case'],
    ['transformations:\n  - {type: wildcard_placeholders, include: [a], exclude: [b]}\n', 'exclude each other'],
    ['transformations:\n  - {type: set_value, value: x, force_type: num}\n', '"value" is no number'],
    ["transformations:\n  - {type: replace_string, regex: '(', replacement: x}\n", 'SIGMA_PROCESSING 2:5'],
    ["transformations:\n  - {type: replace_string, regex: '(?=x)', replacement: x}\n", 'look-around'],
    ["transformations:\n  - {type: replace_string, regex: 'x', replacement: '\\1'}\n", 'a group "1" that the expression does not have'],
    ["transformations:\n  - {type: replace_string, regex: 'x', replacement: '\\q'}\n", 'unknown escape'],
    ['transformations:\n  - {type: add_condition, conditions: {A|nope: 1}}\n', 'SIGMA_MODIFIER 2:48'],
    [
      'transformations:\n  - {type: set_state, key: k, val: 1, rule_conditions: [{type: nope}]}\n',
      'SIGMA_PROCESSING 2:64 The processing pipeline cannot be read: the condition type "nope" is not known here',
    ],
    [
      'transformations:\n  - {type: set_state, key: k, val: 1, rule_conditions: [{type: match_string}]}\n',
      '"match_string" is not known here',
    ],
    [
      "transformations:\n  - {type: set_state, key: k, val: 1, detection_item_conditions: [{type: match_string, pattern: '(a)\\1'}]}\n",
      'backreferences',
    ],
    [
      'transformations:\n  - {type: set_state, key: k, val: 1, rule_conditions: [{type: tag, tag: a}], rule_cond_op: xor}\n',
      'not one of and, or',
    ],
    [
      'transformations:\n  - {type: set_state, key: k, val: 1, rule_conditions: {a: {type: is_sigma_rule}}, rule_cond_expr: a and b}\n',
      'SIGMA_PROCESSING 2:100 The processing pipeline cannot be read: the expression cannot be read: there is no condition "b"',
    ],
    [
      'transformations:\n  - {type: set_state, key: k, val: 1, rule_conditions: {a: {type: is_sigma_rule}, b: {type: is_sigma_rule}}, rule_cond_expr: a}\n',
      'does not name the condition "b"',
    ],
    [
      'transformations:\n  - {type: set_state, key: k, val: 1, rule_conditions: [{type: is_sigma_rule}], rule_cond_expr: a}\n',
      'needs conditions with names',
    ],
    ['priority: high\n', '"priority" is not a number'],
    ['vars: [a]\n', '"vars" is not a map'],
    ['name: a\n---\nname: b\n', 'a file holds one pipeline'],
  ])('that is not right is refused at its place: %j', (text, expected) => {
    expect(refused(text)).toContain(expected);
  });
  it('that multiplies fields without end is stopped: the rule is refused, not the memory filled', () => {
    const double = '{type: field_name_mapping, mapping: {A: [A, A, A, A, A, A, A, A, A, A]}}';
    const { failure } = processed(selecting('{A: 1}'), pipelineOf(...Array.from({ length: 30 }, () => double)));
    expect(failure?.reason).toContain('values of the rule');
    const long = processed(
      selecting('{A: 1}'),
      pipelineOf(...Array.from({ length: 50 }, () => `{type: field_name_prefix, prefix: ${'x'.repeat(100)}}`)),
    );
    expect(long.failure?.reason).toContain('a field name becomes too long');
  });
  it('cannot be nested without end', () => {
    let line = '{type: set_state, key: k, val: 1}';
    for (let depth = 0; depth < 12; depth++) line = `{type: nest, items: [${line}]}`;
    expect(refused(pipelineOf(line))).toMatch(/SIGMA_(LIMIT|PROCESSING)/);
  });
  it('never reaches members that every object has', () => {
    const text = `vars: {__proto__: x}\n${pipelineOf(
      '{type: field_name_mapping, mapping: {__proto__: x, constructor: y}}',
      '{type: set_custom_attribute, attribute: __proto__, value: 1}',
      '{type: set_state, key: __proto__, val: 1}',
      '{type: map_string, mapping: {toString: z}}',
    )}`;
    expect(processed(selecting('{toString: toString, A: hasOwnProperty}'), text).failure).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
  it('of any text is read, or refused with its place; and what is read is applied, or refuses the rule', () => {
    const rules = [
      selecting("{Image|endswith: '\\a*', B|re: 'x+', C|cidr: 10.0.0.0/8, D: null, E|expand: '%x%'}"),
      ruleOf("k: ['word', 5]\ns: [{A: 1}, {A|fieldref: B}]\ncondition: k and not s"),
    ];
    const word = fc.constantFrom(
      'A',
      'B',
      'Image',
      'x',
      '*',
      '5',
      'null',
      "'\\1'",
      "'(a|b)+'",
      "'.*'",
      '[A, B]',
      '{A: B}',
      '{A: [x, y]}',
      'true',
      '',
    );
    const key = fc.constantFrom(
      'type',
      'mapping',
      'prefix',
      'suffix',
      'value',
      'regex',
      'replacement',
      'conditions',
      'field',
      'fields',
      'key',
      'val',
      'items',
      'message',
      'method',
      'pattern',
      'cond',
      'rule_conditions',
      'field_name_conditions',
      'detection_item_conditions',
      'rule_cond_op',
      'rule_cond_expr',
      'product',
      'include',
      'id',
      'name',
      'valid_hash_algos',
      'transform_func',
      'target_type',
    );
    const type = fc.constantFrom(
      'field_name_mapping',
      'field_name_prefix_mapping',
      'field_name_prefix',
      'field_name_suffix',
      'field_name_transform',
      'drop_detection_item',
      'add_condition',
      'change_logsource',
      'replace_string',
      'map_string',
      'set_value',
      'convert_type',
      'set_state',
      'set_custom_attribute',
      'add_field',
      'remove_field',
      'set_field',
      'wildcard_placeholders',
      'value_placeholders',
      'query_expression_placeholders',
      'regex',
      'case',
      'hashes_fields',
      'nest',
      'rule_failure',
      'detection_item_failure',
      'strict_field_mapping_failure',
    );
    const condition = fc.constantFrom(
      '[{type: logsource, product: test}]',
      '[{type: match_string, pattern: x}]',
      '[{type: include_fields, fields: [A]}]',
      '[{type: is_null, cond: all}]',
      '[{type: contains_field, field: A}]',
      '{a: {type: is_sigma_rule}}',
    );
    const entry = fc.tuple(key, fc.oneof(word, condition, fc.string({ maxLength: 8 }))).map(([name, value]) => `${name}: ${value}`);
    const line = fc
      .tuple(
        type,
        fc.dictionary(key, fc.oneof({ weight: 4, arbitrary: word }, condition), { maxKeys: 5 }),
        fc.array(entry, { maxLength: 1 }),
      )
      .map(
        ([name, entries, more]) => `{${[...Object.entries({ ...entries, type: name }).map(([k, v]) => `${k}: ${v}`), ...more].join(', ')}}`,
      );
    const text = fc.oneof(
      fc.array(line, { maxLength: 6 }).map((lines) => pipelineOf(...lines)),
      fc.string(),
      entry,
    );
    let read = 0;
    fc.assert(
      fc.property(text, (each) => {
        if (refused(each) !== 'accepted') return;
        read++;
        const { rules: done, failures } = applyProcessing(rules, [loadProcessingPipeline(each, 'p.yml')]);
        expect(done.length + failures.length).toBe(rules.length);
        for (const { reason } of failures) expect(reason).not.toContain('Unexpected');
      }),
      { numRuns: 6_000, interruptAfterTimeLimit: 4_000 },
    );
    expect(read).toBeGreaterThan(20);
  });
});
