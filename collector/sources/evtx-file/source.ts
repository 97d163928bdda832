/** Follows EVTX files: new records by record id. */
import { open, stat, type FileHandle } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { isoTime } from '@vong/platform/clock';
import { stableId } from '@vong/platform/ids';
import type { RawRecord } from '../../contracts.ts';
import type { EvtxItem, EvtxRecord } from '../evtx/index.ts';
import { BATCH_LIMITS, type Source, type SourceBatch, type SourceContext, type SourceState } from '../contract.ts';
import { expand } from '../file/index.ts';
import { beginsAsEvtx, listChunks, readRecords, type Chunk } from './chunks.ts';
import { formatPosition, parsePosition, type EvtxPosition } from './position.ts';

export interface EvtxFileSourceOptions {
  /** Paths or patterns. */
  readonly patterns: readonly string[];
  /** Milliseconds between two looks; default 1000. */
  readonly interval?: number;
}

interface Followed {
  readonly path: string;
  position: EvtxPosition;
  /** Size and time of change at the last complete reading. */
  seen: string;
  error: string | undefined;
  unreadable: number;
}

/** Records: `source: 'evtx'`, `format: 'windows'`, `raw` = the event as JSON. */
export function createEvtxFileSource(options: EvtxFileSourceOptions, context: SourceContext): Source {
  return new EvtxFileSource(options, context);
}

class EvtxFileSource implements Source {
  readonly kind = 'evtx';
  readonly #options: EvtxFileSourceOptions;
  readonly #context: SourceContext;
  readonly #files = new Map<string, Followed>();
  readonly #stopping = new AbortController();

  constructor(options: EvtxFileSourceOptions, context: SourceContext) {
    this.#options = options;
    this.#context = context;
  }

  async *start(positions: ReadonlyMap<string, string>): AsyncGenerator<SourceBatch> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      for (const path of await expand(this.#options.patterns)) {
        const file = this.#files.get(path) ?? {
          path,
          position: parsePosition(positions.get(path)),
          seen: '',
          error: undefined,
          unreadable: 0,
        };
        this.#files.set(path, file);
        yield* this.#readFile(file);
      }
      await delay(this.#options.interval ?? 1000, undefined, { signal }).catch(() => undefined);
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.resolve();
  }

  behind(): undefined {
    return undefined;
  }

  states(): readonly SourceState[] {
    return [...this.#files.values()].map(({ path, error, unreadable }) => {
      const problem = error ?? (unreadable > 0 ? `${unreadable} records could not be read` : undefined);
      return { name: path, ...(problem === undefined ? {} : { error: problem }) };
    });
  }

  async *#readFile(file: Followed): AsyncGenerator<SourceBatch> {
    let handle: FileHandle | undefined;
    try {
      const { size, mtimeMs } = await stat(file.path);
      const seen = `${size} ${mtimeMs}`;
      if (seen === file.seen) return;
      handle = await open(file.path, 'r');
      if (!(await beginsAsEvtx(handle)) && size > 0) throw new Error('this is no EVTX file');
      const chunks = await listChunks(handle);
      if (chunks.length > 0 && !(await isSameLog(handle, chunks, file.position))) {
        file.position = { generation: file.position.generation + 1, after: -1n, timestamp: '' };
      }
      for (const chunk of chunks) {
        if (this.#stopping.signal.aborted) return;
        if (chunk.last > file.position.after) yield* this.#batches(file, await readRecords(handle, chunk, file.position.after));
      }
      file.seen = seen;
      file.error = undefined;
    } catch (error) {
      file.error = error instanceof Error ? error.message : String(error);
    } finally {
      await handle?.close();
    }
  }

  *#batches(file: Followed, items: readonly EvtxItem[]): Generator<SourceBatch> {
    const records = items.filter((item): item is EvtxRecord => item.error === undefined);
    file.unreadable += items.length - records.length;
    for (let from = 0; from < records.length; from += BATCH_LIMITS.records) {
      const part = records.slice(from, from + BATCH_LIMITS.records);
      const collected = isoTime(this.#context.clock.now());
      const made = part.map((record) => this.#record(file, record, collected));
      const last = part.at(-1);
      if (last !== undefined) file.position = { ...file.position, after: last.recordId, timestamp: last.timestamp };
      yield { name: file.path, records: made, positions: new Map([[file.path, formatPosition(file.position)]]) };
    }
  }

  #record(file: Followed, record: EvtxRecord, collected: string): RawRecord {
    const { path, position } = file;
    return {
      id: `${stableId('evtx', path)}.${position.generation}.${record.recordId}.${crc32(record.json).toString(36)}`,
      source: this.kind,
      path,
      format: 'windows',
      collected,
      host: this.#context.host,
      raw: record.json,
    };
  }
}

/**
 * False when the log was cleared or another file was put in its place: record ids then begin anew. The last record taken must
 * still be there with its time, or all that is left must be newer (a full log overwrites its oldest records).
 */
async function isSameLog(handle: FileHandle, chunks: readonly Chunk[], position: EvtxPosition): Promise<boolean> {
  const { after, timestamp } = position;
  if (after < 0n || chunks.every((chunk) => chunk.first > after)) return true;
  for (const chunk of chunks) {
    if (chunk.first > after || chunk.last < after) continue;
    const items = await readRecords(handle, chunk, after - 1n);
    if (items.some((item) => item.recordId === after && item.timestamp === timestamp)) return true;
  }
  return false;
}
