/**
 * What of the events has been read and stored in the cluster already: `move.db` in the node's data directory. Without it the work
 * begins anew and changes nothing that is there.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { randomId } from '@vong/platform/ids';

export const PROGRESS_FILE = 'move.db';

/** Half-open interval of `@timestamp`, ms, and what was read of it. */
export interface SlotRead {
  readonly events: number;
  readonly checksum: string;
  /** Where reading goes on; null once the slot was read to its end. */
  readonly cursor: string | null;
}

export class ProgressFile {
  readonly #db: DatabaseSync;

  constructor(directory: string) {
    this.#db = new DatabaseSync(join(directory, PROGRESS_FILE), { timeout: 10_000 });
    this.#db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
      CREATE TABLE IF NOT EXISTS move (id TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS slots (start INTEGER, stop INTEGER, events INTEGER NOT NULL, checksum TEXT NOT NULL, cursor TEXT,
        PRIMARY KEY (start, stop)) WITHOUT ROWID;`);
  }

  /** Of the move; undefined before `begin`. */
  get id(): string | undefined {
    const row = this.#db.prepare('SELECT id FROM move').get();
    return row === undefined ? undefined : String(row['id']);
  }

  /** A move of its own: nothing is done of it. */
  begin(): string {
    const id = randomId();
    this.#db.exec('BEGIN; DELETE FROM move; DELETE FROM slots');
    this.#db.prepare('INSERT INTO move (id) VALUES (?)').run(id);
    this.#db.exec('COMMIT');
    return id;
  }

  slot(from: number, to: number): SlotRead | undefined {
    const row = this.#db.prepare('SELECT events, checksum, cursor FROM slots WHERE start = ? AND stop = ?').get(from, to);
    if (row === undefined) return undefined;
    const { events, checksum, cursor } = row;
    return { events: Number(events), checksum: String(checksum), cursor: cursor === null ? null : String(cursor) };
  }

  save(from: number, to: number, { events, checksum, cursor }: SlotRead): void {
    this.#db
      .prepare('INSERT OR REPLACE INTO slots (start, stop, events, checksum, cursor) VALUES (?, ?, ?, ?, ?)')
      .run(from, to, events, checksum, cursor);
  }

  /** Stores what all of them save, or nothing. */
  together(saves: readonly (() => void)[]): void {
    this.#db.exec('BEGIN');
    try {
      for (const save of saves) save();
      this.#db.exec('COMMIT');
    } catch (error) {
      this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.#db.close();
  }
}
