/**
 * Push to browsers. Every change a console must see is a row of the state's table `changes` with a growing sequence, written in
 * the same transaction as what changed. A client sends the last sequence it has; the server joins it to its room first, then
 * pages what is missing, with acknowledgements; the client drops what it knows. So a reconnect misses nothing, after any time.
 */
import type { Generated, Transaction } from 'kysely';

export type ChangeKind = 'alert' | 'agent' | 'rule' | 'replay' | 'dead_letter';

export interface Change {
  readonly sequence: number;
  readonly kind: ChangeKind;
  readonly agency: string;
  /** Id of what changed. */
  readonly key: string;
  /** The thing as the console's contract shows it (for `alert`: `AlertSummary`), JSON. */
  readonly body: unknown;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface ChangeTables {
  changes: { sequence: Generated<number>; kind: ChangeKind; agency: string; key: string; body: string; at: number };
}

export interface Live {
  /** Writes the change, or all of them in this order, inside the caller's transaction; after its commit call `announce()`. */
  record(trx: Transaction<ChangeTables>, changes: Omit<Change, 'sequence'> | readonly Omit<Change, 'sequence'>[]): Promise<void>;
  /** Tells connected sockets that there is something new; cheap, may be called after every commit. */
  announce(): void;
  close(): Promise<void>;
}
