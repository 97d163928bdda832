/**
 * KQL, the part of Kibana's query language that this product speaks:
 * `field: value`, `field: "phrase"`, `field: a*b`, `field: *`, `field: (a or b)`, `field >= 5`, free text, and/or/not, parentheses.
 * Bounded in length, depth and terms; every error says where (UTF-16 code units from 0) and what was expected.
 */
import { FIELD_NAME_MAX, KQL_MAX_DEPTH, KQL_MAX_LENGTH, KQL_MAX_TERMS } from '../bounds.ts';
import { eventsError } from '../errors.ts';
import type { KqlNode, Literal, RangeOperator } from './ast.ts';
import { tokenize, type Token } from './lexer.ts';

/** @throws EVENTS_KQL_SYNTAX, EVENTS_KQL_TOO_COMPLEX */
export function parseKql(query: string): KqlNode {
  if (query.length > KQL_MAX_LENGTH) throw eventsError('EVENTS_KQL_TOO_COMPLEX', { what: 'characters', limit: KQL_MAX_LENGTH });
  const reader = new Reader(tokenize(query));
  if (reader.peek().kind === 'end') return { kind: 'all' };
  const node = either(reader, (depth) => primary(reader, depth), 0);
  if (reader.peek().kind !== 'end') throw reader.unexpected('"and", "or" or the end of the query');
  return node;
}

type Item = (depth: number) => KqlNode;

class Reader {
  private readonly tokens: readonly Token[];
  private index = 0;
  private terms = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  peek(ahead = 0): Token {
    const token = this.tokens[Math.min(this.index + ahead, this.tokens.length - 1)];
    if (token === undefined) throw new Error('a token list always ends with its end');
    return token;
  }

  next(): Token {
    const token = this.peek();
    this.index++;
    return token;
  }

  term(): void {
    if (++this.terms > KQL_MAX_TERMS) throw eventsError('EVENTS_KQL_TOO_COMPLEX', { what: 'terms', limit: KQL_MAX_TERMS });
  }

  unexpected(expected: string, token: Token = this.peek()): Error {
    const found = token.kind === 'end' ? token.text : `"${token.text.slice(0, 40)}"`;
    return eventsError('EVENTS_KQL_SYNTAX', { position: token.at, expected, found });
  }
}

function either(reader: Reader, item: Item, depth: number): KqlNode {
  if (depth > KQL_MAX_DEPTH) throw eventsError('EVENTS_KQL_TOO_COMPLEX', { what: 'levels of parentheses', limit: KQL_MAX_DEPTH });
  const nodes = [both(reader, item, depth)];
  while (reader.peek().kind === 'or') {
    reader.next();
    nodes.push(both(reader, item, depth));
  }
  return joined('or', nodes);
}

function both(reader: Reader, item: Item, depth: number): KqlNode {
  const nodes = [negated(reader, item, depth)];
  while (reader.peek().kind === 'and') {
    reader.next();
    nodes.push(negated(reader, item, depth));
  }
  return joined('and', nodes);
}

function joined(kind: 'and' | 'or', nodes: readonly KqlNode[]): KqlNode {
  const [only] = nodes;
  return only !== undefined && nodes.length === 1 ? only : { kind, nodes };
}

function negated(reader: Reader, item: Item, depth: number): KqlNode {
  if (reader.peek().kind !== 'not') return item(depth);
  reader.next();
  reader.term();
  return { kind: 'not', node: negated(reader, item, depth + 1) };
}

function grouped(reader: Reader, item: Item, depth: number): KqlNode {
  reader.next();
  const node = either(reader, item, depth + 1);
  if (reader.peek().kind !== ')') throw reader.unexpected('"and", "or" or ")"');
  reader.next();
  return node;
}

const OPERATORS: ReadonlySet<string> = new Set(['<', '<=', '>', '>=']);

