/** The SQLite file of the embedded log: its tables, settings and every statement that touches it. */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { OffsetCommit, PartitionState, TopicConfig } from './contract.ts';
import type { EncodedBatch } from './codec.ts';
import { logError } from './errors.ts';

/** auto_vacuum and page_size only take effect before the first table exists. */
const SETTINGS = `
  PRAGMA page_size = 16384;
  PRAGMA auto_vacuum = INCREMENTAL;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA wal_autocheckpoint = 2000;
  PRAGMA journal_size_limit = 67108864;
  PRAGMA temp_store = MEMORY;`;

const TABLES = `
  CREATE TABLE IF NOT EXISTS topics (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, partitions INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS partitions (
    topic INTEGER NOT NULL, partition INTEGER NOT NULL,
    start_offset INTEGER NOT NULL DEFAULT 0, end_offset INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (topic, partition)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS batches (
    id INTEGER PRIMARY KEY, topic INTEGER NOT NULL, partition INTEGER NOT NULL, base INTEGER NOT NULL,
    count INTEGER NOT NULL, timestamp INTEGER NOT NULL, crc INTEGER NOT NULL, bytes INTEGER NOT NULL, data BLOB NOT NULL);
  CREATE UNIQUE INDEX IF NOT EXISTS batches_place ON batches (topic, partition, base);
  CREATE TABLE IF NOT EXISTS producers (id TEXT PRIMARY KEY, sequence INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS offsets (
    grp TEXT NOT NULL, topic INTEGER NOT NULL, partition INTEGER NOT NULL, next INTEGER NOT NULL,
    PRIMARY KEY (grp, topic, partition)) WITHOUT ROWID;`;

