/** Who is signed in. */
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import type { SessionUser } from '@vong/platform/identity';
import { api, ApiError } from './api.ts';

export type { SessionUser };

/** `null` when nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  staleTime: Infinity,
  queryFn: async ({ signal }): Promise<SessionUser | null> => {
    try {
      const answer = await api.get<{ user: SessionUser }>('/api/session', { signal, expect401: true });
      return answer.user;
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
});

/** The signed-in person. Only inside the frame, which is not shown to anyone else. */
export function useMe(): SessionUser {
  const { data } = useQuery(sessionQuery);
  if (!data) throw new Error('useMe outside of a session');
  return data;
}

/** True when the person may triage and change things of an analyst's work. */
export function mayTriage(user: SessionUser): boolean {
  return user.role !== 'auditor';
}

export function mayAdminister(user: SessionUser): boolean {
  return user.role === 'administrator';
}

export interface SessionChange {
  language?: 'vi' | 'en';
  theme?: SessionUser['theme'];
}

/** Keeps a preference: at once on this screen, then at the server. */
export function usePreference(): (change: SessionChange) => void {
  const client = useQueryClient();
  return (change) => {
    client.setQueryData<SessionUser | null>(sessionQuery.queryKey, (user) => (user ? { ...user, ...change } : user));
    // A preference that cannot be stored is not worth an alarm: it holds until the page is reloaded.
    api.patch('/api/session', change).catch(() => undefined);
  };
}
