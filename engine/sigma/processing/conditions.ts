/** What a processing item may ask of a rule, of a detection item and of a field name. */
import { ANY, ONE, type Detection, type Item, type LogSource, type Test } from '../model.ts';
import { parseString, tidy } from '../parse/string.ts';
import type { Scalar } from '../parse/yaml.ts';
import { compareAttribute, COMPARISONS, compareValues } from './attributes.ts';
import type { Draft } from './draft.ts';
import type { Readers } from './groups.ts';
import { type Params, refuse } from './params.ts';
import { matcherAtStart } from './regex.ts';
import { sameParts, textOf } from './text.ts';

export type RuleCondition = (draft: Draft) => boolean;
export type ItemCondition = (item: Item, draft: Draft) => boolean;
/** Asked of a name alone, and of a detection item: its field and the fields its values refer to. */
export interface FieldCondition {
  readonly name: (field: string | null, draft: Draft) => boolean;
  readonly item: ItemCondition;
}

export const RULE_CONDITIONS: Readers<RuleCondition> = new Map<string, (params: Params) => RuleCondition>([
  ['logsource', readLogsource],
  ['contains_detection_item', readContainsItem],
  ['contains_field', readContainsField],
  ['processing_item_applied', readRuleApplied],
  ['processing_state', readState],
  ['is_sigma_rule', () => (draft) => draft.correlated === undefined],
  ['is_sigma_correlation_rule', () => (draft) => draft.correlated !== undefined],
  ['rule_attribute', readAttribute],
  ['tag', readTag],
]);

export const ITEM_CONDITIONS: Readers<ItemCondition> = new Map<string, (params: Params) => ItemCondition>([
  ['match_string', readMatchString],
  ['match_value', readMatchValue],
  [
    'contains_wildcard',
    (params) => anyOrAll(params, (test) => test.kind === 'string' && (test.parts.includes(ANY) || test.parts.includes(ONE))),
  ],
  ['is_null', (params) => anyOrAll(params, (test) => test.kind === 'null')],
  ['processing_item_applied', readItemApplied],
  ['processing_state', readItemState],
]);

export const FIELD_CONDITIONS: Readers<FieldCondition> = new Map<string, (params: Params) => FieldCondition>([
  ['include_fields', (params) => ofNames(readNames(params))],
  ['exclude_fields', readExclude],
  ['processing_item_applied', readFieldApplied],
  ['processing_state', readFieldState],
]);

function readLogsource(params: Params): RuleCondition {
  const asked: LogSource = Object.fromEntries(
    ['product', 'service', 'category'].flatMap((key) => {
      const value = params.optionalText(key);
      return value === undefined ? [] : [[key, value.toLowerCase()]];
    }),
  );
  const suits = (logsource: LogSource): boolean =>
    (['product', 'service', 'category'] as const).every((key) => asked[key] === undefined || asked[key] === logsource[key]);
  return ({ rule, correlated }) => (correlated === undefined ? suits(rule.logsource) : correlated.some(suits));
}

function itemsOf({ rule }: Draft): Item[] {
  const items: Item[] = [];
  const visit = (detection: Detection): void => {
    if (detection.kind === 'item') items.push(detection);
    else detection.children.forEach(visit);
  };
  for (const { detection } of rule.detections) visit(detection);
  return items;
}

function readContainsItem(params: Params): RuleCondition {
  const field = params.text('field');
  const isValue = valueTest(params.scalar('value'));
  return (draft) => itemsOf(draft).some((item) => item.field === field && item.tests.some(isValue));
}

function readContainsField(params: Params): RuleCondition {
  const field = params.text('field');
  return (draft) => itemsOf(draft).some((item) => item.field === field);
}

/** Whether a value of a rule is this one; numbers are compared as texts, as everywhere in the engine. */
function valueTest(value: Scalar): (test: Test) => boolean {
  if (value === null) return (test) => test.kind === 'null';
  const parts = tidy(parseString(String(value)));
  return (test) => test.kind === 'string' && sameParts(test.parts, parts);
}

function readRuleApplied(params: Params): RuleCondition {
  const id = params.text('processing_item_id');
  return (draft) => draft.applied.has(id);
}

function readState(params: Params): RuleCondition {
  const key = params.text('key');
  const value = params.scalar('val');
  const comparison = params.oneOf('op', COMPARISONS, 'eq');
  return ({ state }) => {
    const found = state.get(key);
    return found !== undefined && compareValues(found, value, comparison);
  };
}

function readAttribute(params: Params): RuleCondition {
  const attribute = params.text('attribute');
  const value = params.scalar('value');
  const comparison = params.oneOf('op', [...COMPARISONS, 'in', 'not_in'], 'eq');
  return (draft) => compareAttribute(draft, { attribute, value, comparison });
}

function readTag(params: Params): RuleCondition {
  const tag = params.text('tag').toLowerCase();
  return ({ rule }) => rule.tags.some((each) => each.toLowerCase() === tag);
}

function anyOrAll(params: Params, holds: (test: Test) => boolean): ItemCondition {
  const mode = params.oneOf('cond', ['any', 'all'], 'any');
  return (item) => (mode === 'any' ? item.tests.some(holds) : item.tests.every(holds));
}

function readMatchString(params: Params): ItemCondition {
  const matches = matcherAtStart(params.text('pattern'), params.place);
  const negate = params.flag('negate');
  return anyOrAll(params, (test) => (test.kind === 'string' && matches(textOf(test.parts))) !== negate);
}

function readMatchValue(params: Params): ItemCondition {
  return anyOrAll(params, valueTest(params.scalar('value')));
}

function readItemApplied(params: Params): ItemCondition {
  const id = params.text('processing_item_id');
  return (item, draft) => draft.wasItemProcessed(item, id);
}

function readItemState(params: Params): ItemCondition {
  const holds = readState(params);
  return (_item, draft) => holds(draft);
}

function ofNames(name: (field: string | null) => boolean): FieldCondition {
  return {
    name,
    item: (item) => name(item.field) || item.tests.some((test) => test.kind === 'fieldref' && name(test.field)),
  };
}

function readNames(params: Params): (field: string | null) => boolean {
  const fields = params.texts('fields');
  if (params.oneOf('mode', ['plain', 're'], 'plain') === 'plain') return (field) => field !== null && fields.includes(field);
  if (fields.length > 1_000) refuse('more than 1000 patterns', params.place);
  const patterns = fields.map((pattern) => matcherAtStart(pattern, params.place));
  return (field) => field !== null && patterns.some((matches) => matches(field));
}

function readExclude(params: Params): FieldCondition {
  const listed = readNames(params);
  return ofNames((field) => !listed(field));
}

function readFieldApplied(params: Params): FieldCondition {
  const id = params.text('processing_item_id');
  return {
    name: (field, draft) => field !== null && draft.wasFieldProcessed(field, id),
    item: (item, draft) => draft.wasItemProcessed(item, id),
  };
}

function readFieldState(params: Params): FieldCondition {
  const holds = readState(params);
  return { name: (_field, draft) => holds(draft), item: (_item, draft) => holds(draft) };
}
