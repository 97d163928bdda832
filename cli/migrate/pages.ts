/** Events in time order, of a running node (through its HTTP API: only its own process may open its store) or of an open store. */
import type { EcsEvent, EventStore, Histogram, SearchPage, TimeRange } from '@vong/platform/events';
import type { Scope } from '@vong/platform/identity';
import type { Client } from '../client.ts';

export interface EventPages {
  /** Times of the first and the last event; undefined when there is none. */
  edges(): Promise<{ readonly first: number; readonly last: number } | undefined>;
  histogram(range: TimeRange, buckets: number): Promise<Histogram>;
  page(range: TimeRange, cursor?: string): Promise<Pick<SearchPage, 'items' | 'next'>>;
}

/** Events of a page; the few are for where the many are too large for one answer. */
const [MANY, FEW] = [1000, 20];

/** The whole of it: what is moved belongs to nobody's scope. */
const EVERYTHING: Scope = {
  actor: { kind: 'system', id: 'migrate', name: 'migrate' },
  role: 'administrator',
  agency: 'vn',
  agencies: 'all',
};

export function pagesOfStore(store: Pick<EventStore, 'search' | 'histogram'>): EventPages {
  const all = { scope: EVERYTHING, query: '' };
  const edge = async (order: 'oldest' | 'newest'): Promise<readonly EcsEvent[]> => (await store.search({ ...all, order, limit: 1 })).items;
  return {
    edges: async () => edgesOf(await edge('oldest'), await edge('newest')),
    histogram: async (range, buckets) => await store.histogram({ ...all, range, buckets }),
    page: async (range, cursor) =>
      await manyOrFew(
        async (limit) => await store.search({ ...all, range, order: 'oldest', limit, ...(cursor === undefined ? {} : { cursor }) }),
      ),
  };
}

export function pagesOfNode(client: Client): EventPages {
  const ask = async <Answer>(path: string, query: Record<string, string>): Promise<Answer> =>
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the node's own API
    (await client.request(`${path}?${new URLSearchParams(query).toString()}`)) as Answer;
  const edge = async (order: string): Promise<readonly EcsEvent[]> => (await ask<SearchPage>('/api/events', { order, limit: '1' })).items;
  const within = ({ from, to }: TimeRange): Record<string, string> => ({ from: String(from), to: String(to) });
  return {
    edges: async () => edgesOf(await edge('oldest'), await edge('newest')),
    histogram: async (range, buckets) => await ask<Histogram>('/api/events/histogram', { ...within(range), buckets: String(buckets) }),
    page: async (range, cursor) => {
      const more: Record<string, string> = cursor === undefined ? {} : { cursor };
      return await manyOrFew(
        async (limit) => await ask<SearchPage>('/api/events', { ...within(range), order: 'oldest', limit: String(limit), ...more }),
      );
    },
  };
}

async function manyOrFew(page: (limit: number) => Promise<SearchPage>): Promise<SearchPage> {
  try {
    return await page(MANY);
  } catch {
    return await page(FEW);
  }
}

function edgesOf([oldest]: readonly EcsEvent[], [newest]: readonly EcsEvent[]): { first: number; last: number } | undefined {
  if (oldest === undefined || newest === undefined) return undefined;
  return { first: Date.parse(oldest['@timestamp']), last: Date.parse(newest['@timestamp']) };
}
