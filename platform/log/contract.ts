/**
 * The durable log: topics of partitions of records with offsets, in Kafka's words. Embedded: SQLite; cluster: Apache Kafka.
 * Every implementation passes `platform/log/test/conformance.ts`.
 *
 * Promises: a record is durable before `append` resolves. Within a partition, offsets grow by one without gaps and readers see
 * append order. A batch with a producer sequence already stored is not stored again. `append` with `commits` never moves an offset
 * without its records: embedded, both are stored together or not at all; on Kafka records come first, so that a crash in between
 * has them read, and appended, again. Whoever consumes a topic drops by id what it knows.
 */
export interface LogRecord {
  /** Decides the partition (equal keys, equal partition). */
  readonly key: string;
  readonly value: Uint8Array;
}

export interface StoredRecord extends LogRecord {
  readonly partition: number;
  readonly offset: number;
  /** When the log took it, milliseconds since the epoch. */
  readonly timestamp: number;
}

/** A source of numbered batches. `sequence` grows by one per batch and producer; a number at or below the last stored is a duplicate. */
export interface Producer {
  readonly id: string;
  readonly sequence: number;
}

export interface TopicBatch {
  readonly topic: TopicName;
  readonly records: readonly LogRecord[];
}

export interface OffsetCommit {
  readonly group: string;
  readonly topic: TopicName;
  readonly partition: number;
  /** The next offset to read. */
  readonly offset: number;
}

export interface AppendRequest {
  readonly batches: readonly TopicBatch[];
  readonly producer?: Producer;
  readonly commits?: readonly OffsetCommit[];
}

export interface AppendResult {
  /** True when the producer's sequence was already stored: nothing was written. */
  readonly duplicate: boolean;
}

export interface ReadRequest {
  readonly topic: TopicName;
  readonly partition: number;
  readonly offset: number;
  readonly maxRecords: number;
  /** Bytes of record values; at least one record is returned even when it is larger. */
  readonly maxBytes?: number;
}

export interface WaitRequest {
  readonly topic: TopicName;
  /** Partition → the offset the caller will read next. */
  readonly next: ReadonlyMap<number, number>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface ReadResult {
  readonly records: readonly StoredRecord[];
  /** Where to read next; beyond the requested offset when retention removed what was asked for. */
  readonly nextOffset: number;
  /** Records from the requested offset to `nextOffset` that cannot be read; there are no others in this result. To be reported. */
  readonly damaged?: { readonly reason: string };
}

/** A member of a consumer group: of all members, one reads a partition at a time. */
export interface GroupRequest {
  readonly group: string;
  readonly topic: TopicName;
  /** Which part of the partitions a member takes where the log does not share them out itself (embedded); default all. */
  readonly share?: { readonly index: number; readonly of: number };
  /** These partitions are this member's from now on. Awaited; never while `onRevoked` runs. */
  readonly onAssigned: (partitions: readonly number[]) => Promise<void>;
  /**
   * These are to be given up: another member gets them once this has resolved (or once this member is taken for dead). What is in
   * hand should be finished and committed.
   */
  readonly onRevoked: (partitions: readonly number[]) => Promise<void>;
}

export interface Membership {
  /** Gives everything up (`onRevoked` first) and leaves the group. */
  leave(): Promise<void>;
}

export interface PartitionState {
  readonly partition: number;
  /** First offset still kept. */
  readonly startOffset: number;
  /** Offset the next record will get. */
  readonly endOffset: number;
  readonly bytes: number;
}

export interface Retention {
  readonly maxAgeMs?: number;
  readonly maxBytes?: number;
}

export type TopicName = 'events' | 'signals' | 'alerts' | 'dead-letters';

export interface TopicConfig {
  readonly name: TopicName;
  readonly partitions: number;
  readonly retention: Retention;
  /** Groups whose unread records are kept even before their first commit (unless maxBytes forces them out). */
  readonly groups?: readonly string[];
}

export interface Log {
  /** Rejects with LOG_FULL when the disk has no room (the gateway answers 503), LOG_CLOSED after close. */
  append(request: AppendRequest): Promise<AppendResult>;
  read(request: ReadRequest): Promise<ReadResult>;
  /**
   * Resolves true when a partition named in `next` holds a record at or beyond its offset, false after `timeoutMs` or when aborted.
   * Works across threads. Always lets other work of the thread go first, so a loop around it never starves messages.
   */
  waitForData(request: WaitRequest): Promise<boolean>;
  /** Rejects with LOG_FENCED when this log joined the group and a partition is no longer its own. */
  commit(commits: readonly OffsetCommit[]): Promise<void>;
  /** Becomes a member of a group; at most once for each group and topic. Resolves once the group has been asked. */
  join(request: GroupRequest): Promise<Membership>;
  /** The next offset to read of each partition of the topic for the group; 0-based start when never committed. */
  committed(group: string, topic: TopicName): Promise<ReadonlyMap<number, number>>;
  partitions(topic: TopicName): Promise<readonly PartitionState[]>;
  /** Highest stored sequence of a producer, or -1. */
  lastSequence(producerId: string): Promise<number>;
  /** Deletes what retention allows, whole batches only, never beyond what the named groups have committed unless maxBytes forces it. */
  retain(): Promise<{ readonly deletedRecords: number }>;
  close(): Promise<void>;
}

/** Same key, same partition, on every implementation: FNV-1a 32-bit over UTF-16 code units, modulo partitions. */
export function partitionOf(key: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % partitions;
}
