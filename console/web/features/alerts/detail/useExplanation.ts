import { useQuery } from '@tanstack/react-query';
import type { AlertSummary, Explanation } from '@vong/engine/contracts';
import type { EcsEvent } from '@vong/platform/events';
import { api } from '../../../client/api.ts';
import { alertPath } from './useAlert.ts';

/** Why the alert's rule matched the event. */
export function useExplanation(alert: AlertSummary, event: EcsEvent) {
  return useQuery({
    queryKey: ['alerts', 'explain', alert.id, event.event.id],
    staleTime: Infinity,
    queryFn: ({ signal }) => api.get<Explanation>(`${alertPath(alert.id)}/explain`, { signal, query: { event: event.event.id } }),
  });
}
