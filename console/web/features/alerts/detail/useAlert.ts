/** One alert's data: itself, its events, and the one that is looked at. */
import { useEffect, useMemo, useRef } from 'react';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import type { AlertDetail, AlertEvents, AlertSummary } from '@vong/engine/contracts';
import type { EcsEvent } from '@vong/platform/events';
import { api } from '../../../client/api.ts';
import { useLiveChanges } from '../../../client/live-react.ts';
import { detailKey, putAlerts } from '../cache.ts';

export const alertPath = (id: string): string => `/api/alerts/${encodeURIComponent(id)}`;

export function useAlert(id: string) {
  const client = useQueryClient();
  const query = useQuery({ queryKey: detailKey(id), queryFn: ({ signal }) => api.get<AlertDetail>(alertPath(id), { signal }) });
  const known = useRef<number>(undefined);
  useEffect(() => {
    known.current = query.data?.version;
  });
  useLiveChanges('alert', (changes) => {
    const change = changes.findLast(({ key }) => key === id);
    if (!change) return;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the body of an `alert` change is an AlertSummary by contract
    const alert = change.body as AlertSummary;
    putAlerts(client, [alert]);
    // Events that join leave the version; only a person's change adds to the history.
    if (alert.version !== known.current) void client.invalidateQueries({ queryKey: detailKey(id) });
  });
  return query;
}

const PAGE = 100;

export interface AlertEventList {
  readonly items: readonly EcsEvent[];
  readonly total: number;
  readonly loading: boolean;
  readonly error: unknown;
  readonly more: () => void;
  readonly retry: () => void;
}

export function useAlertEvents(id: string): AlertEventList {
  const query = useInfiniteQuery({
    queryKey: ['alerts', 'events', id],
    staleTime: Infinity,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      api.get<AlertEvents>(`${alertPath(id)}/events`, { signal, query: { cursor: pageParam, limit: PAGE } }),
    getNextPageParam: (page) => page.next,
  });
  const { data, hasNextPage, isFetchingNextPage } = query;
  return {
    items: useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]),
    total: data?.pages.at(-1)?.total ?? 0,
    loading: query.isPending,
    error: query.error,
    more: () => {
      if (hasNextPage && !isFetchingNextPage) void query.fetchNextPage();
    },
    retry: () => void query.refetch(),
  };
}
