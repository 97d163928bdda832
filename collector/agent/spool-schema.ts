/** Format of the spool file; raised when an older version could not read it. */
export const SPOOL_VERSION = 2;

/** A body of some 100 KB is few pages of this size. */
export const PAGE_BYTES = 8192;

/**
 * The small cache keeps the agent within its memory. The write-ahead log keeps its size once it has grown (no size limit is set):
 * on a full disk it is the room in which acknowledged batches can still be deleted.
 */
export const SPOOL_SCHEMA = `
PRAGMA page_size = ${PAGE_BYTES};
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA cache_size = -2048;
PRAGMA wal_autocheckpoint = 512;
CREATE TABLE IF NOT EXISTS batches (sequence INTEGER PRIMARY KEY, records INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS positions (source TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (source, key)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reads (name TEXT PRIMARY KEY, read INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rejected (
  sequence INTEGER PRIMARY KEY, status INTEGER NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL, records INTEGER NOT NULL, body BLOB NOT NULL
) STRICT;
`;
