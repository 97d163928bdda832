/** Which whole batches retention may delete, and deleting them in short transactions so that writers hardly wait. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TopicConfig } from './contract.ts';
import type { LogStorage, OldBatch } from './storage.ts';

const BATCHES_PER_TRANSACTION = 200;
const PAGES_PER_STEP = 500;

export interface RetentionOptions {
  readonly now: number;
  /** Free bytes kept inside the file for the next batches, instead of shrinking it and growing it again. */
  readonly spareBytes: number;
}

export async function retainAll(storage: LogStorage, options: RetentionOptions): Promise<number> {
  let deleted = 0;
  for (const { id, config } of storage.topics.values()) deleted += await retainTopic(storage, { id, config, now: options.now });
  if (deleted > 0) await giveSpaceBack(storage, options.spareBytes);
  return deleted;
}

async function retainTopic(storage: LogStorage, topic: { id: number; config: TopicConfig; now: number }): Promise<number> {
  let deleted = 0;
  for (;;) {
    const records = storage.transaction(() => deleteSome(storage, topic));
    if (records === 0) return deleted;
    deleted += records;
    await nextTurn();
  }
}

function deleteSome(storage: LogStorage, { id, config, now }: { id: number; config: TopicConfig; now: number }): number {
  const { maxAgeMs = Infinity, maxBytes = Infinity } = config.retention;
  const states = storage.states(id);
  const floors = committedFloors(storage, id, config);
  let excess = states.reduce((sum, state) => sum + state.bytes, 0) - maxBytes;
  let deleted = 0;
  // Oldest first across partitions, so that a busy partition does not push out a quiet one's newer records.
  const queue = states.flatMap(({ partition }) =>
    storage.oldest(id, partition, BATCHES_PER_TRANSACTION).map((batch) => ({ partition, batch })),
  );
  queue.sort((a, b) => a.batch.timestamp - b.batch.timestamp || a.batch.id - b.batch.id);
  const doomed = new Map<number, OldBatch[]>();
  const stopped = new Set<number>();
  for (const { partition, batch } of queue.slice(0, BATCHES_PER_TRANSACTION)) {
    const old = now - batch.timestamp > maxAgeMs && batch.base + batch.count <= (floors.get(partition) ?? Infinity);
    if (stopped.has(partition) || (!old && excess <= 0)) {
      stopped.add(partition);
      continue;
    }
    excess -= batch.bytes;
    deleted += batch.count;
    doomed.set(partition, [...(doomed.get(partition) ?? []), batch]);
  }
  for (const [partition, batches] of doomed) storage.remove(id, partition, batches);
  return deleted;
}

/** The lowest offset any known group still has to read, per partition. A named group that never committed holds everything. */
function committedFloors(storage: LogStorage, topic: number, config: TopicConfig): Map<number, number> {
  const perGroup = new Map<string, Map<number, number>>((config.groups ?? []).map((group) => [group, new Map()]));
  for (const { grp, partition, next } of storage.groups(topic)) {
    const offsets = perGroup.get(grp) ?? new Map<number, number>();
    perGroup.set(grp, offsets.set(partition, next));
  }
  const floors = new Map<number, number>();
  for (const offsets of perGroup.values()) {
    for (let partition = 0; partition < config.partitions; partition++) {
      floors.set(partition, Math.min(floors.get(partition) ?? Infinity, offsets.get(partition) ?? 0));
    }
  }
  return floors;
}

async function giveSpaceBack(storage: LogStorage, spareBytes: number): Promise<void> {
  const pageSize = pragma(storage, 'page_size');
  for (;;) {
    const spare = pragma(storage, 'freelist_count') - Math.floor(spareBytes / pageSize);
    if (spare <= 0) break;
    storage.db.exec(`PRAGMA incremental_vacuum(${Math.min(spare, PAGES_PER_STEP)})`);
    await nextTurn();
  }
  storage.db.exec('PRAGMA wal_checkpoint(PASSIVE)');
}

function pragma(storage: LogStorage, name: 'page_size' | 'freelist_count'): number {
  const row = storage.db.prepare(`PRAGMA ${name}`).get();
  return Number(row?.[name] ?? 0);
}
