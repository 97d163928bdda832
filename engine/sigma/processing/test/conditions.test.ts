/** Conditions, each with what pySigma's documentation says of it in the claim. */
import { describe, expect, it } from 'vitest';
import { itemsOf, pipelineOf, processed, ruleOf, selecting } from './support.ts';

const EXTRA = 'status: test\nlevel: high\nauthor: Lan\ndate: 2026-03-04\ntags: [attack.t1059.001, attack.execution]\nfields: [A]\n';

/** Whether a transformation with this rule condition was applied. */
function holds(condition: string, rule = selecting('{A: 1}', EXTRA)): boolean {
  const { applied, failure } = processed(rule, pipelineOf(`{id: done, type: set_state, key: k, val: 1, rule_conditions: [${condition}]}`));
  if (failure !== undefined) throw new Error(failure.reason);
  return applied.includes('done');
}

/** Names of fields after a prefix was put before those the conditions are about. */
function prefixed(selection: string, conditions: string): string[] {
  const { rule, failure } = processed(selecting(selection), pipelineOf(`{type: field_name_prefix, prefix: p., ${conditions}}`));
  if (failure !== undefined) throw new Error(failure.reason);
  return itemsOf(rule).map((item) => item.split(':')[0] ?? '');
}

describe('rule conditions', () => {
  it('logsource: what it names of product, service and category is the rule’s', () => {
    expect(holds('{type: logsource, product: test}')).toBe(true);
    expect(holds('{type: logsource, product: Test, category: cat}')).toBe(true);
    expect(holds('{type: logsource, product: test, service: x}')).toBe(false);
  });
  it('contains_detection_item: an item has the field and the value', () => {
    const rule = ruleOf("a: {A: [1, x]}\nb: [{B: 'y*'}, {C: null}]\ncondition: a or b");
    expect(holds('{type: contains_detection_item, field: A, value: 1}', rule)).toBe(true);
    expect(holds("{type: contains_detection_item, field: B, value: 'y*'}", rule)).toBe(true);
    expect(holds('{type: contains_detection_item, field: B, value: y}', rule)).toBe(false);
    expect(holds('{type: contains_detection_item, field: B, value: x}', rule)).toBe(false);
    expect(holds('{type: contains_detection_item, field: C, value: null}', rule)).toBe(true);
  });
  it('contains_field: an item has the field', () => {
    expect(holds('{type: contains_field, field: A}')).toBe(true);
    expect(holds('{type: contains_field, field: a}')).toBe(false);
  });
  it('is_sigma_rule holds and is_sigma_correlation_rule does not: correlations have no detections to change', () => {
    expect(holds('{type: is_sigma_rule}')).toBe(true);
    expect(holds('{type: is_sigma_correlation_rule}')).toBe(false);
  });
  it('tag: the rule has the tag', () => {
    expect(holds('{type: tag, tag: attack.T1059.001}')).toBe(true);
    expect(holds('{type: tag, tag: attack.t1059}')).toBe(false);
  });
  it.each([
    ['{attribute: level, value: high}', true],
    ['{attribute: level, value: medium, op: gte}', true],
    ['{attribute: level, value: critical, op: gte}', false],
    ['{attribute: status, value: experimental, op: gt}', true],
    ['{attribute: status, value: stable, op: lt}', true],
    ['{attribute: date, value: 2026-03-03, op: gt}', true],
    ['{attribute: date, value: 2026/03/04, op: lte}', true],
    ['{attribute: author, value: Lan}', true],
    ['{attribute: author, value: Lan, op: ne}', false],
    ['{attribute: tags, value: attack.execution, op: in}', true],
    ['{attribute: tags, value: attack.execution, op: not_in}', false],
    ['{attribute: tags, value: attack.execution}', false],
    ['{attribute: license, value: x, op: ne}', false],
    ['{attribute: constructor, value: x, op: ne}', false],
  ])('rule_attribute compares an attribute by its kind; an absent one never holds: %s', (condition, expected) => {
    expect(holds(condition.replace('{', '{type: rule_attribute, '))).toBe(expected);
  });
  it('rule_attribute refuses a comparison that the attribute does not allow', () => {
    expect(() => holds('{type: rule_attribute, attribute: title, value: x, op: gt}')).toThrow('"gt" is not for texts');
    expect(() => holds('{type: rule_attribute, attribute: level, value: urgent}')).toThrow('"urgent" is none of');
    expect(() => holds('{type: rule_attribute, attribute: date, value: soon, op: gt}')).toThrow('"soon" is no date');
    expect(() => holds('{type: rule_attribute, attribute: title, value: x, op: in}')).toThrow('"in" is for lists');
  });
  it('rule_attribute sees what set_custom_attribute set', () => {
    const text = pipelineOf(
      '{type: set_custom_attribute, attribute: weight, value: 7}',
      '{id: done, type: set_state, key: k, val: 1, rule_conditions: [{type: rule_attribute, attribute: weight, value: 5, op: gt}]}',
    );
    expect(processed(selecting('{A: 1}'), text).applied).toEqual(['done']);
  });
  it('processing_state compares what set_state set; a key nobody set never holds', () => {
    const applied = (condition: string): readonly string[] =>
      processed(
        selecting('{A: 1}'),
        pipelineOf(
          '{type: set_state, key: index, val: 5}',
          `{id: done, type: set_state, key: k, val: 1, rule_conditions: [{type: processing_state, ${condition}}]}`,
        ),
      ).applied;
    expect(applied('key: index, val: 5')).toEqual(['done']);
    expect(applied('key: index, val: 4, op: gt')).toEqual(['done']);
    expect(applied('key: index, val: 5, op: ne')).toEqual([]);
    expect(applied("key: index, val: 'a', op: lt")).toEqual([]);
    expect(applied('key: other, val: 5, op: ne')).toEqual([]);
  });
  it('nothing a pipeline remembers of one rule is there for the next', () => {
    const text = pipelineOf(
      '{id: first, type: set_state, key: k, val: 1, rule_conditions: [{type: contains_field, field: A}]}',
      '{type: field_name_prefix, prefix: p., rule_conditions: [{type: processing_state, key: k, val: 1}]}',
    );
    expect(itemsOf(processed(selecting('{A: 1}'), text).rule)).toEqual(['p.A: ["1"]']);
    expect(itemsOf(processed(selecting('{B: 1}'), text).rule)).toEqual(['B: ["1"]']);
  });
});

