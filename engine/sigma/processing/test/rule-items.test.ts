/** Transformations of the rule as a whole, each with what pySigma's documentation says of it in the claim. */
import { describe, expect, it } from 'vitest';
import { parseRules } from '../../index.ts';
import { applyProcessing } from '../apply.ts';
import { loadProcessingPipeline } from '../load.ts';
import { itemsOf, matches, pipelineOf, processed, ruleOf, selecting } from './support.ts';

describe('drop_detection_item', () => {
  const drop = pipelineOf('{type: drop_detection_item, field_name_conditions: [{type: include_fields, fields: [X]}]}');
  const conditionOf = (detection: string): unknown => processed(ruleOf(detection), drop).rule?.conditions;
  it('deletes the items its conditions are about', () => {
    expect(itemsOf(processed(selecting('[{A: 1, X: 2}, {X: 3}, {B: 4, X: 5}]'), drop).rule)).toEqual(['A: ["1"]', 'B: ["4"]']);
  });
  it('takes a detection that is left with nothing out of the condition, also below "not", "of" and in one of several conditions', () => {
    const a = { kind: 'selection', name: 'a' };
    expect(conditionOf('a: {A: 1}\nx: {X: 2}\ncondition: a and not x')).toEqual([a]);
    expect(conditionOf('a: {A: 1}\nx: {X: 2}\ncondition: a or x')).toEqual([a]);
    expect(conditionOf('a: {A: 1}\nx: {X: 2}\ncondition: [x, a]')).toEqual([a]);
    expect(conditionOf('a: {A: 1}\nx1: {X: 2}\nx2: {B: 3}\ncondition: a and all of x*')).toEqual([
      { kind: 'and', children: [a, { kind: 'of', count: 'all', names: ['x2'], text: 'all of x*' }] },
    ]);
  });
  it('refuses a rule of which nothing is left', () => {
    expect(processed(ruleOf('x: {X: 1}\ncondition: x or not x'), drop).failure?.reason).toContain('nothing is left of the condition');
  });
});

describe('add_condition', () => {
  it('joins fields and values to every condition of the rule', () => {
    const text = pipelineOf("{type: add_condition, conditions: {EventID: 1, 'Host|startswith': [a, b]}}");
    const rule = ruleOf('s: {A: 1}\nt: {B: 1}\ncondition: [s, t]');
    expect(matches(rule, text, { B: 1, EventID: 1, Host: 'bc' })).toBe(true);
    expect(matches(rule, text, { B: 1, EventID: 1, Host: 'c' })).toBe(false);
    expect(matches(rule, text, { A: 1, Host: 'a' })).toBe(false);
  });
  it('leaves the rule’s "them" and its own names as they were', () => {
    const text = pipelineOf('{type: add_condition, name: s, conditions: {E: 1}}', '{type: add_condition, conditions: {E: 1}}');
    const { rule } = processed(ruleOf('s: {A: 1}\ncondition: all of them'), text);
    expect(rule?.detections.map(({ name }) => name)).toEqual(['s', 's_2', '_cond']);
    expect(matches(ruleOf('s: {A: 1}\ncondition: 1 of them'), text, { E: 1 })).toBe(false);
  });
  it('with negated joins that they do not hold', () => {
    const text = pipelineOf('{type: add_condition, negated: true, conditions: {Test: yes}}');
    expect(matches(selecting('{A: 1}'), text, { A: 1 })).toBe(true);
    expect(matches(selecting('{A: 1}'), text, { A: 1, Test: 'yes' })).toBe(false);
  });
  it('with template fills $category, $product and $service of the rule’s log source', () => {
    const text = pipelineOf("{type: add_condition, template: true, conditions: {index: ['x-$product', '${category}$$', 5]}}");
    expect(itemsOf(processed(selecting('{A: 1}'), text).rule)).toEqual(['A: ["1"]', 'index: ["x-test"] | ["cat$"] | ["5"]']);
    const missing = pipelineOf("{type: add_condition, template: true, conditions: {index: '$service'}}");
    expect(processed(selecting('{A: 1}'), missing).failure?.reason).toContain('its log source has no service');
  });
});

