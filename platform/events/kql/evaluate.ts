/** KQL over one event in memory: the plain definition that every store's answers are compared with. Not for the hot path. */
import { columnOf, ITEM_SEPARATOR, type ColumnType } from '../columns.ts';
import type { EcsEvent } from '../ecs.ts';
import { fold } from '../fold.ts';
import { ipKey, cidrKeys } from '../ip.ts';
import { existsAt, valuesAt, type Scalar } from '../values.ts';
import { plainText, wholeParts, type KqlNode, type Literal, type RangeOperator } from './ast.ts';
import { addressOf, dateOf, matchesParts, numberOf } from './semantics.ts';

// oxlint-disable-next-line consistent-return -- the switch is exhaustive; the compiler holds it
export function evaluateKql(node: KqlNode, event: EcsEvent): boolean {
  switch (node.kind) {
    case 'all':
      return true;
    case 'and':
      return node.nodes.every((each) => evaluateKql(each, event));
    case 'or':
      return node.nodes.some((each) => evaluateKql(each, event));
    case 'not':
      return !evaluateKql(node.node, event);
    case 'exists':
      return existsAt(event, node.field);
    case 'range':
      return valuesAt(event, node.field).some((value) => inRange(value, typeOf(node.field), node));
    case 'match':
      return node.field === undefined ? anywhere(event, node.value) : field(event, node.field, node.value);
  }
}

function typeOf(name: string): ColumnType | 'any' {
  return columnOf(name)?.type ?? 'any';
}

function anywhere(event: EcsEvent, value: Literal): boolean {
  const texts = [event.event.original, event.message].filter((text) => typeof text === 'string');
  return value.words.every((word) => texts.some((text) => matchesParts(fold(text), word.parts.map(fold), false)));
}

function field(event: EcsEvent, name: string, value: Literal): boolean {
  const type = typeOf(name);
  return valuesAt(event, name).some((each) => matches(each, type, value));
}

function matches(value: Scalar, type: ColumnType | 'any', literal: Literal): boolean {
  const text = String(value).replaceAll(ITEM_SEPARATOR, ' ');
  const plain = plainText(literal);
  if (type === 'text') return literal.words.every((word) => matchesParts(fold(text), word.parts.map(fold), false));
  if (type === 'number' && plain !== undefined) return Number(value) === numberOf(plain);
  if (type === 'date' && plain !== undefined) {
    const date = dateOf(plain);
    const at = Date.parse(text);
    return date !== undefined && at >= date.from && at < date.to;
  }
  if (plain !== undefined && addressed(text, type, plain)) return true;
  return matchesParts(fold(text), wholeParts(literal).map(fold), true);
}

function addressed(text: string, type: ColumnType | 'any', plain: string): boolean {
  const keys = type === 'ip' ? addressOf(plain) : type === 'any' ? cidrKeys(plain) : undefined;
  const key = keys === undefined ? undefined : ipKey(text);
  // Outside the address columns only IPv4 networks are understood.
  if (keys === undefined || key === undefined || (type === 'any' && (!key.startsWith('4') || text.includes(':')))) return false;
  return key >= keys[0] && key <= keys[1];
}

function inRange(value: Scalar, type: ColumnType | 'any', range: { readonly operator: RangeOperator; readonly value: string }): boolean {
  const text = String(value);
  if (type === 'date') {
    const date = dateOf(range.value);
    const at = Date.parse(text);
    if (date === undefined || Number.isNaN(at)) return false;
    return compare(at, range.operator === '>' || range.operator === '<=' ? date.to - 1 : date.from, range.operator);
  }
  if (type === 'ip') {
    const [bound] = addressOf(range.value) ?? [];
    const key = ipKey(text);
    return bound !== undefined && key !== undefined && compare(key, bound, range.operator);
  }
  const bound = numberOf(range.value);
  if (type === 'number' || bound !== undefined) {
    const number = numberOf(text);
    return bound !== undefined && number !== undefined && compare(number, bound, range.operator);
  }
  return compare(Buffer.compare(Buffer.from(fold(text)), Buffer.from(fold(range.value))), 0, range.operator);
}

function compare<Value extends number | string>(left: Value, right: Value, operator: RangeOperator): boolean {
  if (operator === '>') return left > right;
  if (operator === '>=') return left >= right;
  return operator === '<' ? left < right : left <= right;
}