function primary(reader: Reader, depth: number): KqlNode {
  const token = reader.peek();
  if (token.kind === '(') return grouped(reader, (deeper) => primary(reader, deeper), depth);
  if (token.kind !== 'word' && token.kind !== 'quoted') throw reader.unexpected('a field, a value or "("');
  const after = reader.peek(1);
  if (after.kind === ':') {
    const field = fieldName(reader);
    reader.next();
    return fieldValue(reader, field, depth);
  }
  if (OPERATORS.has(after.kind)) {
    const field = fieldName(reader);
    // oxlint-disable-next-line no-unsafe-type-assertion -- checked by what produced it
    const operator = reader.next().kind as RangeOperator;
    return { kind: 'range', field, operator, value: bound(reader) };
  }
  const value = literal(reader);
  return isStar(value) ? { kind: 'all' } : { kind: 'match', value };
}

function fieldName(reader: Reader): string {
  const token = reader.next();
  if (token.kind !== 'word' && token.kind !== 'quoted') throw reader.unexpected('a field name', token);
  const name = token.word.parts.length === 1 ? (token.word.parts[0] ?? '') : '';
  if (name === '' || name.length > FIELD_NAME_MAX)
    throw reader.unexpected(`a field name without "*", of 1 to ${FIELD_NAME_MAX} characters`, token);
  return name;
}

function fieldValue(reader: Reader, field: string, depth: number): KqlNode {
  if (reader.peek().kind === '(') return grouped(reader, () => fieldItem(reader, field, depth), depth);
  return fieldItem(reader, field, depth);
}

function fieldItem(reader: Reader, field: string, depth: number): KqlNode {
  const token = reader.peek();
  if (token.kind === '(') {
    if (depth > KQL_MAX_DEPTH) throw eventsError('EVENTS_KQL_TOO_COMPLEX', { what: 'levels of parentheses', limit: KQL_MAX_DEPTH });
    return grouped(reader, () => fieldItem(reader, field, depth + 1), depth);
  }
  if (token.kind !== 'word' && token.kind !== 'quoted') throw reader.unexpected(`a value for ${field}, or "("`);
  const value = literal(reader);
  return isStar(value) ? { kind: 'exists', field } : { kind: 'match', field, value };
}

/** A quoted text, or all the words up to the next operator. */
function literal(reader: Reader): Literal {
  reader.term();
  const first = reader.next();
  if (first.kind !== 'word' && first.kind !== 'quoted') throw reader.unexpected('a value', first);
  if (first.kind === 'quoted') {
    if (reader.peek().kind === 'word' || reader.peek().kind === 'quoted')
      throw reader.unexpected('"and", "or", ")" or the end of the query');
    return { words: [first.word], quoted: true };
  }
  const words = [first.word];
  for (let token = reader.peek(); token.kind === 'word'; token = reader.peek()) {
    const after = reader.peek(1).kind;
    if (after === ':' || OPERATORS.has(after)) throw reader.unexpected('"and" or "or" before the next field');
    words.push(token.word);
    reader.next();
    reader.term();
  }
  if (reader.peek().kind === ':') throw reader.unexpected('"and", "or" or the end of the query (put a value that holds ":" in quotes)');
  return { words, quoted: false };
}

function bound(reader: Reader): string {
  reader.term();
  const token = reader.next();
  if (token.kind !== 'word' && token.kind !== 'quoted') throw reader.unexpected('a number, a date, an address or a text', token);
  if (token.word.parts.length > 1) throw reader.unexpected('a value without "*"', token);
  const text = token.word.parts[0] ?? '';
  const after = reader.peek();
  if (after.kind === ':') throw reader.unexpected('"and", "or" or the end of the query (put a value that holds ":" in quotes)');
  return text;
}

function isStar(value: Literal): boolean {
  const [word] = value.words;
  return (
    !value.quoted && value.words.length === 1 && word !== undefined && word.parts.length > 1 && word.parts.every((part) => part === '')
  );
}
