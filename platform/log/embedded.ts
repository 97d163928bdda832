import { setImmediate as nextTurn } from 'node:timers/promises';
import { mkdirSync, realpathSync } from 'node:fs';
import { dirname, join, basename } from 'node:path';
import type { Clock } from '../clock/index.ts';
import type { AppendRequest, AppendResult, GroupRequest, Log, Membership, TopicConfig, WaitRequest } from './contract.ts';
import { checkPartition, prepareAppend, takeTransaction, writeAppend, type PreparedAppend } from './appends.ts';
import { logError } from './errors.ts';
import { translate } from './failures.ts';
import { LogReader } from './reader.ts';
import { retainAll } from './retention.ts';
import { SpaceFloor } from './space.ts';
import { LogStorage } from './storage.ts';
import { Wakeup } from './wakeup.ts';

export interface EmbeddedLogOptions {
  /** The file; its folder is made when missing. */
  readonly path: string;
  readonly topics: readonly TopicConfig[];
  readonly clock: Clock;
  /** Appends are refused with LOG_FULL while the disk has less than this free; default 0 (the disk's own end). */
  readonly minFreeBytes?: number;
  /** Bytes that retention keeps inside the file for reuse instead of giving them back; default 64 MiB. */
  readonly spareBytes?: number;
}

interface QueuedAppend {
  readonly prepared: PreparedAppend;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (reason: unknown) => void;
}

/** Opens the embedded log. One instance per thread; any number of threads of one process may open the same file. */
export function openLog(options: EmbeddedLogOptions): Log {
  mkdirSync(dirname(options.path), { recursive: true });
  const path = join(realpathSync(dirname(options.path)), basename(options.path));
  try {
    return embeddedLog(options, path, new LogStorage(path, options.topics));
  } catch (error) {
    throw translate(error, path);
  }
}

function embeddedLog(options: EmbeddedLogOptions, path: string, storage: LogStorage): Log {
  const reader = new LogReader(storage);
  const wakeup = new Wakeup(path);
  const floor = new SpaceFloor(dirname(path), options.minFreeBytes ?? 0);
  const queue: QueuedAppend[] = [];
  let closed = false;

  /** Every call passes here: refuses after close, and turns SQLite's failures into the log's. */
  async function guarded<Result>(body: () => Result | Promise<Result>): Promise<Result> {
    if (closed) throw logError('LOG_CLOSED');
    try {
      return await body();
    } catch (error) {
      throw translate(error, path);
    }
  }

  function flush(): void {
    while (queue.length > 0) writeTogether(takeTransaction(queue));
  }

  function writeTogether(items: readonly QueuedAppend[]): void {
    try {
      const now = options.clock.now();
      const results = storage.transaction(() => items.map(({ prepared }) => writeAppend(storage, prepared, now)));
      const grown = items.filter((_, index) => results[index]?.duplicate === false).flatMap(({ prepared }) => prepared.batches);
      if (grown.length > 0) wakeup.grown([...new Set(grown.map(({ topic }) => topic))]);
      items.forEach(({ resolve }, index) => resolve(results[index] ?? { duplicate: false }));
    } catch (error) {
      // One append must not fail another: alone, only the guilty one fails.
      if (items.length > 1) for (const item of items) writeTogether([item]);
      else for (const { reject } of items) reject(error);
    }
  }

  function append(request: AppendRequest): Promise<AppendResult> {
    return guarded(() => {
      if (!floor.enough()) throw logError('LOG_FULL');
      const prepared = prepareAppend(storage, request);
      return new Promise<AppendResult>((resolve, reject) => {
        queue.push({ prepared, resolve, reject });
        if (queue.length === 1) setImmediate(flush);
      });
    });
  }

  async function waitForData({ topic, next, timeoutMs, signal }: WaitRequest): Promise<boolean> {
    const grown = await guarded(() => reader.growthCheck(topic, next));
    await nextTurn();
    if (closed) return false;
    return guarded(() => {
      return grown() || wakeup.wait(topic, () => !closed && grown(), { timeoutMs, signal });
    });
  }

  /** Members are threads that know of each other: each takes its share for as long as it lives. */
  async function join({ topic, share = { index: 0, of: 1 }, onAssigned, onRevoked }: GroupRequest): Promise<Membership> {
    const states = await guarded(() => storage.states(checkPartition(storage, topic)));
    const own = states.map(({ partition }) => partition).filter((partition) => partition % share.of === share.index);
    await onAssigned(own);
    let left = false;
    return {
      leave: async () => {
        if (left) return;
        left = true;
        await onRevoked(own);
      },
    };
  }

  return {
    append,
    waitForData,
    join,
    read: (request) => guarded(() => reader.read(request)),
    commit: async (commits) => {
      await append({ batches: [], commits });
    },
    committed: (group, topic) => guarded(() => storage.committed(group, checkPartition(storage, topic))),
    partitions: (topic) => guarded(() => storage.states(checkPartition(storage, topic))),
    lastSequence: (producerId) => guarded(() => storage.sequence(producerId)),
    retain: () =>
      guarded(async () => {
        const spareBytes = options.spareBytes ?? 64 * 1024 * 1024;
        return { deletedRecords: await retainAll(storage, { now: options.clock.now(), spareBytes }) };
      }),
    close: async () => {
      if (closed) return;
      flush();
      closed = true;
      wakeup.close();
      storage.db.close();
    },
  };
}
