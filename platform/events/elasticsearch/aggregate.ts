/** Counts over everything that matches, exact however many shards there are. */
import { columnOf } from '../columns.ts';
import type { FieldValues } from '../contract.ts';
import { eventsError } from '../errors.ts';
import { every, type Query } from './dsl.ts';
import type { Search } from './search.ts';
import { escaped, slotOf, term, uncounted } from './terms.ts';

interface Bucket {
  readonly key: string | number;
  readonly doc_count: number;
}

interface Terms {
  readonly sum_other_doc_count: number;
  readonly doc_count_error_upper_bound: number;
  readonly buckets: readonly Bucket[];
}

/** Values that each shard tells of, first and second try. */
const SHARD_VALUES = [2000, 60_000] as const;
/** Most different values that are gone through one by one. */
const MOST_VALUES = 1_000_000;
const PAGE = 10_000;

export async function countByTime(
  search: Search,
  query: Query,
  given: { readonly intervalMs: number; readonly signal?: AbortSignal | undefined },
) {
  const { intervalMs, signal } = given;
  const width = Math.max(1, Math.trunc(intervalMs));
  const time = { date_histogram: { field: '@timestamp', fixed_interval: `${width}ms`, min_doc_count: 1 } };
  const { aggregations } = await search.aggregate<{ aggregations?: { time: { buckets: readonly Bucket[] } } }>(
    { query, aggs: { time } },
    signal,
  );
  return (aggregations?.time.buckets ?? []).map(({ key, doc_count }) => [Number(key), doc_count] as const);
}

interface Asked {
  readonly field: string;
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
}

/** The most frequent values of a field, with the events that have another one and that have none. */
export async function countByValue(search: Search, query: Query, asked: Asked): Promise<FieldValues> {
  const { field, limit } = asked;
  const source = sourceOf(field);
  for (const shard_size of SHARD_VALUES) {
    const found = await frequent(search, query, { ...asked, source, shard_size: Math.max(shard_size, limit) });
    if (found !== undefined) return found;
  }
  return oneByOne(search, query, { ...asked, source });
}

/** Where the values to count are: a field of their own, or among those of other names in a field shared by hash. */
interface Source {
  readonly field: string;
  /** Begins the values, where they are among others. */
  readonly start: string;
  text(key: string | number): string;
}

function sourceOf(field: string): Source {
  const column = columnOf(field);
  // event.original: every event has its own.
  if (column?.type === 'text' && field !== 'message') throw eventsError('EVENTS_FIELD_NOT_COUNTED', { field });
  if (column?.type === 'date') return { field, start: '', text: (key) => new Date(Number(key)).toISOString() };
  if (column?.type === 'keyword') return { field, start: '', text: String };
  const start = term(field, '');
  return { field: `find.${slotOf(field)}`, start, text: (key) => String(key).slice(start.length) };
}

function among({ start }: Source): object {
  return start === '' ? {} : { include: `${start.replace(/[^\p{L}\p{N}]/gu, (char) => (char === '\0' ? char : `\\${char}`))}.*` };
}

async function frequent(
  search: Search,
  query: Query,
  asked: Asked & { readonly source: Source; readonly shard_size: number },
): Promise<FieldValues | undefined> {
  const { source, limit, shard_size, signal } = asked;
  const values = { terms: { field: source.field, size: limit, shard_size, ...among(source) } };
  const none = { filter: withoutValue(asked.field) };
  const { aggregations } = await search.aggregate<{ aggregations?: { values: Terms; none: Bucket } }>(
    { query, aggs: { values, none } },
    signal,
  );
  if (aggregations === undefined) return { values: [], other: 0, missing: 0 };
  const { buckets, sum_other_doc_count, doc_count_error_upper_bound } = aggregations.values;
  if (doc_count_error_upper_bound !== 0) return undefined;
  return {
    values: buckets.map(({ key, doc_count }) => ({ value: source.text(key), count: doc_count })),
    other: sum_other_doc_count,
    missing: aggregations.none.doc_count,
  };
}

/** Names that exist without a value to count count as missing. */
function withoutValue(field: string): Query {
  const has: Query = { term: { 'find.names': escaped(field) } };
  return { bool: { must_not: [every([has, { bool: { must_not: [{ term: { 'find.names': uncounted(field) } }] } }])] } };
}

interface Composite {
  readonly after_key?: object;
  readonly buckets: readonly { readonly key: { readonly value: string | number }; readonly doc_count: number }[];
}

async function oneByOne(search: Search, query: Query, asked: Asked & { readonly source: Source }): Promise<FieldValues> {
  const { source, limit, signal } = asked;
  const counts: { value: string; count: number }[] = [];
  let after: object | undefined = source.start === '' ? undefined : { value: source.start };
  for (let more = true; more;) {
    const composite: object = {
      size: PAGE,
      sources: [{ value: { terms: { field: source.field } } }],
      ...(after === undefined ? {} : { after }),
    };
    const { aggregations } = await search.aggregate<{ aggregations?: { values: Composite } }>(
      { query, aggs: { values: { composite } } },
      signal,
    );
    const buckets: Composite['buckets'] = aggregations?.values.buckets ?? [];
    const own = buckets.filter(({ key }) => source.start === '' || String(key.value).startsWith(source.start));
    counts.push(...own.map(({ key, doc_count }) => ({ value: source.text(key.value), count: doc_count })));
    if (counts.length > MOST_VALUES) throw eventsError('EVENTS_QUERY_TOO_LARGE');
    after = aggregations?.values.after_key;
    more = buckets.length === PAGE && own.length === buckets.length;
  }
  const missing = await search.count(every([query, withoutValue(asked.field)]), signal);
  counts.sort((left, right) => right.count - left.count || Buffer.compare(Buffer.from(left.value), Buffer.from(right.value)));
  const values = counts.slice(0, limit);
  return { values, missing, other: counts.slice(limit).reduce((sum, each) => sum + each.count, 0) };
}
