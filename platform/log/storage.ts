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
  holding: `SELECT base, count, timestamp, crc, data FROM batches WHERE topic = ? AND partition = ? AND base <= ? ORDER BY base DESC LIMIT 1`,
  after: `SELECT base, count, timestamp, crc, data FROM batches WHERE topic = ? AND partition = ? AND base > ? ORDER BY base LIMIT 1`,
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

export class LogStorage {
  readonly db: DatabaseSync;
  readonly topics: ReadonlyMap<string, { readonly id: number; readonly config: TopicConfig }>;
  readonly #statements: Record<keyof typeof QUERIES, StatementSync>;

  constructor(path: string, topics: readonly TopicConfig[]) {
    this.db = new DatabaseSync(path, { timeout: 10_000 });
    this.db.exec(SETTINGS);
    this.topics = this.transaction(() => {
      this.db.exec(TABLES);
      return new Map(topics.map((config) => [config.name, { id: this.#openTopic(config), config }]));
    });
    const prepared = Object.entries(QUERIES).map(([name, sql]) => [name, this.db.prepare(sql)] as const);
    this.#statements = Object.fromEntries(prepared) as Record<keyof typeof QUERIES, StatementSync>;
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
    const row = this.#statements.grow.get(batch.count, batch.data.byteLength, topic, partition) as { end: number } | undefined;
    if (row === undefined) throw logError('LOG_UNKNOWN_TOPIC', { topic, partition });
    const base = row.end - batch.count;
    this.#statements.insert.run(topic, partition, base, batch.count, timestamp, batch.crc, batch.data.byteLength, batch.data);
  }

  /** The batch that holds the offset, or the first one after it. */
  batchAt(topic: number, partition: number, offset: number): StoredBatch | undefined {
    const holding = this.#statements.holding.get(topic, partition, offset) as unknown as StoredBatch | undefined;
    if (holding !== undefined && offset < holding.base + holding.count) return holding;
    return this.#statements.after.get(topic, partition, offset) as unknown as StoredBatch | undefined;
  }

  oldest(topic: number, partition: number, limit: number): OldBatch[] {
    return this.#statements.oldest.all(topic, partition, limit) as unknown as OldBatch[];
  }

  /** Deletes the batches, all of one partition and its oldest. */
  remove(topic: number, partition: number, batches: readonly OldBatch[]): void {
    const last = batches.at(-1);
    if (last === undefined) return;
    for (const { id } of batches) this.#statements.remove.run(id);
    const bytes = batches.reduce((sum, batch) => sum + batch.bytes, 0);
    this.#statements.shrink.run(last.base + last.count, bytes, topic, partition);
  }

  states(topic: number): PartitionState[] {
    return this.#statements.states.all(topic) as unknown as PartitionState[];
  }

  state(topic: number, partition: number): PartitionState | undefined {
    return this.#statements.state.get(topic, partition) as unknown as PartitionState | undefined;
  }

  sequence(producer: string): number {
    return (this.#statements.sequence.get(producer) as { sequence: number } | undefined)?.sequence ?? -1;
  }

  setSequence(producer: string, sequence: number): void {
    this.#statements.setSequence.run(producer, sequence);
  }

  commit(topic: number, { group, partition, offset }: OffsetCommit): void {
    this.#statements.commit.run(group, topic, partition, offset);
  }

  committed(group: string, topic: number): Map<number, number> {
    const rows = this.#statements.committed.all(group, topic) as unknown as { partition: number; next: number }[];
    return new Map(rows.map((row) => [row.partition, row.next]));
  }

  groups(topic: number): { grp: string; partition: number; next: number }[] {
    return this.#statements.groups.all(topic) as unknown as { grp: string; partition: number; next: number }[];
  }

  #openTopic({ name, partitions }: TopicConfig): number {
    const found = this.db.prepare('SELECT id, partitions FROM topics WHERE name = ?').get(name) as
      | { id: number; partitions: number }
      | undefined;
    if (found !== undefined && found.partitions > partitions) {
      throw logError('LOG_PARTITIONS', { topic: name, stored: found.partitions, wanted: partitions });
    }
    if (found?.partitions === partitions) return found.id;
    const upsert = `INSERT INTO topics (name, partitions) VALUES (?, ?)
      ON CONFLICT (name) DO UPDATE SET partitions = excluded.partitions RETURNING id`;
    const { id } = this.db.prepare(upsert).get(name, partitions) as { id: number };
    const add = this.db.prepare('INSERT OR IGNORE INTO partitions (topic, partition) VALUES (?, ?)');
    for (let partition = 0; partition < partitions; partition++) add.run(id, partition);
    return id;
  }
}