describe('detection item conditions', () => {
  const on = (condition: string): string => `detection_item_conditions: [{${condition}}]`;
  it('match_string: any or all of the texts start with a match of the expression', () => {
    expect(prefixed('{A: [xa, yb], B: yx}', on("type: match_string, cond: any, pattern: 'x.$'"))).toEqual(['p.A', 'B']);
    expect(prefixed('{A: [xa, yb], B: [xx, xy]}', on("type: match_string, cond: all, pattern: 'x'"))).toEqual(['A', 'p.B']);
    expect(prefixed('{A|contains: q, B: q, C: null}', on("type: match_string, cond: any, pattern: '\\*q\\*'"))).toEqual(['p.A', 'B', 'C']);
    expect(prefixed('{A: x, B: y}', on('type: match_string, cond: all, pattern: x, negate: true'))).toEqual(['A', 'p.B']);
  });
  it('match_value: a value is exactly this one', () => {
    expect(prefixed("{A: 1, B: 11, C: 'x*'}", on('type: match_value, cond: any, value: 1'))).toEqual(['p.A', 'B', 'C']);
    expect(prefixed("{A: 1, B: x, C: 'x*'}", on("type: match_value, cond: any, value: 'x*'"))).toEqual(['A', 'B', 'p.C']);
  });
  it('contains_wildcard and is_null', () => {
    expect(prefixed("{A: 'a?', B: b, C|endswith: c}", on('type: contains_wildcard, cond: any'))).toEqual(['p.A', 'B', 'p.C']);
    expect(prefixed('{A: null, B: [null, 1]}', on('type: is_null, cond: all'))).toEqual(['p.A', 'B']);
  });
  it('processing_item_applied and processing_state', () => {
    const text = pipelineOf(
      '{id: mapped, type: field_name_mapping, mapping: {A: x}}',
      '{type: field_name_prefix, prefix: p., detection_item_conditions: [{type: processing_item_applied, processing_item_id: mapped}]}',
      '{type: field_name_suffix, suffix: .s, detection_item_conditions: [{type: processing_state, key: none, val: 1}]}',
    );
    expect(itemsOf(processed(selecting('{A: 1, B: 2}'), text).rule)).toEqual(['p.x: ["1"]', 'B: ["2"]']);
  });
});

