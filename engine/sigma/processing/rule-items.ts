/** Transformations of the rule as a whole: conditions, log source, state, refusals. */
import { SigmaError, type Place } from '../errors.ts';
import type { Condition, Detection, LogSource } from '../model.ts';
import { readDetections } from '../parse/detection.ts';
import type { Scalar, YamlNode } from '../parse/yaml.ts';
import type { Draft } from './draft.ts';
import type { Transform } from './model.ts';
import { type Params, refuse } from './params.ts';
import { failure } from './values.ts';

type ReadTransform = (params: Params) => Transform;

export const RULE_TRANSFORMATIONS: ReadonlyMap<string, ReadTransform> = new Map<string, ReadTransform>([
  ['add_condition', readAddCondition],
  ['change_logsource', readChangeLogsource],
  ['set_state', readSetState],
  ['set_custom_attribute', readSetAttribute],
  ['drop_detection_item', () => (draft, processing) => draft.changeItems(processing, () => 'drop')],
  ['rule_failure', readRuleFailure],
  ['detection_item_failure', readItemFailure],
  ['strict_field_mapping_failure', () => failUnmapped],
]);

/** Joins a detection to every condition of the rule: `fields and (condition)`, or `not fields and (condition)`. */
function readAddCondition(params: Params): Transform {
  const conditions = params.required('conditions');
  if (conditions.kind !== 'map') return refuse('"conditions" is not a map of fields and values', conditions.place);
  const wanted = params.optionalText('name');
  const template = params.flag('template');
  const negated = params.flag('negated');
  if (!template) readFields(conditions, params.place);
  return (draft, processing) => {
    const node = template ? filled(conditions, draft.rule.logsource) : conditions;
    const detection = readFields(node, params.place);
    draft.mark(detection, processing.id);
    const name = freeName(draft, wanted ?? '_cond');
    const selection: Condition = { kind: 'selection', name };
    const added: Condition = negated ? { kind: 'not', child: selection } : selection;
    draft.rule = {
      ...draft.rule,
      detections: [...draft.rule.detections, { name, detection }],
      conditions: draft.rule.conditions.map((condition): Condition => ({ kind: 'and', children: [added, condition] })),
    };
  };
}

/** Read anew each time: what is remembered about a detection item belongs to one rule. */
function readFields(node: YamlNode, place: Place): Detection {
  const [named] = readDetections([{ key: 'conditions', value: node, place }]);
  return named?.detection ?? refuse('"conditions" is empty', place);
}

function freeName(draft: Draft, wanted: string): string {
  const taken = new Set(draft.rule.detections.map(({ name }) => name));
  let name = wanted;
  for (let count = 2; taken.has(name); count++) name = `${wanted}_${count}`;
  return name;
}

/** `$category`, `$product` and `$service` of the rule in every text; `$$` is a dollar sign. */
function filled(node: YamlNode, logsource: LogSource): YamlNode {
  if (node.kind === 'list') return { ...node, items: node.items.map((item) => filled(item, logsource)) };
  if (node.kind === 'map') return { ...node, entries: node.entries.map((entry) => ({ ...entry, value: filled(entry.value, logsource) })) };
  if (typeof node.value !== 'string') return node;
  const value = node.value.replace(
    /\$(?:(\$)|(category|product|service)\b|\{(category|product|service)\})/g,
    (_whole, dollar: string | undefined, plain?: string, braced?: string) => {
      if (dollar !== undefined) return '$';
      const key = plain ?? braced;
      const found = key === 'category' ? logsource.category : key === 'product' ? logsource.product : logsource.service;
      if (found === undefined)
        throw new SigmaError('SIGMA_TRANSFORMATION', { item: 'add_condition', reason: `its log source has no ${key}` });
      return found;
    },
  );
  return { ...node, value };
}

function readChangeLogsource(params: Params): Transform {
  const given = {
    product: params.optionalText('product'),
    service: params.optionalText('service'),
    category: params.optionalText('category'),
  };
  const logsource: LogSource = Object.fromEntries(
    Object.entries(given).flatMap(([key, value]) => (value === undefined ? [] : [[key, value.toLowerCase()]])),
  );
  if (Object.keys(logsource).length === 0) refuse('"change_logsource" needs a product, service or category', params.place);
  return (draft) => {
    draft.rule = { ...draft.rule, logsource };
  };
}

function readSetState(params: Params): Transform {
  const key = params.text('key');
  const value = params.scalar('val');
  return (draft) => void draft.state.set(key, value);
}

function readSetAttribute(params: Params): Transform {
  const attribute = params.text('attribute');
  const node = params.required('value');
  const value = plain(node);
  return (draft) => void draft.attributes.set(attribute, value);
}

function plain(node: YamlNode): Scalar | readonly Scalar[] {
  if (node.kind === 'scalar') return node.value;
  const values = node.kind === 'list' ? node.items : node.entries.map((entry) => entry.value);
  return values.flatMap((item) => (item.kind === 'scalar' ? [item.value] : []));
}

function readRuleFailure(params: Params): Transform {
  const message = params.text('message');
  return () => {
    throw new SigmaError('SIGMA_TRANSFORMATION', { item: 'rule_failure', reason: message });
  };
}

function readItemFailure(params: Params): Transform {
  const message = params.text('message');
  return (draft, processing) =>
    draft.changeItems(processing, (item) => {
      throw failure(item, message);
    });
}

const failUnmapped: Transform = (draft) => {
  const left = new Set<string>();
  const visit = (detection: Detection): void => {
    if (detection.kind !== 'item') detection.children.forEach(visit);
    else if (detection.field !== null && !draft.mapped.has(detection.field)) left.add(detection.field);
  };
  for (const { detection } of draft.rule.detections) visit(detection);
  if (left.size > 0)
    throw new SigmaError('SIGMA_TRANSFORMATION', {
      item: 'strict_field_mapping_failure',
      reason: `no mapping names the fields ${[...left].slice(0, 20).join(', ')}`,
    });
};
