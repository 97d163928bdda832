/** The query cache, and the rule when to ask again: never for a person's mistake, twice for a server that stumbles. */
import { QueryClient } from '@tanstack/react-query';
import { ApiError } from './api.ts';

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: false,
      // Asking again while offline is the browser's guess; the live connection tells us for certain.
      networkMode: 'always',
      retry: (failures, error) => failures < 2 && (!(error instanceof ApiError) || error.status >= 500 || error.status === 0),
      retryDelay: (failures) => 500 * 2 ** failures,
    },
    mutations: { networkMode: 'always' },
  },
});
