/**
 * One process per data directory. The lock is SQLite's exclusive lock on `lock.db`: the kernel drops it with the process, so
 * `kill -9` leaves nothing to clean up. `lock.json` beside it only tells people who holds it.
 * Assumes a local file system: POSIX locks on network shares may lie.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { hasCode } from '../errors/index.ts';
import { logError } from './errors.ts';
import { isBusy } from './failures.ts';
import { refuseMoved } from './moved.ts';

export interface DirectoryLock {
  /** Gives the directory back; safe to call twice. */
  release(): void;
}

/** Whoever drops what `lockDataDirectory` gave keeps the directory all the same: a collected connection would let go of it. */
const HELD = new Set<DatabaseSync>();

/**
 * Takes the directory (made when missing) or throws DATA_DIR_LOCKED, naming the process that has it; DATA_DIR_MOVED for one whose
 * node goes on in a cluster, unless that is what the caller is at (`moved`).
 */
export function lockDataDirectory(dir: string, { moved = false }: { readonly moved?: boolean } = {}): DirectoryLock {
  const directory = resolve(dir);
  const holder = join(directory, 'lock.json');
  const db = open(directory);
  try {
    db.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
    if (!moved) refuseMoved(directory);
    writeFileSync(holder, JSON.stringify({ pid: process.pid }));
  } catch (error) {
    db.close();
    if (hasCode(error, 'DATA_DIR_MOVED')) throw error;
    if (isBusy(error)) throw logError('DATA_DIR_LOCKED', lockDetails(directory, holder), error);
    throw logError('DATA_DIR_UNUSABLE', { directory, reason: reasonOf(error) }, error);
  }
  HELD.add(db);
  let held = true;
  return {
    release() {
      if (!held) return;
      held = false;
      rmSync(holder, { force: true });
      db.exec('ROLLBACK');
      db.close();
      HELD.delete(db);
    },
  };
}

function open(directory: string): DatabaseSync {
  try {
    mkdirSync(directory, { recursive: true });
    return new DatabaseSync(join(directory, 'lock.db'), { timeout: 0 });
  } catch (error) {
    throw logError('DATA_DIR_UNUSABLE', { directory, reason: reasonOf(error) }, error);
  }
}

function lockDetails(directory: string, holder: string): Record<string, unknown> {
  const pid = readPid(holder);
  return pid === undefined ? { directory, holder: '' } : { directory, pid, holder: ` (pid ${pid})` };
}

function readPid(holder: string): number | undefined {
  try {
    const parsed: unknown = JSON.parse(readFileSync(holder, 'utf8'));
    if (typeof parsed !== 'object' || parsed === null || !('pid' in parsed)) return undefined;
    return Number.isSafeInteger(parsed.pid) ? Number(parsed.pid) : undefined;
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
