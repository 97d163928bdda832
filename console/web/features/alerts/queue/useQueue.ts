/** The queue's data: pages from the server, arrivals from the live connection, and what of it is on the screen. */
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import type { AlertList, AlertSummary } from '@vong/engine/contracts';
import type { Change } from '@vong/platform/live';
import { useAgencies } from '../../../client/agencies.ts';
import { api } from '../../../client/api.ts';
import { useLive, useLiveChanges } from '../../../client/live-react.ts';
import { useMe } from '../../../client/session.ts';
import { now } from '../../../ui/now.ts';
import { ARRIVALS, putAlerts, QUEUE, type AlertPages } from '../cache.ts';
import { NO_ARRIVALS, receive, replaceAlerts, reveal, type Arrivals } from '../list.ts';
import { listKey, listQuery, matcher, type AlertsView, type Reader } from '../view.ts';

const PAGE = 200;
/** Pages after the first: who scrolls wants more. */
const LATER_PAGE = 500;
/** Live changes are put on the screen four times a second at most. */
const BATCH_MS = 250;
const COUNT_AGAIN_MS = 1000;
const FEW_PAGES = 3;

export interface Queue {
  readonly rows: readonly AlertSummary[];
  readonly total: number;
  readonly arrivals: Arrivals;
  readonly loading: boolean;
  readonly error: unknown;
  readonly belongs: (alert: AlertSummary) => boolean;
  /** Puts held arrivals on the list. */
  readonly reveal: () => void;
  /** Reads the list anew: arrivals on it, what no longer belongs off it. */
  readonly refresh: () => void;
  /** Tells which rows are on the screen: loads what comes next. */
  readonly onRange: (first: number, last: number) => void;
}

export function useReader(view: AlertsView): Reader {
  const me = useMe();
  const agencies = useAgencies();
  const { agency } = view;
  const below = useMemo(
    () => (agency === undefined ? undefined : new Set(agencies.filter(({ path }) => path.includes(agency)).map(({ code }) => code))),
    [agencies, agency],
  );
  return useMemo(() => ({ me: me.id, agencies: below, now: now() }), [me.id, below]);
}

export function useQueue(view: AlertsView): Queue {
  const client = useQueryClient();
  const key = JSON.stringify(listKey(view));
  const list = useAlertPages(view, key);
  const arrivals = useQuery<Arrivals>({
    queryKey: [ARRIVALS, key],
    queryFn: () => NO_ARRIVALS,
    initialData: NO_ARRIVALS,
    staleTime: Infinity,
    gcTime: 0,
    meta: { own: true },
  });
  const reader = useReader(view);
  const matches = useMemo(() => matcher(view, reader), [view, reader]);
  useArrivals({ key, view, loaded: list.data !== undefined, matches });
  const { data } = list;
  const shown = arrivals.data.shown;
  const rows = useMemo(() => [...shown, ...(data?.pages.flatMap((page) => page.items) ?? [])], [shown, data?.pages]);
  const refresh = useCallback(() => {
    client.setQueryData<Arrivals>([ARRIVALS, key], NO_ARRIVALS);
    void client.resetQueries({ queryKey: [QUEUE, key] });
  }, [client, key]);
  const onRange = useMorePages(list, rows.length);
  return {
    rows,
    total: shown.length + (data?.pages[0]?.total ?? 0),
    arrivals: arrivals.data,
    loading: list.isPending,
    error: data === undefined ? list.error : undefined,
    belongs: matches,
    reveal: useCallback(() => client.setQueryData<Arrivals>([ARRIVALS, key], (before = NO_ARRIVALS) => reveal(before)), [client, key]),
    refresh,
    onRange,
  };
}