describe('field name conditions', () => {
  it('include_fields and exclude_fields: names as they are written, or expressions they start with', () => {
    expect(prefixed('{A: 1, AB: 2, a: 3}', 'field_name_conditions: [{type: include_fields, fields: [A, x]}]')).toEqual(['p.A', 'AB', 'a']);
    expect(prefixed('{A: 1, AB: 2, BA: 3}', "field_name_conditions: [{type: include_fields, fields: ['A'], mode: re}]")).toEqual([
      'p.A',
      'p.AB',
      'BA',
    ]);
    expect(prefixed('{A: 1, AB: 2}', 'field_name_conditions: [{type: exclude_fields, fields: [A]}]')).toEqual(['A', 'p.AB']);
  });
  it('are asked of the names that values refer to as well, each for itself', () => {
    const text = pipelineOf('{type: field_name_prefix, prefix: p., field_name_conditions: [{type: include_fields, fields: [B]}]}');
    expect(itemsOf(processed(selecting('{A|fieldref: B, C|fieldref: D}'), text).rule)).toEqual(['A: fieldref p.B', 'C: fieldref D']);
  });
  it('processing_item_applied: a name in the list of fields was made by the item; an item of a detection was changed by it', () => {
    const text = pipelineOf(
      '{id: mapped, type: field_name_mapping, mapping: {A: x}}',
      '{type: field_name_prefix, prefix: p., field_name_conditions: [{type: processing_item_applied, processing_item_id: mapped}], field_name_cond_not: true}',
    );
    const { rule } = processed(selecting('{A: 1, B: 2}', 'fields: [A, B]\n'), text);
    expect(itemsOf(rule)).toEqual(['x: ["1"]', 'p.B: ["2"]']);
    expect(rule?.fields).toEqual(['x', 'p.B']);
  });
});

describe('several conditions', () => {
  const two = '{type: logsource, product: test}, {type: contains_field, field: Z}';
  it('are joined with and, with or where *_cond_op says so, and turned around by *_cond_not', () => {
    const applied = (more: string): boolean =>
      processed(selecting('{A: 1}'), pipelineOf(`{id: done, type: set_state, key: k, val: 1, rule_conditions: [${two}]${more}}`)).applied
        .length === 1;
    expect(applied('')).toBe(false);
    expect(applied(', rule_cond_op: or')).toBe(true);
    expect(applied(', rule_cond_op: any')).toBe(true);
    expect(applied(', rule_cond_op: all')).toBe(false);
    expect(applied(', rule_cond_not: true')).toBe(true);
    expect(applied(', rule_cond_op: or, rule_cond_not: true')).toBe(false);
  });
  it('with names are joined by an expression', () => {
    const names =
      'rule_conditions: {one: {type: logsource, product: test}, two: {type: contains_field, field: Z}, three: {type: is_sigma_rule}}';
    const applied = (expression: string): boolean =>
      processed(selecting('{A: 1}'), pipelineOf(`{id: done, type: set_state, key: k, val: 1, ${names}, rule_cond_expr: ${expression}}`))
        .applied.length === 1;
    expect(applied('one and not two and three')).toBe(true);
    expect(applied('one and (two or not three)')).toBe(false);
  });
  it('of a detection item and of a field name must both hold', () => {
    const conditions =
      'detection_item_conditions: [{type: match_value, value: 1}], field_name_conditions: [{type: exclude_fields, fields: [B]}]';
    expect(prefixed('{A: 1, B: 1, C: 2}', conditions)).toEqual(['p.A', 'B', 'C']);
  });
});
