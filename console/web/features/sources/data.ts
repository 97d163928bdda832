/** Agents and dead letters: read from the server, kept current by live changes. */
import { useEffect, useRef } from 'react';
import { queryOptions, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { AgentView, DeadLetterView } from '@vong/collector/contracts';
import { api, ApiError } from '../../client/api.ts';
import { useLiveChanges } from '../../client/live-react.ts';
import { toasts } from '../../ui/toasts.ts';
import { MAX_SHOWN } from './hex.ts';
import { letterState, withChanges } from './view.ts';
import { useWords } from './words.ts';

const RATES_MS = 5000;
const PAGE = 200;
const BATCH_MS = 1000;

/** Rates change without a change being told: asked for every five seconds. */
export const agentsQuery = queryOptions({
  queryKey: ['agents', 'list'],
  refetchInterval: RATES_MS,
  queryFn: async ({ signal }) => (await api.get<{ items: AgentView[] }>('/api/agents', { signal })).items,
});

export function useAgents() {
  const client = useQueryClient();
  useLiveChanges('agent', (changes) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the body of an `agent` change is an AgentView by contract
    const came = changes.map(({ body }) => body as AgentView);
    client.setQueryData(agentsQuery.queryKey, (known) => known && withChanges(known, came));
  });
  return useQuery(agentsQuery);
}

export function useRevoke(): { revoke: (agent: AgentView, done: () => void) => void; busy: boolean } {
  const t = useWords();
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: ({ id }: AgentView) => api.delete(`/api/agents/${encodeURIComponent(id)}`),
    onSuccess: (_answer, { name }) => {
      toasts.done(t('revoke.done', { name }));
      void client.invalidateQueries({ queryKey: agentsQuery.queryKey });
    },
    onError: (error) => toasts.failed(t('revoke.failed', { message: error.message })),
  });
  return { revoke: (agent, done) => change.mutate(agent, { onSettled: done }), busy: change.isPending };
}

interface LetterPage {
  items: DeadLetterView[];
  next?: string;
}

const LETTERS = 'dead-letters';

export function useLetters(agent: string | undefined) {
  const client = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useLiveChanges('dead_letter', () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void client.invalidateQueries({ queryKey: [LETTERS] });
    }, BATCH_MS);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  return useInfiniteQuery({
    queryKey: [LETTERS, 'list', agent],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      api.get<LetterPage>('/api/dead-letters', { signal, query: { agent, cursor: pageParam, limit: PAGE } }),
    getNextPageParam: (page) => page.next,
  });
}

const COUNT_LIMIT = 500;

/** How many of the newest 500 wait to be replayed; asked once a minute. */
export const waitingLettersQuery = queryOptions({
  queryKey: [LETTERS, 'waiting'],
  refetchInterval: 60_000,
  queryFn: async ({ signal }) => {
    const page = await api.get<LetterPage>('/api/dead-letters', { signal, query: { limit: COUNT_LIMIT } });
    return page.items.filter((letter) => letterState(letter) !== 'replayed').length;
  },
});

export function rawPath(id: string): string {
  return `/api/dead-letters/${encodeURIComponent(id)}/raw`;
}

/** The first 64 KiB of the record's bytes. */
export function rawQuery(id: string) {
  return queryOptions({
    queryKey: [LETTERS, 'raw', id],
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      const answer = await fetch(rawPath(id), { signal, credentials: 'same-origin' });
      if (!answer.ok) throw new ApiError(answer.status, { code: `HTTP_${answer.status}`, message: answer.statusText });
      return new Uint8Array(await answer.arrayBuffer()).slice(0, MAX_SHOWN);
    },
  });
}

type Which = { readonly ids: readonly string[] } | { readonly all: true };

export function useReplayLetters(): { replay: (which: Which) => void; busy: boolean } {
  const t = useWords();
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (which: Which) => api.post<{ replayed: number; failed: number }>('/api/dead-letters/replay', which),
    onSuccess: ({ replayed, failed }) => {
      const text = t('letters.done', { replayed, failed });
      if (failed > 0) toasts.failed(text);
      else toasts.done(text);
      void client.invalidateQueries({ queryKey: [LETTERS] });
    },
    onError: (error) => toasts.failed(t('letters.failed', { message: error.message })),
  });
  return { replay: (which) => change.mutate(which), busy: change.isPending };
}
