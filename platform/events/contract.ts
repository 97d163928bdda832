/**
 * The searchable event store: embedded DuckDB, cluster Elasticsearch; one query language (a KQL subset) → AST → SQL or ES DSL.
 * Every implementation passes `platform/events/test/conformance.ts`: same corpus, same answers.
 *
 * Promises: every event is stored exactly once (by its id; the consumer's offset is stored with the events or after them, never before);
 * a reader sees only events of its scope, applied here and nowhere else.
 */
import type { EcsEvent } from './ecs.ts';
import type { Scope } from '../identity/scope.ts';

/** Half-open interval of `@timestamp`, milliseconds since the epoch. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

export interface SearchRequest {
  readonly scope: Scope;
  /** KQL; empty matches all. */
  readonly query: string;
  readonly range?: TimeRange;
  /** 1…1,000; default 100. */
  readonly limit?: number;
  readonly order?: 'newest' | 'oldest';
  /** From the previous page's `next`. Paging misses and repeats nothing, whatever arrives meanwhile behind the cursor. */
  readonly cursor?: string;
}

export interface SearchPage {
  readonly items: readonly EcsEvent[];
  readonly next?: string;
  readonly tookMs: number;
}

export interface Histogram {
  readonly intervalMs: number;
  readonly total: number;
  readonly buckets: readonly { readonly from: number; readonly count: number }[];
}

export interface FieldInfo {
  /** ECS dotted name. */
  readonly name: string;
  readonly type: 'keyword' | 'text' | 'number' | 'date' | 'ip' | 'boolean';
  /** Events of the sample that have it. */
  readonly count: number;
}

export interface FieldValues {
  readonly values: readonly { readonly value: string; readonly count: number }[];
  readonly other: number;
  readonly missing: number;
}

export interface Aggregable {
  readonly scope: Scope;
  readonly query: string;
  readonly range?: TimeRange;
}

/** Where an indexed record came from. */
export interface IndexedUpTo {
  readonly partition: number;
  /** The next offset to read. */
  readonly offset: number;
  /**
   * The offset this batch begins at. Given, the batch is refused unless everything before it is stored: after a failed batch the
   * one behind it must not step over what is missing.
   */
  readonly from?: number;
}

export interface EventStore {
  /**
   * Makes the events searchable and moves the offsets on with them. Of a batch that fails none may be searchable, or (Elasticsearch,
   * which knows no transactions) some with the offsets where they were: the batch that comes again completes it. A crash may take
   * the latest batches away, whole and with their offsets: the log they came from still has them, and feeding goes on from
   * `indexedUpTo`. Closing keeps everything. Throws EVENTS_GAP for a batch that does not begin where the store ends (`from`).
   */
  append(events: readonly EcsEvent[], upTo: readonly IndexedUpTo[]): Promise<void>;
  /** Next offset per partition. */
  indexedUpTo(): Promise<ReadonlyMap<number, number>>;
  /** Reads end with EVENTS_QUERY_CANCELLED when their signal is aborted. */
  search(request: SearchRequest, signal?: AbortSignal): Promise<SearchPage>;
  count(request: Aggregable, signal?: AbortSignal): Promise<number>;
  get(scope: Scope, ids: readonly string[]): Promise<readonly EcsEvent[]>;
  histogram(request: Aggregable & { readonly range: TimeRange; readonly buckets?: number }, signal?: AbortSignal): Promise<Histogram>;
  fields(request: Aggregable, signal?: AbortSignal): Promise<readonly FieldInfo[]>;
  /** Not for `event.original`, which nearly every event has one of its own of: EVENTS_FIELD_NOT_COUNTED. */
  fieldValues(request: Aggregable & { readonly field: string; readonly limit?: number }, signal?: AbortSignal): Promise<FieldValues>;
  /**
   * Removes, in whole days, events that happened and were received before `before` (a recording of years ago stays as long as what
   * happens today), and oldest days beyond `maxBytes`.
   */
  retain(limits: { readonly before?: number; readonly maxBytes?: number }): Promise<{ readonly deletedDays: readonly string[] }>;
  stats(): Promise<{ readonly events: number; readonly bytes: number; readonly oldest?: number; readonly newest?: number }>;
  close(): Promise<void>;
}
