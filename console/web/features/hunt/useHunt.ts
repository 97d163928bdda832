/** The data of the hunt: pages of events, their counts over time, the fields they have. */
import { useCallback, useEffect, useMemo, useState } from 'react';
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import type { EcsEvent, FieldInfo, Histogram, SearchPage } from '@vong/platform/events';
import { api, type QueryValue } from '../../client/api.ts';
import { now } from '../../ui/now.ts';
import { queryFault } from './kql-error.ts';
import { searchKey, spanOf, type HuntView, type TimeSpan } from './view.ts';

const PAGE = 200;
/** Rows drawn as bars below what is loaded, while more is on its way. */
const AHEAD = 20;
const BUCKETS = 80;
const HUNT = 'hunt';

/** What every request of one search carries. */
export type SearchQuery = Readonly<Record<'agency' | 'q' | 'from' | 'to', QueryValue>>;

export interface Hunt {
  readonly query: SearchQuery;
  readonly span: TimeSpan;
  readonly rows: readonly EcsEvent[];
  /** How many rows the table has, those on their way included. */
  readonly length: number;
  readonly tookMs: number | undefined;
  readonly histogram: Histogram | undefined;
  readonly fields: readonly FieldInfo[] | undefined;
  readonly error: unknown;
  /** Asking the server now. */
  readonly busy: boolean;
  /** What is shown belongs to the search before. */
  readonly old: boolean;
  /** A person stopped it before it had an answer. */
  readonly stopped: boolean;
  /** Asks again; a relative range moves on to now. */
  readonly refresh: () => void;
  readonly stop: () => void;
  readonly onRange: (first: number, last: number) => void;
}

export function useHunt(view: HuntView): Hunt {
  const client = useQueryClient();
  const [run, setRun] = useState(0);
  const key = searchKey(view);
  // A relative range is fixed when a search begins: its pages and its chart speak of the same events.
  // oxlint-disable-next-line react-hooks/exhaustive-deps -- the key says what of the view decides, `run` that it was asked again
  const span = useMemo(() => spanOf(view, now()), [key, run]);
  const { agency, q } = view;
  const query = useMemo(() => ({ agency, q, from: span.from, to: span.to }), [agency, q, span]);
  const events = useEvents(query, view.order);
  const histogram = useQuery({
    queryKey: [HUNT, 'histogram', query],
    staleTime: Infinity,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => api.get<Histogram>('/api/events/histogram', { signal, query: { ...query, buckets: BUCKETS } }),
  });
  const fields = useQuery({
    queryKey: [HUNT, 'fields', query],
    staleTime: Infinity,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => api.get<{ items: FieldInfo[] }>('/api/events/fields', { signal, query }),
  });
  const { hasNextPage, isFetchingNextPage, isError, fetchNextPage } = events;
  // A slip in the query takes nothing from the screen: the answer before stays, faded, until there is another.
  const slip = queryFault(events.error) !== undefined;
  const data = useKept(events.data, slip);
  const counts = useKept(histogram.data, slip);
  const names = useKept(fields.data, slip);
  const rows = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data?.pages]);
  const old = events.isPlaceholderData || slip;
  return {
    query,
    span,
    rows,
    length: rows.length + (hasNextPage ? AHEAD : 0),
    tookMs: data?.pages[0]?.tookMs,
    histogram: counts,
    fields: names?.items,
    error: events.error,
    busy: events.isFetching && !isFetchingNextPage,
    old,
    stopped: (events.isPending || old) && events.fetchStatus === 'idle' && !isError,
    refresh: useCallback(() => {
      void client.invalidateQueries({ queryKey: [HUNT], refetchType: 'none' });
      setRun((n) => n + 1);
    }, [client]),
    stop: useCallback(() => void client.cancelQueries({ queryKey: [HUNT] }), [client]),
    onRange: (_first, last) => {
      if (last > rows.length - PAGE / 2 && hasNextPage && !isFetchingNextPage && !isError) void fetchNextPage();
    },
  };
}

/** The value, or while `slip` holds the last one there was. */
function useKept<Value>(value: Value | undefined, slip: boolean): Value | undefined {
  const [last, setLast] = useState(value);
  useEffect(() => {
    if (value !== undefined) setLast(value);
  }, [value]);
  return value ?? (slip ? last : undefined);
}

function useEvents(query: SearchQuery, order: HuntView['order']) {
  return useInfiniteQuery({
    queryKey: [HUNT, 'events', query, order],
    initialPageParam: undefined as string | undefined,
    staleTime: Infinity,
    placeholderData: keepPreviousData,
    queryFn: ({ pageParam, signal }) =>
      api.get<SearchPage>('/api/events', { signal, query: { ...query, order, cursor: pageParam, limit: PAGE } }),
    getNextPageParam: (page) => page.next,
  });
}

/** One event by its id: for a link to it that the list does not hold. */
export function useEvent(id: string, known: EcsEvent | undefined) {
  return useQuery({
    queryKey: [HUNT, 'event', id],
    staleTime: Infinity,
    enabled: known === undefined,
    queryFn: ({ signal }) => api.get<EcsEvent>(`/api/events/${encodeURIComponent(id)}`, { signal }),
  });
}

export interface ValueOptions {
  readonly limit: number;
  readonly enabled?: boolean;
}

/** The most frequent values of a field. */
export function useFieldValues(field: string, query: SearchQuery, { limit, enabled = true }: ValueOptions) {
  return useQuery({
    queryKey: [HUNT, 'values', field, query, limit],
    staleTime: 60_000,
    enabled,
    queryFn: ({ signal }) =>
      api.get<FieldValuesAnswer>(`/api/events/fields/${encodeURIComponent(field)}/values`, { signal, query: { ...query, limit } }),
  });
}

export interface FieldValuesAnswer {
  readonly values: readonly { readonly value: string; readonly count: number }[];
  readonly other: number;
  readonly missing: number;
}

const AROUND = 40;

/** What the host did before and after a moment, oldest first. */
export function useHostAround(host: string, at: number, agency: string | undefined) {
  return useQuery({
    queryKey: [HUNT, 'host', host, at, agency],
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      const q = `host.name: ${JSON.stringify(host)}`;
      const [before, after] = await Promise.all([
        api.get<SearchPage>('/api/events', { signal, query: { agency, q, to: at + 1, order: 'newest', limit: AROUND } }),
        api.get<SearchPage>('/api/events', { signal, query: { agency, q, from: at + 1, order: 'oldest', limit: AROUND } }),
      ]);
      return [...before.items.toReversed(), ...after.items];
    },
  });
}
