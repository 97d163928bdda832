/**
 * A loop that feeds the event store from inside its worker thread, so that events do not cross a thread border. The module named
 * exports `createConsumer`; `platform` knows nothing else about it.
 */
import type { IndexedUpTo } from './contract.ts';

/** So many events of the agency were received (`event.ingested`, ms) at once. */
export interface Received {
  readonly agency: string;
  readonly at: number;
  readonly count: number;
}

export interface Appended {
  readonly stored: number;
  readonly duplicates: number;
  /** Records that are no events; reported in the log, never silently. */
  readonly rejected: number;
  /** Of those stored. */
  readonly received: readonly Received[];
}

export interface ConsumerHost {
  /** As `EventStore.append`; each record is the UTF-8 JSON of an `EcsEvent`. */
  append(records: readonly Uint8Array[], upTo: readonly IndexedUpTo[]): Promise<Appended>;
  /** Where other processes feed the same store: reads again how far it is, for `indexedUpTo` and `durableUpTo`. */
  refresh?(): Promise<void>;
  /** Next offset per partition: everything before it is searchable. */
  indexedUpTo(): ReadonlyMap<number, number>;
  /** As `indexedUpTo`, of what a crash can not take away: the log may let go of everything before it. */
  durableUpTo(): ReadonlyMap<number, number>;
  warn(message: string, details: Readonly<Record<string, unknown>>): void;
}

export interface EventConsumer {
  /** Stops reading, finishes what was read. */
  stop(): Promise<void>;
  /** Answers questions from the other side of the thread border, e.g. counters. The result must survive structured clone. */
  ask(question: string): Promise<unknown>;
}

export type CreateConsumer = (host: ConsumerHost, options: unknown) => Promise<EventConsumer>;

/** The handle on the outside. */
export interface ConsumerHandle {
  ask(question: string): Promise<unknown>;
  stop(): Promise<void>;
}