/** Reads pages until what is on the screen, and half a page more, has been loaded: also after a jump far down. */
function useMorePages(list: ReturnType<typeof useAlertPages>, loaded: number): (first: number, last: number) => void {
  const wanted = useRef(0);
  const { hasNextPage, isFetchingNextPage, isError, fetchNextPage } = list;
  const more = useCallback(() => {
    if (wanted.current > loaded - PAGE / 2 && hasNextPage && !isFetchingNextPage && !isError) void fetchNextPage();
  }, [loaded, hasNextPage, isFetchingNextPage, isError, fetchNextPage]);
  useEffect(more, [more]);
  return (_first, last) => {
    wanted.current = last;
    more();
  };
}

function useAlertPages(view: AlertsView, key: string) {
  return useInfiniteQuery({
    queryKey: [QUEUE, key],
    initialPageParam: undefined as string | undefined,
    staleTime: Infinity,
    // A list that nobody keeps current is of no use: the next visit reads it anew.
    gcTime: 0,
    meta: { own: true },
    queryFn: ({ pageParam, signal }) =>
      api.get<AlertList>('/api/alerts', {
        signal,
        query: { ...listQuery(view, now()), cursor: pageParam, limit: pageParam === undefined ? PAGE : LATER_PAGE },
      }),
    getNextPageParam: (page) => page.next,
  });
}

interface Listening {
  readonly key: string;
  readonly view: AlertsView;
  readonly loaded: boolean;
  readonly matches: (alert: AlertSummary) => boolean;
}

/** Collects live changes and puts them where they belong. Those that come while the list is loading wait for it. */
function useArrivals({ key, view, loaded, matches }: Listening): void {
  const client = useQueryClient();
  const live = useLive();
  const waiting = useRef(new Map<string, AlertSummary>());
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const flush = useCallback(() => {
    timer.current = undefined;
    const list = client.getQueryData<AlertPages>([QUEUE, key]);
    if (!list || waiting.current.size === 0) return;
    const batch = [...waiting.current.values()];
    waiting.current.clear();
    putAlerts(client, batch);
    const { others } = replaceAlerts(list, batch);
    const newest = list.pages[0]?.items[0]?.createdAt ?? 0;
    const isArrival = (alert: AlertSummary): boolean =>
      matches(alert) && (view.sort !== undefined && view.sort !== 'newest' ? true : alert.createdAt >= newest);
    client.setQueryData<Arrivals>([ARRIVALS, key], (before = NO_ARRIVALS) => receive(before, others, isArrival));
  }, [client, key, matches, view.sort]);
  useLiveChanges('alert', (changes: readonly Change[]) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the body of an `alert` change is an AlertSummary by contract
    for (const change of changes) waiting.current.set(change.key, change.body as AlertSummary);
    timer.current ??= setTimeout(flush, BATCH_MS);
  });
  useEffect(() => {
    waiting.current.clear();
  }, [key]);
  useEffect(() => {
    if (loaded) flush();
  }, [loaded, flush]);
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(
    () =>
      live?.onResync(() => {
        client.setQueriesData<Arrivals>({ queryKey: [ARRIVALS] }, NO_ARRIVALS);
        const pages = client.getQueryData<AlertPages>([QUEUE, key])?.pages.length ?? 0;
        // A short list is read again in place; a long one would be dozens of requests: it starts over.
        if (pages <= FEW_PAGES) void client.invalidateQueries({ queryKey: [QUEUE, key] });
        else void client.resetQueries({ queryKey: [QUEUE, key] });
      }),
    [client, live, key],
  );
}

/** The numbers beside the filters; asked again at most every few seconds while alerts come in. */
export function useCounts(view: AlertsView): AlertList['counts'] | undefined {
  const client = useQueryClient();
  const { status: _status, severity: _severity, sort: _sort, ...rest } = listKey(view);
  const queryKey = ['alerts', 'counts', rest];
  const query = useQuery({
    queryKey,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      api.get<AlertList>('/api/alerts', {
        signal,
        query: { ...listQuery({ ...rest, status: 'open,acknowledged,closed' }, now()), limit: 1 },
      }),
  });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useLiveChanges('alert', () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void client.invalidateQueries({ queryKey: ['alerts', 'counts'] });
    }, COUNT_AGAIN_MS);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  return query.data?.counts;
}
