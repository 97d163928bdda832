/** What SQLite's failures mean to someone who uses the log. */
import { hasCode } from '../errors/index.ts';
import { logError } from './errors.ts';

const PRIMARY = 0xff;
const SQLITE = { busy: 5, ioError: 10, corrupt: 11, full: 13, notADatabase: 26 };
/** Extended I/O errors that a full disk causes: write, truncate, and growing the shared-memory file (SQLite's rescode page). */
const OUT_OF_SPACE = new Set([778, 1546, 4618, 4874]);

export function sqliteCode(error: unknown): number | undefined {
  return typeof error === 'object' && error !== null && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined;
}

/** The log's own error for a failure of SQLite or the file system; anything else comes back as it is. */
export function translate(error: unknown, path: string): unknown {
  if (hasCode(error, 'ENOSPC') || hasCode(error, 'EDQUOT')) return logError('LOG_FULL', {}, error);
  const code = sqliteCode(error);
  if (code === undefined) return error;
  const primary = code & PRIMARY;
  if (primary === SQLITE.full || OUT_OF_SPACE.has(code)) return logError('LOG_FULL', {}, error);
  if (primary === SQLITE.busy) return logError('LOG_BUSY', {}, error);
  if (primary === SQLITE.corrupt || primary === SQLITE.notADatabase) {
    return logError('LOG_DAMAGED', { path, reason: error instanceof Error ? error.message : String(error) }, error);
  }
  return error;
}

export function isBusy(error: unknown): boolean {
  return ((sqliteCode(error) ?? 0) & PRIMARY) === SQLITE.busy;
}
