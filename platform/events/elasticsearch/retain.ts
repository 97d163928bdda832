/** Removes whole UTC days: as whole indices where nothing in them is younger, otherwise event by event. */
import { DAY_MS } from '../bounds.ts';
import type { Catalog, Generation, Home } from './catalog.ts';
import { every, some, type Query } from './dsl.ts';
import { dayOf } from './homes.ts';
import { persistently } from './retry.ts';
import type { Store } from './store.ts';

/** What an event's age is told by: when it happened, or the later of that and when it was received. */
type Age = 'happened' | 'received';

const PAGE = 5000;

export interface StoreStats {
  readonly events: number;
  readonly bytes: number;
  readonly oldest?: number;
  readonly newest?: number;
}

interface Counted {
  readonly hits: {
    readonly total: { readonly value: number };
    readonly hits: readonly { readonly _id: string; readonly _routing?: string }[];
  };
  readonly aggregations?: { readonly days: { readonly buckets: readonly { readonly key: number }[] } };
}

export class Retention {
  private readonly store: Store;
  private readonly catalog: Catalog;

  constructor(store: Store) {
    this.store = store;
    this.catalog = store.catalog;
  }

  async retain({
    before,
    maxBytes,
  }: {
    readonly before?: number;
    readonly maxBytes?: number;
  }): Promise<{ readonly deletedDays: readonly string[] }> {
    const days = new Set(before === undefined ? [] : (await this.removeBefore(before, 'received')).days);
    if (maxBytes !== undefined) {
      let { bytes } = await this.stats();
      while (bytes > maxBytes) {
        const { oldest, newest } = await this.stats();
        if (oldest === undefined || newest === undefined) break;
        const next = (Math.floor(oldest / DAY_MS) + 1) * DAY_MS;
        // The newest day is never removed: what just arrived must be searchable.
        if (next > newest) break;
        const removed = await this.removeBefore(next, 'happened');
        for (const day of removed.days) days.add(day);
        // The cluster tells of freed space late: counting on it would remove more than needed.
        bytes -= removed.bytes;
      }
    }
    return { deletedDays: [...days].sort() };
  }

  async stats(): Promise<StoreStats> {
    const { elastic, settings } = this.store;
    return persistently(settings.patienceMs, async () => {
      const { _all } = await elastic.request<Stats>({
        method: 'GET',
        path: `/${this.catalog.all}/_stats/docs,store`,
        query: { level: 'cluster' },
      });
      const bounds = { oldest: { min: { field: '@timestamp' } }, newest: { max: { field: '@timestamp' } } };
      const { aggregations } = await elastic.request<Bounds>({
        method: 'POST',
        path: `/${this.catalog.all}/_search`,
        body: { size: 0, aggs: bounds },
      });
      const numbers = { events: _all.primaries.docs?.count ?? 0, bytes: _all.total.store?.size_in_bytes ?? 0 };
      const [oldest, newest] = [aggregations?.oldest.value, aggregations?.newest.value];
      return typeof oldest === 'number' && typeof newest === 'number' ? { ...numbers, oldest, newest } : numbers;
    });
  }

  /** Days (`2026-11-22`) that the removed events happened on, and about how many bytes they took. */
  private async removeBefore(before: number, age: Age): Promise<{ readonly days: readonly string[]; readonly bytes: number }> {
    const cut = Math.floor(before / DAY_MS) * DAY_MS;
    const { settings } = this.store;
    return persistently(settings.patienceMs, async () => {
      const days = new Set<string>();
      let bytes = 0;
      for (const home of await this.catalog.load()) {
        // A day that has not passed yet holds nothing to remove.
        if ((dayOf(home.home) ?? -Infinity) >= cut) continue;
        for (const generation of home.generations) {
          const full = generation !== home.generations.at(-1);
          bytes += await this.removeFrom(generation, { home, full, cut, age, days });
        }
      }
      await this.catalog.load();
      return { days: [...days], bytes };
    });
  }

  private async removeFrom(
    { index, events, bytes }: Generation,
    given: { readonly home: Home; readonly full: boolean; readonly cut: number; readonly age: Age; readonly days: Set<string> },
  ): Promise<number> {
    const { elastic } = this.store;
    await elastic.request({ method: 'POST', path: `/${index}/_refresh` });
    const old = olderThan(given.cut, given.age);
    const days = { date_histogram: { field: '@timestamp', fixed_interval: `${DAY_MS}ms`, min_doc_count: 1 } };
    const found = await this.search(index, { query: old, aggs: { days } });
    const gone = found.hits.total.value;
    for (const { key } of found.aggregations?.days.buckets ?? []) given.days.add(new Date(key).toISOString().slice(0, 10));
    const all = await this.search(index, { query: { match_all: {} } });
    const total = all.hits.total.value;
    if (gone === total) {
      // What is written to stays, empty or not, unless its day is over.
      if (total === 0 && dayOf(given.home.home) === undefined) return 0;
      await elastic.request({ method: 'DELETE', path: `/${index}`, query: { ignore_unavailable: true } });
      return bytes;
    }
    if (gone === 0) return 0;
    // A full generation is closed to writing; its events are removed all the same.
    if (given.full) await elastic.request({ method: 'PUT', path: `/${index}/_settings`, body: { 'index.blocks.write': null } });
    await this.deleteEach(index, old);
    if (given.full) await elastic.request({ method: 'PUT', path: `/${index}/_block/write` });
    return Math.round((bytes * gone) / Math.max(events, total));
  }

  /** There is no delete-by-query without a module that need not be there. */
  private async deleteEach(index: string, query: Query): Promise<void> {
    const { elastic } = this.store;
    for (;;) {
      const { hits } = await this.search(index, { query, size: PAGE, _source: false });
      if (hits.hits.length === 0) return;
      const lines = hits.hits.map(({ _id }) => `${JSON.stringify({ delete: { _id } })}\n`);
      await elastic.request({
        method: 'POST',
        path: `/${index}/_bulk`,
        query: { refresh: true, filter_path: 'errors' },
        lines: lines.join(''),
      });
    }
  }

  private async search(index: string, body: object): Promise<Counted> {
    return this.store.elastic.request<Counted>({
      method: 'POST',
      path: `/${index}/_search`,
      query: { allow_partial_search_results: false },
      body: { size: 0, track_total_hits: true, ...body },
    });
  }
}

interface Stats {
  readonly _all: {
    readonly primaries: { readonly docs?: { readonly count: number } };
    readonly total: { readonly store?: { readonly size_in_bytes: number } };
  };
}

interface Bounds {
  readonly aggregations?: { readonly oldest: { readonly value: number | null }; readonly newest: { readonly value: number | null } };
}

function olderThan(cut: number, age: Age): Query {
  const happened: Query = { range: { '@timestamp': { lt: cut } } };
  if (age === 'happened') return happened;
  const unknown: Query = { bool: { must_not: [{ exists: { field: 'event.ingested' } }] } };
  return every([happened, some([unknown, { range: { 'event.ingested': { lt: cut } } }])]);
}
