/** Batches that the gateway will never take, kept with the reason for a person to look at: the newest 64 MB. */
import type { SpooledBatch } from './spool.ts';
import type { SpoolFile } from './spool-file.ts';

const REJECTED_BYTES = 64 * 1024 * 1024;
const REASON_LENGTH = 2000;

export interface RejectReason {
  /** Of HTTP. */
  readonly status: number;
  readonly text: string;
  /** When, milliseconds since the epoch. */
  readonly at: number;
}

export interface Rejection {
  readonly sequence: number;
  readonly status: number;
  readonly reason: string;
  readonly records: number;
}

/** Within the transaction that takes the batch from those that wait. */
export function putAside(file: SpoolFile, batch: SpooledBatch, { status, text, at }: RejectReason): void {
  const { sequence, records, body } = batch;
  file
    .statement('INSERT OR REPLACE INTO rejected (sequence, status, reason, at, records, body) VALUES (?, ?, ?, ?, ?, ?)')
    .run(sequence, status, text.slice(0, REASON_LENGTH), at, records, body);
  file
    .statement(
      'DELETE FROM rejected WHERE sequence <= (SELECT max(sequence) FROM (SELECT sequence, sum(length(body)) OVER (ORDER BY sequence DESC) AS total FROM rejected) WHERE total > ?)',
    )
    .run(REJECTED_BYTES);
}

export function rejectionsOf(file: SpoolFile): Rejection[] {
  const rows = file.statement('SELECT sequence, status, reason, records FROM rejected ORDER BY sequence').all();
  return rows.map((row) => ({
    sequence: Number(row['sequence']),
    status: Number(row['status']),
    reason: String(row['reason']),
    records: Number(row['records']),
  }));
}
