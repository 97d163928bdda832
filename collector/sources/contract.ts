/**
 * What every input of the agent looks like. The agent stores each batch and the positions that come with it in one transaction,
 * so a source never has to remember anything itself: what it is given at `start` is exactly what was durable.
 */
import type { Clock } from '@vong/platform/clock';
import type { RawRecord } from '../contracts.ts';

/** Position entries to write (text) or to forget (null). A source chooses its keys; values are opaque to the agent, ≤ 4 KB each. */
export type PositionChanges = ReadonlyMap<string, string | null>;

/** At most `BATCH_LIMITS`; may hold no record at all when only positions changed. */
export interface SourceBatch {
  /** Which input of the source (a path, a channel): what the records are counted under. */
  readonly name: string;
  readonly records: readonly RawRecord[];
  /** The position after these records. */
  readonly positions: PositionChanges;
}

/** How one input of a source is doing. */
export interface SourceState {
  readonly name: string;
  /** Bytes not yet read, where the source can tell. */
  readonly behind?: number;
  /** What is wrong now; absent when all is well. */
  readonly error?: string;
}

/** What a source needs from the agent. */
export interface SourceContext {
  readonly clock: Clock;
  /** Name of this machine, put on every record. */
  readonly host: string;
}

/**
 * One kind of input; an agent has at most one source of a kind. Promises: record ids are a function of input and position;
 * the consumer may take as long as it likes between batches (nothing more is read meanwhile); `start` never throws for what the
 * input does, it shows in `states()` and is tried again.
 */
export interface Source {
  readonly kind: string;
  /** Reads on from the stored positions until `stop`, or until the input ends for good. Called once. */
  start(positions: ReadonlyMap<string, string>): AsyncIterable<SourceBatch>;
  /** Ends the iteration soon and frees what is held. */
  stop(): Promise<void>;
  /** Bytes not yet read over all inputs; undefined when the source cannot tell. */
  behind(): number | undefined;
  states(): readonly SourceState[];
}

/** A batch is closed at the first of these (one record may be larger). */
export const BATCH_LIMITS = { records: 2000, bytes: 256 * 1024 } as const;
