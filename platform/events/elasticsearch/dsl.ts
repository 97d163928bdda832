/**
 * KQL tree → Elasticsearch query, with the meaning that `kql/evaluate.ts` gives it. Everything is a filter. Values too long to be a
 * term are found apart (`long-values.ts`): their events are named here by their ids.
 */
import { columnOf, type Column } from '../columns.ts';
import { fold } from '../fold.ts';
import { cidrKeys } from '../ip.ts';
import { plainText, wholeParts, type KqlNode, type Literal, type Word } from '../kql/ast.ts';
import { addressOf, dateOf, numberOf } from '../kql/semantics.ts';
import { gramsOf, isExact } from './grams.ts';
import { bounds, escaped, numberKey, term } from './terms.ts';

export type Query = Readonly<Record<string, unknown>>;
type Leaf = Extract<KqlNode, { readonly kind: 'match' | 'range' }>;

/** Ids of events whose long values a condition holds for. */
export type LongValues = ReadonlyMap<KqlNode, readonly string[]>;

export const NOTHING: Query = { match_none: {} };
const ALL: Query = { match_all: {} };
/** The fields of a text: parts, and the folded text itself. */
const TEXTS = ['original', 'message'] as const;

// oxlint-disable-next-line consistent-return -- the switch is exhaustive; the compiler holds it
export function queryOf(node: KqlNode, long: LongValues): Query {
  switch (node.kind) {
    case 'all':
      return ALL;
    case 'and':
      return every(node.nodes.map((each) => queryOf(each, long)));
    case 'or':
      return some(node.nodes.map((each) => queryOf(each, long)));
    case 'not':
      return { bool: { must_not: [queryOf(node.node, long)] } };
    case 'exists':
      return named(node.field);
    case 'range':
    case 'match': {
      const query = leaf(node);
      const ids = long.get(node);
      return ids === undefined || ids.length === 0 ? query : some([query, { ids: { values: ids } }]);
    }
  }
}

export function every(queries: readonly Query[]): Query {
  const [only] = queries;
  return only !== undefined && queries.length === 1 ? only : { bool: { filter: queries } };
}

export function some(queries: readonly Query[]): Query {
  const [only] = queries;
  if (only === undefined) return NOTHING;
  return queries.length === 1 ? only : { bool: { should: queries, minimum_should_match: 1 } };
}

/** Events that have the name. */
function named(field: string): Query {
  return { term: { 'find.names': escaped(field) } };
}

function leaf(node: Leaf): Query {
  if (node.kind === 'range') return ranged(node);
  const { field, value } = node;
  if (field === undefined) return every(value.words.map((word) => some(TEXTS.map((text) => contains(text, word)))));
  const column = columnOf(field);
  if (column?.type === 'text') return every(value.words.map((word) => contains(column.column, word)));
  return equal(field, column, value);
}

/** The folded parts of a word that say something. */
export function partsOf(word: Word): string[] {
  return word.parts.map(fold).filter((part) => part !== '');
}

function contains(text: string, word: Word): Query {
  const parts = partsOf(word);
  if (parts.length === 0) return named(text === 'original' ? 'event.original' : text);
  const having = havingParts(`find.${text}`, parts);
  const [only] = parts;
  if (only !== undefined && parts.length === 1 && isExact(only)) return every(having);
  const pattern = `*${parts.map(literally).join('*')}*`;
  return every([...having, { wildcard: { [`find.${text}_text`]: { value: pattern } } }]);
}

export function havingParts(field: string, parts: readonly string[]): Query[] {
  return parts.flatMap((part): Query[] => {
    const grams = gramsOf(part);
    if ('beginning' in grams) return [{ prefix: { [field]: { value: grams.beginning } } }];
    return grams.all.map((gram) => ({ term: { [field]: gram } }));
  });
}

function literally(text: string): string {
  return text.replace(/[\\*?]/g, (char) => `\\${char}`);
}

function equal(field: string, column: Column | undefined, value: Literal): Query {
  const plain = plainText(value);
  if (plain === undefined) {
    const pattern = wholeParts(value)
      .map((part) => literally(fold(part)))
      .join('*');
    return { wildcard: { 'find.terms': { value: literally(term(field, '')) + pattern } } };
  }
  if (column?.type === 'number') {
    const number = numberOf(plain);
    return number === undefined ? NOTHING : { term: { 'find.numbers': term(field, numberKey(number)) } };
  }
  if (column?.type === 'date') {
    const date = dateOf(plain);
    return date === undefined ? NOTHING : { range: { [field]: { gte: date.from, lt: date.to } } };
  }
  const same: Query = { term: { 'find.terms': term(field, fold(plain)) } };
  const keys = column === undefined ? cidrKeys(plain) : column.type === 'ip' ? addressOf(plain) : undefined;
  if (keys === undefined || (column === undefined && !keys[0].startsWith('4'))) return same;
  return some([same, { range: { 'find.addresses': { gte: term(field, keys[0]), lte: term(field, keys[1]) } } }]);
}

function ranged({ field, operator, value }: Extract<KqlNode, { readonly kind: 'range' }>): Query {
  const column = columnOf(field);
  if (column?.type === 'date') {
    const date = dateOf(value);
    if (date === undefined) return NOTHING;
    const upper = operator === '>' || operator === '<=';
    return { range: { [field]: { [NAMES[operator]]: upper ? date.to - 1 : date.from } } };
  }
  if (column?.type === 'ip') {
    const [key] = addressOf(value) ?? [];
    return key === undefined ? NOTHING : beside('find.addresses', field, { operator, bound: key });
  }
  const number = numberOf(value);
  if (number !== undefined) return beside('find.numbers', field, { operator, bound: numberKey(number) });
  if (column?.type === 'number') return NOTHING;
  if (column?.type === 'text') return { range: { [`find.${column.column}_text`]: { [NAMES[operator]]: fold(value) } } };
  return beside('find.terms', field, { operator, bound: fold(value) });
}

const NAMES = { '>': 'gt', '>=': 'gte', '<': 'lt', '<=': 'lte' } as const;

/** Terms of the name on one side of the bound. */
function beside(
  index: string,
  field: string,
  { operator, bound }: { readonly operator: keyof typeof NAMES; readonly bound: string },
): Query {
  const { gte, lt } = bounds(field);
  const other = operator.startsWith('>') ? { lt } : { gte };
  return { range: { [index]: { ...other, [NAMES[operator]]: term(field, bound) } } };
}