const QUERIES = {
  grow: `UPDATE partitions SET end_offset = end_offset + ?, bytes = bytes + ? WHERE topic = ? AND partition = ? RETURNING end_offset AS end`,
  insert: `INSERT INTO batches (topic, partition, base, count, timestamp, crc, bytes, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  // One statement, one snapshot: between two, batches may come, and the first of them would be skipped.
  batchAt: `SELECT base, count, timestamp, crc, data FROM batches WHERE topic = ?1 AND partition = ?2 AND base >= coalesce(
    (SELECT iif(base + count > ?3, base, ?3) FROM batches WHERE topic = ?1 AND partition = ?2 AND base <= ?3 ORDER BY base DESC LIMIT 1),
    ?3) ORDER BY base LIMIT 1`,
  oldest: `SELECT id, base, count, timestamp, bytes FROM batches WHERE topic = ? AND partition = ? ORDER BY base LIMIT ?`,
  remove: `DELETE FROM batches WHERE id = ?`,
  shrink: `UPDATE partitions SET start_offset = ?, bytes = bytes - ? WHERE topic = ? AND partition = ?`,
  states: `SELECT partition, start_offset AS startOffset, end_offset AS endOffset, bytes FROM partitions WHERE topic = ? ORDER BY partition`,
  state: `SELECT partition, start_offset AS startOffset, end_offset AS endOffset, bytes FROM partitions WHERE topic = ? AND partition = ?`,
  sequence: `SELECT sequence FROM producers WHERE id = ?`,
  setSequence: `INSERT INTO producers (id, sequence) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET sequence = excluded.sequence`,
  commit: `INSERT INTO offsets (grp, topic, partition, next) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET next = excluded.next`,
  committed: `SELECT partition, next FROM offsets WHERE grp = ? AND topic = ?`,
  groups: `SELECT grp, partition, next FROM offsets WHERE topic = ?`,
} as const;

export interface StoredBatch extends EncodedBatch {
  readonly base: number;
  readonly timestamp: number;
}

export interface OldBatch {
  readonly id: number;
  readonly base: number;
  readonly count: number;
  readonly timestamp: number;
  readonly bytes: number;
}

interface BatchPlace {
  readonly topic: number;
  readonly partition: number;
  readonly timestamp: number;
}

/** A row in the shape that the statement's own SQL, above, gives it. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller names the row's type, nothing can infer it
function rowAs<Row>(row: unknown): Row {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- SQLite cannot type rows; the SQL above fixes each shape
  return row as Row;
}

export class LogStorage {
  readonly db: DatabaseSync;
  readonly topics: ReadonlyMap<string, { readonly id: number; readonly config: TopicConfig }>;
  readonly #statements = new Map<keyof typeof QUERIES, StatementSync>();

  constructor(path: string, topics: readonly TopicConfig[]) {
    this.db = new DatabaseSync(path, { timeout: 10_000 });
    this.db.exec(SETTINGS);
    this.topics = this.transaction(() => {
      this.db.exec(TABLES);
      return new Map(topics.map((config) => [config.name, { id: this.#openTopic(config), config }]));
    });
  }

  /** Runs the body in one write transaction; what it throws rolls everything back. */
  transaction<Result>(body: () => Result): Result {
    this.db.exec('BEGIN IMMEDIATE');
    try {
      const result = body();
      this.db.exec('COMMIT');
      return result;
    } catch (error) {
      this.#rollback();
      throw error;
    }
  }

  /** A full disk ends a transaction by itself: the second rollback fails and must not hide the real error. */
  #rollback(): void {
    try {
      this.db.exec('ROLLBACK');
    } catch {
      // nothing was open any more
    }
  }

  append(place: BatchPlace, batch: EncodedBatch): void {
    const { topic, partition, timestamp } = place;
    const row = rowAs<{ end: number } | undefined>(this.#sql('grow').get(batch.count, batch.data.byteLength, topic, partition));
    if (row === undefined) throw logError('LOG_UNKNOWN_TOPIC', { topic, partition });
    const base = row.end - batch.count;
    this.#sql('insert').run(topic, partition, base, batch.count, timestamp, batch.crc, batch.data.byteLength, batch.data);
  }

  /** The batch that holds the offset, or the first one after it. */
  batchAt(topic: number, partition: number, offset: number): StoredBatch | undefined {
    return rowAs<StoredBatch | undefined>(this.#sql('batchAt').get(topic, partition, offset));
  }

  oldest(topic: number, partition: number, limit: number): OldBatch[] {
    return rowAs<OldBatch[]>(this.#sql('oldest').all(topic, partition, limit));
  }

  /** Deletes the batches, all of one partition and its oldest. */
  remove(topic: number, partition: number, batches: readonly OldBatch[]): void {
    const last = batches.at(-1);
    if (last === undefined) return;
    for (const { id } of batches) this.#sql('remove').run(id);
    const bytes = batches.reduce((sum, batch) => sum + batch.bytes, 0);
    this.#sql('shrink').run(last.base + last.count, bytes, topic, partition);
  }

  states(topic: number): PartitionState[] {
    return rowAs<PartitionState[]>(this.#sql('states').all(topic));
  }

  state(topic: number, partition: number): PartitionState | undefined {
    return rowAs<PartitionState | undefined>(this.#sql('state').get(topic, partition));
  }

  sequence(producer: string): number {
    return rowAs<{ sequence: number } | undefined>(this.#sql('sequence').get(producer))?.sequence ?? -1;
  }

  setSequence(producer: string, sequence: number): void {
    this.#sql('setSequence').run(producer, sequence);
  }

  commit(topic: number, { group, partition, offset }: OffsetCommit): void {
    this.#sql('commit').run(group, topic, partition, offset);
  }

  committed(group: string, topic: number): Map<number, number> {
    const rows = rowAs<{ partition: number; next: number }[]>(this.#sql('committed').all(group, topic));
    return new Map(rows.map((row) => [row.partition, row.next]));
  }

  groups(topic: number): { grp: string; partition: number; next: number }[] {
    return rowAs<{ grp: string; partition: number; next: number }[]>(this.#sql('groups').all(topic));
  }

  #sql(name: keyof typeof QUERIES): StatementSync {
    const known = this.#statements.get(name);
    if (known !== undefined) return known;
    const statement = this.db.prepare(QUERIES[name]);
    this.#statements.set(name, statement);
    return statement;
  }

  #openTopic({ name, partitions }: TopicConfig): number {
    const found = rowAs<{ id: number; partitions: number } | undefined>(
      this.db.prepare('SELECT id, partitions FROM topics WHERE name = ?').get(name),
    );
    if (found !== undefined && found.partitions > partitions) {
      throw logError('LOG_PARTITIONS', { topic: name, stored: found.partitions, wanted: partitions });
    }
    if (found?.partitions === partitions) return found.id;
    const upsert = `INSERT INTO topics (name, partitions) VALUES (?, ?)
      ON CONFLICT (name) DO UPDATE SET partitions = excluded.partitions RETURNING id`;
    const { id } = rowAs<{ id: number }>(this.db.prepare(upsert).get(name, partitions));
    const add = this.db.prepare('INSERT OR IGNORE INTO partitions (topic, partition) VALUES (?, ?)');
    for (let partition = 0; partition < partitions; partition++) add.run(id, partition);
    return id;
  }
}
