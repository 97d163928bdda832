/** The condition of a correlation (specification: Correlation section, Condition). */
import type { Place } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { fail } from '../parse/attributes.ts';
import { parseCondition } from '../parse/condition.ts';
import type { YamlNode } from '../parse/yaml.ts';
import {
  type CorrelationCondition,
  type CorrelationReference,
  type CorrelationType,
  type Criterion,
  type Operator,
  OPERATORS,
} from './model.ts';

interface About {
  readonly type: CorrelationType;
  readonly rules: readonly CorrelationReference[];
  readonly place: Place;
}

/** A `temporal` correlation without a condition asks for all of its rules. */
export function readCondition(node: YamlNode | undefined, about: About): CorrelationCondition {
  const { type, rules, place } = about;
  const temporal = type === 'temporal' || type === 'temporal_ordered';
  if (node === undefined) {
    if (!temporal) return refuse('it is missing', place);
    return { criteria: [{ operator: 'gte', value: rules.length }], fields: [] };
  }
  if (node.kind === 'scalar' && typeof node.value === 'string') return readExpression(node.value, node.place, about);
  if (node.kind !== 'map') return refuse('it is not a map', node.place);
  const [criteria, fields, percentile]: [Criterion[], string[], number[]] = [[], [], []];
  for (const { key, value, place: at } of node.entries) {
    const operator = OPERATORS.find((known) => known === key);
    if (operator !== undefined) criteria.push({ operator, value: readNumber(value, type) });
    else if (key === 'field') fields.push(...readFields(value));
    else if (key === 'percentile') percentile.push(readPercentile(value, type));
    else refuse(`"${key}" is none of ${OPERATORS.join(', ')}, field, percentile`, at);
  }
  checkCriteria(criteria, node.place);
  if (type.startsWith('value_') && fields.length === 0) refuse(`${type} needs a field`, node.place);
  if (!type.startsWith('value_') && fields.length > 0) refuse(`${type} takes no field; value_count counts the values of one`, node.place);
  if (fields.length > 1 && type !== 'value_count') refuse(`${type} takes one field`, node.place);
  return { criteria, fields, ...(percentile[0] === undefined ? {} : { percentile: percentile[0] }) };
}

function refuse(reason: string, place: Place): never {
  return fail('condition', reason, place);
}

function readExpression(text: string, place: Place, { type, rules }: About): CorrelationCondition {
  if (type !== 'temporal') return refuse('only a temporal correlation may combine its rules in words', place);
  const names = rules.map(({ rule }) => rule);
  return { criteria: [], fields: [], expression: parseCondition(text, names, place), text };
}

function readNumber(node: YamlNode, type: CorrelationType): number {
  const value = node.kind === 'scalar' ? node.value : null;
  if (typeof value !== 'number' || !Number.isFinite(value)) return refuse('a limit is a number', node.place);
  const counts = type !== 'value_sum' && type !== 'value_avg' && type !== 'value_percentile';
  if (counts && (!Number.isInteger(value) || value < 0)) return refuse('a count is a whole number from 0', node.place);
  return value;
}

function readPercentile(node: YamlNode, type: CorrelationType): number {
  if (type !== 'value_percentile') return refuse('only value_percentile takes a percentile', node.place);
  const value = node.kind === 'scalar' ? node.value : null;
  if (typeof value !== 'number' || !(value >= 0 && value <= 100)) return refuse('a percentile is a number from 0 to 100', node.place);
  return value;
}

function readFields(node: YamlNode): string[] {
  const items = node.kind === 'list' ? node.items : [node];
  if (items.length === 0 || items.length > LIMITS.correlationFields) refuse('field names 1 to 16 fields', node.place);
  return items.map((item) => {
    const field = item.kind === 'scalar' && item.value !== null ? String(item.value).trim() : '';
    return field === '' || field.length > 256 ? refuse('a field is named by a text of 1 to 256 characters', item.place) : field;
  });
}

/** One criterion, or a range of one lower and one upper bound that some number can satisfy. */
function checkCriteria(criteria: readonly Criterion[], place: Place): void {
  if (criteria.length === 0) refuse(`it needs one of ${OPERATORS.join(', ')}`, place);
  if (criteria.length === 1) return;
  const lower = criteria.find(({ operator }) => isOneOf(operator, 'gt', 'gte'));
  const upper = criteria.find(({ operator }) => isOneOf(operator, 'lt', 'lte'));
  if (criteria.length > 2 || lower === undefined || upper === undefined)
    return refuse('a range has one lower bound (gt, gte) and one upper bound (lt, lte)', place);
  const open = lower.operator === 'gt' || upper.operator === 'lt';
  if (lower.value > upper.value || (open && lower.value === upper.value)) refuse('no number is within the range', place);
}

function isOneOf(operator: Operator, ...operators: readonly Operator[]): boolean {
  return operators.includes(operator);
}
