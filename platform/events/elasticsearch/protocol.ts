/** What the main thread and the thread that feeds Elasticsearch say to each other. */
import type { Failure } from '../duckdb/protocol.ts';
import type { ElasticOptions } from './options.ts';
import type { Note, RejectedEvent } from './store.ts';

export interface FeederData {
  readonly store: ElasticOptions;
  /** URL of the module whose `createConsumer` is run. */
  readonly module: string;
  readonly options: unknown;
}

export type ToFeeder =
  | { readonly call: number; readonly question: string }
  | { readonly call: number; readonly stop: true }
  /** The main thread has taken note of the rejected events of this call. */
  | { readonly noted: number; readonly error?: string };

export type FromFeeder =
  /** Call 0 is the start. */
  | { readonly answer: number; readonly result: unknown }
  | { readonly answer: number; readonly error: Failure }
  | { readonly note: Parameters<Note> }
  | { readonly rejected: number; readonly events: readonly RejectedEvent[] };
