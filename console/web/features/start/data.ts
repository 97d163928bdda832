/** What this page asks the server for. */
import { queryOptions } from '@tanstack/react-query';
import type { AgentView } from '@vong/collector/contracts';
import type { AlertList, RuleSummary } from '@vong/engine/contracts';
import type { RecordingView, ReplayView } from '@vong/range/contracts';
import { api } from '../../client/api.ts';

const AGENTS_MS = 10_000;

export const agentsQuery = queryOptions({
  queryKey: ['agents', 'list'],
  refetchInterval: AGENTS_MS,
  queryFn: async ({ signal }) => (await api.get<{ items: AgentView[] }>('/api/agents', { signal })).items,
});

export const enabledRulesQuery = queryOptions({
  queryKey: ['rules', 'enabled'],
  queryFn: async ({ signal }) =>
    (await api.get<{ items: RuleSummary[]; total: number }>('/api/rules', { signal, query: { enabled: true, limit: 1 } })).total,
});

export const NEWEST = 12;

export function newestAlertsQuery(agency: string | undefined) {
  return queryOptions({
    queryKey: ['alerts', 'newest', agency],
    queryFn: ({ signal }) =>
      api.get<AlertList>('/api/alerts', { signal, query: { agency, limit: NEWEST, status: 'open,acknowledged,closed' } }),
  });
}

export const recordingsQuery = queryOptions({
  queryKey: ['recordings'],
  queryFn: async ({ signal }) => (await api.get<{ items: RecordingView[] }>('/api/recordings', { signal })).items,
});

export const replaysQuery = queryOptions({
  queryKey: ['replays'],
  queryFn: async ({ signal }) => (await api.get<{ items: ReplayView[] }>('/api/replays', { signal })).items,
});