describe('change_logsource', () => {
  it('puts another log source in the place of the rule’s', () => {
    expect(
      processed(selecting('{A: 1}'), pipelineOf('{type: change_logsource, product: Windows, service: sysmon}')).rule?.logsource,
    ).toEqual({
      product: 'windows',
      service: 'sysmon',
    });
  });
});

describe('rule_failure and detection_item_failure', () => {
  const item =
    '{id: no, type: detection_item_failure, message: B is not logged here, field_name_conditions: [{type: include_fields, fields: [B]}]}';
  it('refuse the rule with the message, at the item for the second', () => {
    const whole = processed(selecting('{A: 1}'), pipelineOf('{type: rule_failure, message: not for us}'));
    expect(whole.rule).toBeUndefined();
    expect(whole.failure).toMatchObject({ code: 'SIGMA_TRANSFORMATION', file: 'test.yml', line: 1 });
    expect(whole.failure?.reason).toContain('rule_failure: not for us');
    expect(processed(selecting('{B: 1}'), pipelineOf(item)).failure).toMatchObject({ line: 5, column: 12 });
    expect(processed(selecting('{A: 1}'), pipelineOf(item)).failure).toBeUndefined();
  });
  it('stop no other rule', () => {
    const rule = (id: string, field: string): string =>
      `title: T\nid: ${id}\nlogsource: {product: test, category: cat}\ndetection: {s: {${field}: 1}, condition: s}\n`;
    const { rules } = parseRules(`${rule('a', 'A')}---\n${rule('b', 'B')}---\n${rule('c', 'C')}`, 'three.yml');
    const done = applyProcessing(rules, [loadProcessingPipeline(pipelineOf(item), 'p.yml')]);
    expect(done.rules.map(({ id }) => id)).toEqual(['a', 'c']);
    expect(done.failures).toHaveLength(1);
    expect(done.rules[0]).toBe(rules[0]);
  });
});

describe('strict_field_mapping_failure', () => {
  it('refuses a rule with a field that no mapping before took or gave', () => {
    const text = pipelineOf('{type: field_name_mapping, mapping: {A: x, B: B}}', '{type: strict_field_mapping_failure}');
    expect(processed(selecting('{A: 1, B: 2}'), text).failure).toBeUndefined();
    expect(processed(selecting('{A: 1, C: 2}'), text).failure?.reason).toContain('no mapping names the fields C');
  });
});

describe('nest', () => {
  it('applies several transformations where one condition holds', () => {
    const text = pipelineOf(
      "{type: nest, rule_conditions: [{type: logsource, category: cat}], items: [{id: inner, type: field_name_prefix, prefix: 'a.'}, {type: set_state, key: k, val: 1}]}",
      '{type: field_name_suffix, suffix: .z, rule_conditions: [{type: processing_state, key: k, val: 1}, {type: processing_item_applied, processing_item_id: inner}]}',
    );
    expect(itemsOf(processed(selecting('{A: 1}'), text).rule)).toEqual(['a.A.z: ["1"]']);
    expect(itemsOf(processed(selecting('{A: 1}'), text.replace('category: cat', 'category: other')).rule)).toEqual(['A: ["1"]']);
  });
});

describe('several pipelines', () => {
  const named = (priority: number, suffix: string): string =>
    `priority: ${priority}\n${pipelineOf(`{id: i${suffix}, type: field_name_suffix, suffix: ${suffix}}`)}`;
  it('run in the order of their priority, those of one priority as they were given', () => {
    const { rule, applied } = processed(selecting('{A: 1}'), [named(20, 'x'), named(10, 'y'), named(20, 'z'), named(-1, 'w')]);
    expect(itemsOf(rule)).toEqual(['Awyxz: ["1"]']);
    expect(applied).toEqual(['iw', 'iy', 'ix', 'iz']);
  });
  it('share variables, of which later ones win', () => {
    const vars = (priority: number, value: string): string => `priority: ${priority}\nvars: {x: ${value}}\ntransformations: []\n`;
    const text = pipelineOf('{type: value_placeholders}');
    expect(itemsOf(processed(selecting("{A|expand: '%x%'}"), [vars(2, 'two'), vars(1, 'one'), text]).rule)).toEqual(['A: ["two"]']);
  });
});
