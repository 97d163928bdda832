/** What went wrong with PostgreSQL, in the state's own errors. Codes: appendix A of PostgreSQL's documentation. */
import { DatabaseError } from 'pg';
import { VongError } from '../../errors/index.ts';
import { stateError } from '../errors.ts';

export interface FailureContext {
  readonly address: string;
  readonly statementTimeoutMs: number;
}

export const RETRY_SECONDS = 2;

/** Shutting down, crashed, starting up, session ended by its idle time; too many connections; who we are is not accepted (any more). */
const UNAVAILABLE = new Set(['57P01', '57P02', '57P03', '57P04', '57P05', '25P03', '53300', '3D000', '25006']);
const UNAVAILABLE_CLASSES = new Set(['08', '28']);
/** Another writer did not end in time; deadlock; serialisation. */
const BUSY = new Set(['55P03', '40P01', '40001']);
const DAMAGED = new Set(['XX001', 'XX002']);
const TOO_LATE = '57014';
const DISK_FULL = '53100';
/** A value that its column cannot take; an entry of an index that is too long. */
const VALUE_CLASSES = new Set(['22', '54']);
/** node-postgres has no codes for its own errors. */
const NO_FREE_CONNECTION = 'timeout exceeded when trying to connect';

/** True when the connection cannot be used any more, or there was none. */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof Error && error.message === NO_FREE_CONNECTION) return false;
  if (!(error instanceof DatabaseError))
    return !(error instanceof VongError) && !(error instanceof TypeError) && !(error instanceof RangeError);
  const { code = '' } = error;
  return UNAVAILABLE.has(code) || UNAVAILABLE_CLASSES.has(code.slice(0, 2));
}

/** The state's own error for a failure of PostgreSQL or of the way to it; anything else comes back as it is. */
export function translated(error: unknown, { address, statementTimeoutMs }: FailureContext): unknown {
  if (error instanceof Error && error.message === NO_FREE_CONNECTION) return stateError('STATE_BUSY', {}, error);
  if (isConnectionLost(error)) {
    return stateError('STATE_UNAVAILABLE', { address, reason: reasonOf(error), retryAfterSeconds: RETRY_SECONDS }, error);
  }
  if (!(error instanceof DatabaseError)) return error;
  const { code = '' } = error;
  if (BUSY.has(code)) return stateError('STATE_BUSY', {}, error);
  if (code === TOO_LATE) return stateError('STATE_TIMEOUT', { seconds: statementTimeoutMs / 1000 }, error);
  if (code === DISK_FULL) return stateError('STATE_FULL', {}, error);
  if (DAMAGED.has(code)) return stateError('STATE_DAMAGED', { path: address, reason: error.message }, error);
  if (VALUE_CLASSES.has(code.slice(0, 2))) return stateError('STATE_VALUE', { reason: error.message }, error);
  return error;
}

export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Several addresses of one host were tried: the error of all of them has no words of its own.
  if (error instanceof AggregateError) return [...new Set(error.errors.map(reasonOf))].join('; ');
  return error.message;
}
