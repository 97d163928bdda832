/**
 * Values too long to be a term of the index (over 31,900 bytes) are rare: the events that may hold a searched one are fetched, and
 * looked at here by the plain definition. So the answers stay exact.
 */
import { columnOf } from '../columns.ts';
import { eventsError } from '../errors.ts';
import { evaluateKql, type KqlNode } from '../kql/index.ts';
import { plainText } from '../kql/ast.ts';
import { every, havingParts, partsOf, some, type LongValues, type Query } from './dsl.ts';
import type { SearchHit } from './search.ts';

type Leaf = Extract<KqlNode, { readonly kind: 'match' | 'range' }>;

/** Most events that are looked at one by one. */
const MOST = 2000;
/** A page of them; each may hold a megabyte. */
const PAGE = 50;

export interface LongSearch {
  /** Hits under the reader's scope and range, in any order, after the last of the page before. */
  page(query: Query, size: number, after: SearchHit | undefined): Promise<readonly SearchHit[]>;
  count(query: Query): Promise<number>;
}

/** @throws EVENTS_QUERY_TOO_LARGE when too many would have to be looked at */
export async function longValues(node: KqlNode, search: LongSearch): Promise<LongValues> {
  const leaves = leavesOf(node);
  const found = new Map<KqlNode, string[]>();
  if (leaves.length === 0) return found;
  const query = some(leaves.map(({ candidates }) => candidates));
  const count = await search.count(query);
  if (count > MOST) throw eventsError('EVENTS_QUERY_TOO_LARGE');
  if (count === 0) return found;
  let last: SearchHit | undefined;
  do {
    const page = await search.page(query, PAGE, last);
    for (const hit of page) {
      for (const { leaf } of leaves) if (evaluateKql(leaf, hit.event)) found.set(leaf, [...(found.get(leaf) ?? []), hit.id]);
    }
    last = page.length < PAGE ? undefined : page.at(-1);
  } while (last !== undefined);
  return found;
}

interface Candidate {
  readonly leaf: Leaf;
  readonly candidates: Query;
}

/** The conditions that can hold for a long value. */
function leavesOf(node: KqlNode): Candidate[] {
  if (node.kind === 'and' || node.kind === 'or') return node.nodes.flatMap(leavesOf);
  if (node.kind === 'not') return leavesOf(node.node);
  if (node.kind !== 'match' && node.kind !== 'range') return [];
  const candidates = candidatesOf(node);
  return candidates === undefined ? [] : [{ leaf: node, candidates }];
}

function candidatesOf(leaf: Leaf): Query | undefined {
  const { field } = leaf;
  const column = field === undefined ? undefined : columnOf(field);
  if (leaf.kind === 'match' && (field === undefined || column?.type === 'text')) {
    const texts = column === undefined ? ['original', 'message'] : [column.column];
    const parts = leaf.value.words.flatMap(partsOf);
    // A word may be in the one text and the next word in the other; the one that is too long has at least one of them.
    return every([
      some(texts.map((text): Query => ({ term: { 'find.long': text === 'original' ? 'event.original' : text } }))),
      ...parts.map((part) =>
        some(texts.flatMap((text) => [every(havingParts(`find.${text}`, [part])), every(havingParts(`find.${text}_long`, [part]))])),
      ),
    ]);
  }
  // A query is shorter than any of them, so none is equal to it.
  if (leaf.kind === 'match' && plainText(leaf.value) !== undefined) return undefined;
  if (column?.type === 'number' || column?.type === 'date' || (column?.type === 'ip' && leaf.kind === 'range')) return undefined;
  return field === undefined ? undefined : { term: { 'find.long': field } };
}
