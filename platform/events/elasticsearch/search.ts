/** Searches under a reader's scope. The scope, the range and the query become one filter here and nowhere else. */
import { SEARCH_MAX } from '../bounds.ts';
import type { Aggregable, TimeRange } from '../contract.ts';
import type { Place } from '../cursor.ts';
import type { EcsEvent } from '../ecs.ts';
import { eventsError } from '../errors.ts';
import type { Scope } from '../../identity/scope.ts';
import { parseKql } from '../kql/index.ts';
import { refuseExpensive } from '../kql/cost.ts';
import { ElasticFailure, readFailure, type Request } from './client.ts';
import { idOf } from './document.ts';
import { every, NOTHING, queryOf, type Query } from './dsl.ts';
import { longValues } from './long-values.ts';
import { Patience } from './retry.ts';
import type { Store } from './store.ts';

/** An event and its place in time order. */
export interface SearchHit extends Place {
  /** `_id`. */
  readonly id: string;
  readonly eventId: string;
  readonly event: EcsEvent;
}

export interface Wanted {
  readonly query: Query;
  readonly size: number;
  readonly order: 'newest' | 'oldest';
  readonly after?: Place | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Hits {
  readonly hits: {
    readonly total?: { readonly value: number };
    readonly hits: readonly {
      readonly _id: string;
      readonly _source: { readonly record: string };
      readonly sort: readonly [number, string];
    }[];
  };
  readonly pit_id?: string;
}

/** Events of one answer: at most so many, for each may hold a megabyte. */
const SLICE = 100;
/** Dates that JavaScript knows, ms. */
const LAST_DATE = 8.64e15;
/** Tries of a search while the cluster is overloaded. */
const SEARCH_PATIENCE_MS = 5000;
const KEEP = '1m';

export class Search {
  private readonly store: Store;

  constructor(store: Store) {
    this.store = store;
  }

  /** The filter for what the reader asks. @throws as `parseKql`, EVENTS_RANGE_INVALID, EVENTS_QUERY_TOO_EXPENSIVE */
  async filter(request: Aggregable, signal?: AbortSignal): Promise<Query> {
    const { scope, range } = request;
    const node = parseKql(request.query);
    const base = [scoped(scope), ...(range === undefined ? [] : [within(range)])];
    await refuseExpensive(node, { range, limit: this.store.settings.scanEvents, events: () => this.count({ match_all: {} }, signal) });
    const long = await longValues(node, {
      count: (query) => this.count(every([...base, query]), signal),
      page: (query, size, after) =>
        this.slice({ query: every([...base, query]), size, order: 'newest', after: after && { at: after.at, id: after.eventId }, signal }),
    });
    return every([...base, queryOf(node, long)]);
  }

  /** Several slices look at the indices as they were when the first was asked (a point in time), so that they fit together. */
  async find(wanted: Wanted): Promise<readonly SearchHit[]> {
    if (wanted.size <= SLICE) return this.slice(wanted);
    const opened = await this.ask<{ readonly id: string }>({
      method: 'POST',
      path: `/${this.store.catalog.all}/_pit`,
      query: { keep_alive: KEEP, ignore_unavailable: true },
      signal: wanted.signal,
    });
    const found: SearchHit[] = [];
    try {
      for (let { after } = wanted; found.length < wanted.size;) {
        const size = Math.min(SLICE, wanted.size - found.length);
        const slice = await this.slice({ ...wanted, size, after }, opened.id);
        found.push(...slice);
        const last = slice.at(-1);
        if (last === undefined || slice.length < size) break;
        after = { at: last.at, id: last.eventId };
      }
    } finally {
      await this.ask({ method: 'DELETE', path: '/_pit', body: { id: opened.id } }).catch(() => undefined);
    }
    return found;
  }

  async get(scope: Scope, ids: readonly string[]): Promise<readonly SearchHit[]> {
    const found: SearchHit[] = [];
    const wanted = [...new Set(ids)].slice(0, SEARCH_MAX);
    for (let from = 0; from < wanted.length; from += SLICE) {
      const values = wanted.slice(from, from + SLICE).map(idOf);
      found.push(...(await this.slice({ query: every([scoped(scope), { ids: { values } }]), size: SLICE, order: 'newest' })));
    }
    return found;
  }

  async count(query: Query, signal?: AbortSignal): Promise<number> {
    const { hits } = await this.aggregate({ query, track_total_hits: true }, signal);
    return hits.total?.value ?? 0;
  }

  /** A search for numbers only. */
  async aggregate<Answer extends object>(body: object, signal?: AbortSignal): Promise<Answer & Hits> {
    return this.ask<Answer & Hits>({
      method: 'POST',
      path: this.path,
      query: LENIENT,
      body: { size: 0, track_total_hits: false, ...body },
      signal,
    });
  }

  private get path(): string {
    return `/${this.store.catalog.all}/_search`;
  }

  private async slice(wanted: Wanted, pit?: string): Promise<readonly SearchHit[]> {
    const { query, size, order, after, signal } = wanted;
    const direction = order === 'newest' ? 'desc' : 'asc';
    const body = {
      query,
      size,
      track_total_hits: false,
      _source: ['record'],
      sort: [{ '@timestamp': direction }, { 'event.id': direction }],
      ...(after === undefined ? {} : { search_after: [after.at, after.id] }),
      ...(pit === undefined ? {} : { pit: { id: pit, keep_alive: KEEP } }),
    };
    const path = pit === undefined ? this.path : '/_search';
    const answer = await this.ask<Hits>({ method: 'POST', path, query: pit === undefined ? LENIENT : STRICT, body, signal });
    return answer.hits.hits.map(({ _id, _source, sort }) => ({
      id: _id,
      at: sort[0],
      eventId: sort[1],
      // What the store holds is what `append` was given.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked by what produced it
      event: JSON.parse(_source.record) as EcsEvent,
    }));
  }

  /** Asks again a while when the cluster has no room at the moment. */
  private async ask<Answer>(request: Request): Promise<Answer> {
    const { elastic, settings } = this.store;
    const { timeoutMs } = settings;
    if (request.signal?.aborted === true) throw eventsError('EVENTS_QUERY_CANCELLED');
    const patience = new Patience(Math.min(timeoutMs, SEARCH_PATIENCE_MS));
    for (;;) {
      try {
        return await elastic.request<Answer>({ ...request, timeoutMs });
      } catch (error) {
        const failure = readFailure(error, timeoutMs);
        const again =
          error instanceof ElasticFailure && error.passing && error.kind !== 'timeout' && !error.type.includes('circuit_breaking');
        if (!again) throw failure;
        await patience.wait(error.message);
      }
    }
  }
}

/** All shards must answer: part of an answer would be taken for the whole. */
const STRICT = { allow_partial_search_results: false } as const;
const LENIENT = { ...STRICT, ignore_unavailable: true, allow_no_indices: true } as const;

function scoped({ agencies }: Scope): Query {
  if (agencies === 'all') return { match_all: {} };
  return agencies.size === 0 ? NOTHING : { terms: { 'organization.id': [...agencies] } };
}

function clamp(at: number): number {
  return Math.trunc(Math.max(-LAST_DATE, Math.min(LAST_DATE, at)));
}

/** @throws EVENTS_RANGE_INVALID */
function within({ from, to }: TimeRange): Query {
  if (!(Number.isFinite(from) && Number.isFinite(to) && from < to)) throw eventsError('EVENTS_RANGE_INVALID');
  return { range: { '@timestamp': { gte: clamp(from), lt: clamp(to) } } };
}
