/** Detections: maps (and), lists (or), keywords, and the values of each field (specification: Detection). */
import { SigmaError, type Place } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { Detection, Item, NamedDetection, Test } from '../model.ts';
import { type ItemContext, type Modifiers, readModifiers, toTests } from './modifiers.ts';
import type { Scalar, YamlNode } from './yaml.ts';

/** Counts values over all detections of a rule. */
interface Budget {
  values: number;
}

/** Reads the detections of a rule, without its conditions. */
export function readDetections(entries: readonly { key: string; value: YamlNode; place: Place }[]): NamedDetection[] {
  if (entries.length > LIMITS.detections)
    throw new SigmaError('SIGMA_LIMIT', { reason: `${entries.length} detections` }, entries[0]?.place);
  const budget: Budget = { values: 0 };
  return entries.map(({ key, value }) => ({ name: key, detection: readDetection(key, value, budget) }));
}

function readDetection(name: string, node: YamlNode, budget: Budget): Detection {
  const bad = (reason: string): SigmaError => new SigmaError('SIGMA_DETECTION', { detection: name, reason }, node.place);
  if (node.kind === 'scalar') {
    if (node.value === null) throw bad('it is empty');
    return keywords([node.value], { names: [], link: 'any', negated: false }, { item: name, place: node.place }, budget);
  }
  if (node.kind === 'list') {
    if (node.items.length === 0) throw bad('the list is empty');
    if (node.items.every((item) => item.kind === 'scalar'))
      return keywords(
        node.items.map((item) => item.value),
        { names: [], link: 'any', negated: false },
        { item: name, place: node.place },
        budget,
      );
    return group(
      'or',
      node.items.map((item) => readDetection(name, item, budget)),
    );
  }
  if (node.entries.length === 0) throw bad('the map is empty');
  return group(
    'and',
    node.entries.map((entry) => readItem(entry.key, entry.value, budget)),
  );
}

function group(kind: 'and' | 'or', children: readonly Detection[]): Detection {
  const [only] = children;
  return children.length === 1 && only !== undefined ? only : { kind, children };
}

function readItem(key: string, node: YamlNode, budget: Budget): Item {
  const [field = '', ...names] = key.split('|').map((part) => part.trim());
  const context: ItemContext = { item: key, place: node.place };
  const modifiers = readModifiers(names, context);
  const values = scalars(node, context);
  if (field === '') return keywords(values, modifiers, context, budget);
  return makeItem(field, values, { modifiers, context, budget });
}

function keywords(values: readonly Scalar[], modifiers: Modifiers, context: ItemContext, budget: Budget): Item {
  if (values.includes(null)) throw new SigmaError('SIGMA_VALUE', { item: context.item, reason: 'a keyword cannot be null' }, context.place);
  return makeItem(null, values, { modifiers, context, budget });
}

interface ItemParts {
  readonly modifiers: Modifiers;
  readonly context: ItemContext;
  readonly budget: Budget;
}

function makeItem(field: string | null, values: readonly Scalar[], { modifiers, context, budget }: ItemParts): Item {
  const shared = {
    kind: 'item' as const,
    field,
    modifiers: modifiers.names,
    negated: modifiers.negated,
    place: context.place,
    ...(modifiers.datePart === undefined ? {} : { datePart: modifiers.datePart }),
  };
  const perValue = values.map((value) => toTests(value, modifiers, context));
  budget.values += perValue.reduce((sum, tests) => sum + tests.length, 0);
  if (budget.values > LIMITS.valuesPerRule)
    throw new SigmaError('SIGMA_LIMIT', { reason: `more than ${LIMITS.valuesPerRule} values` }, context.place);
  if (modifiers.link === 'all' && perValue.some((tests) => tests.length > 1))
    throw new SigmaError(
      'SIGMA_MODIFIER',
      { item: context.item, reason: '"all" cannot join values that each become several' },
      context.place,
    );
  return { ...shared, link: modifiers.link, tests: perValue.flat() satisfies Test[] };
}

/** The values of a field: one, or a list of them. An empty list can never match and is refused. */
function scalars(node: YamlNode, context: ItemContext): Scalar[] {
  const bad = (reason: string, place: Place): SigmaError => new SigmaError('SIGMA_VALUE', { item: context.item, reason }, place);
  if (node.kind === 'scalar') return [node.value];
  if (node.kind === 'map') throw bad('a map cannot be the value of a field', node.place);
  if (node.items.length === 0) throw bad('the list of values is empty', node.place);
  return node.items.map((item) => {
    if (item.kind !== 'scalar') throw bad('a value must be a text, a number, true, false or null', item.place);
    return item.value;
  });
}
