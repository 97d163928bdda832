/** What the main thread and the event store's worker say to each other. */
import type { IndexedUpTo } from '../contract.ts';
import type { Values } from './aggregate.ts';
import type { Age } from './maintain.ts';
import type { Find, Filter, StoredEvent } from './reader.ts';
import type { Note, StorageOptions } from './storage.ts';

/** Method → [arguments, result]. */
export interface Methods {
  append: [{ readonly records: readonly string[]; readonly upTo: readonly IndexedUpTo[] }, null];
  appendJson: [{ readonly lines: Uint8Array; readonly upTo: readonly IndexedUpTo[] }, null];
  offsets: [null, ReadonlyMap<number, number>];
  find: [Find, readonly StoredEvent[]];
  get: [{ readonly ids: readonly string[]; readonly agencies: Filter['agencies'] }, readonly StoredEvent[]];
  count: [Filter, number];
  histogram: [{ readonly filter: Filter; readonly intervalMs: number }, readonly (readonly [number, number])[]];
  values: [{ readonly filter: Filter; readonly field: string; readonly limit: number }, Values];
  removeBefore: [{ readonly before: number; readonly age: Age }, readonly string[]];
  flush: [null, null];
  stats: [null, StoreStats];
  startConsumer: [{ readonly module: string; readonly options: unknown }, null];
  stopConsumer: [null, null];
  askConsumer: [{ readonly question: string }, unknown];
  close: [null, null];
}

export interface StoreStats {
  readonly events: number;
  readonly bytes: number;
  readonly oldest?: number;
  readonly newest?: number;
}

export type Method = keyof Methods;

export interface Call {
  readonly call: number;
  readonly method: Method;
  readonly argument: unknown;
}

export type ToWorker = Call | { readonly cancel: number };

export type FromWorker =
  | { readonly ready: true }
  | { readonly failed: string }
  | { readonly note: Note }
  | { readonly answer: number; readonly result: unknown }
  | { readonly answer: number; readonly error: Failure };

/** An error as it crosses the border: a `VongError` keeps its code and details. */
export interface Failure {
  readonly code?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly message: string;
}

export interface WorkerData {
  readonly storage: StorageOptions;
  readonly timeoutMs: number;
}
