/** One 64 KB chunk: its header, its check sums, its records in order. */
import { crc32 } from 'node:zlib';
import { ChunkMarkup } from './binxml.ts';
import { Malformed } from './malformed.ts';
import type { JsonOutput } from './output.ts';
import { JsonRenderer } from './render.ts';
import { filetimeText } from './time.ts';

export const CHUNK_BYTES = 64 * 1024;
export const CHUNK_SIGNATURE = Buffer.from('ElfChnk\0', 'latin1');
const RECORD_SIGNATURE = Buffer.from([0x2a, 0x2a, 0, 0]);
const CHUNK_HEADER = 512;
const RECORD_HEADER = 24;
/** Signature, size, id, time, at least a fragment header, size again. */
const SMALLEST_RECORD = RECORD_HEADER + 4 + 4;
const MAX_PROBLEMS_PER_CHUNK = 100;

/** A record that was read. */
export interface EvtxRecord {
  readonly recordId: bigint;
  /** When it was written: ISO 8601 UTC with microseconds. */
  readonly timestamp: string;
  /** `{"Event": …}` in the shape of the PyPI package `evtx`. */
  readonly json: string;
  /** Where the record starts in the file, in bytes. */
  readonly offset: number;
  /** Found behind the end the chunk declares: left over from before, or not yet declared when the file was copied. */
  readonly slack?: true;
  readonly error?: undefined;
}

/** Something in the file that could not be read; what is around it is still read. */
export interface EvtxProblem {
  readonly error: { readonly offset: number; readonly reason: string };
  /** Of the record concerned, where they are known. */
  readonly recordId?: bigint;
  readonly timestamp?: string;
}

export type EvtxItem = EvtxRecord | EvtxProblem;

export interface ChunkOptions {
  /** Where the chunk starts in the file. */
  readonly base: number;
  readonly out: JsonOutput;
  readonly slack: boolean;
  /** Records up to this id are stepped over without being read. */
  readonly after: bigint;
}

/** Reads a chunk, which may be cut short. Yields records and problems in the order of the file; never throws. */
export function* readChunk(bytes: Buffer, options: ChunkOptions): Generator<EvtxItem> {
  const reader = new ChunkReader(bytes, options);
  let problems = 0;
  for (const item of reader.items()) {
    if (item.error !== undefined && ++problems > MAX_PROBLEMS_PER_CHUNK) {
      yield problem(options.base, `more than ${MAX_PROBLEMS_PER_CHUNK} problems in this chunk, the rest of it was left out`);
      return;
    }
    yield item;
  }
}

class ChunkReader {
  readonly #bytes: Buffer;
  readonly #options: ChunkOptions;
  readonly #renderer: JsonRenderer;
  readonly #markup: ChunkMarkup;
  #lastId: bigint | undefined;

  constructor(bytes: Buffer, options: ChunkOptions) {
    this.#bytes = bytes;
    this.#options = options;
    this.#markup = new ChunkMarkup(bytes);
    this.#renderer = new JsonRenderer(bytes, this.#markup, options.out);
  }

  *items(): Generator<EvtxItem> {
    const { base } = this.#options;
    if (this.#bytes.length < CHUNK_HEADER) {
      yield problem(base, `chunk is cut off after ${this.#bytes.length} bytes`);
      return;
    }
    const faults = this.#faults();
    for (const reason of faults) yield problem(base, reason);
    const declared = this.#bytes.readUInt32LE(48);
    const usable = declared >= CHUNK_HEADER && declared <= CHUNK_BYTES;
    const end = usable ? Math.min(declared, this.#bytes.length) : this.#bytes.length;
    const at = yield* this.#records(CHUNK_HEADER, end);
    // A file copied while it was written holds records that its header does not know yet: their ids go on.
    yield* this.#undeclared(at, faults.length > 0 || this.#options.slack);
  }

  #faults(): string[] {
    const bytes = this.#bytes;
    const faults: string[] = [];
    if (bytes.length < CHUNK_BYTES) faults.push(`chunk is cut off after ${bytes.length} bytes`);
    const header = crc32(bytes.subarray(128, CHUNK_HEADER), crc32(bytes.subarray(0, 120)));
    if (header !== bytes.readUInt32LE(124)) faults.push('check sum of the chunk header is wrong');
    const end = bytes.readUInt32LE(48);
    if (end < CHUNK_HEADER || end > CHUNK_BYTES) faults.push(`chunk declares its end at ${end}`);
    else if (end <= bytes.length && crc32(bytes.subarray(CHUNK_HEADER, end)) !== bytes.readUInt32LE(52)) {
      faults.push('check sum of the chunk records is wrong');
    }
    return faults;
  }

  /** Reads from `start` to `end`; returns where it stopped. After something that is no record, goes on at the next signature. */
  *#records(start: number, end: number): Generator<EvtxItem, number> {
    let at = start;
    while (at + SMALLEST_RECORD <= end) {
      const size = this.#recordSize(at, end);
      if (typeof size === 'number') {
        yield* this.#record(at, size, false);
        at += size;
        continue;
      }
      yield problem(this.#options.base + at, size);
      const next = this.#nextRecord(at + 4, end);
      if (next < 0) return end;
      at = next;
    }
    return at;
  }

  *#undeclared(start: number, wanted: boolean): Generator<EvtxItem> {
    const end = this.#bytes.length;
    for (let at = start; at + SMALLEST_RECORD <= end;) {
      const size = this.#recordSize(at, end);
      const follows = typeof size === 'number' && this.#lastId !== undefined && this.#bytes.readBigUInt64LE(at + 8) === this.#lastId + 1n;
      if (typeof size === 'number' && (follows || this.#options.slack)) {
        yield* this.#record(at, size, true);
        at += size;
        continue;
      }
      if (!wanted || !this.#options.slack) return;
      at = this.#nextRecord(at + 4, end);
      if (at < 0) return;
    }
  }

  *#record(at: number, size: number, slack: boolean): Generator<EvtxItem> {
    const recordId = this.#bytes.readBigUInt64LE(at + 8);
    this.#lastId = recordId;
    if (recordId <= this.#options.after) return;
    const offset = this.#options.base + at;
    let timestamp: string | undefined;
    try {
      timestamp = filetimeText(this.#bytes.readUInt32LE(at + 16), this.#bytes.readUInt32LE(at + 20));
      const json = this.#renderer.render(this.#markup.fragment(at + RECORD_HEADER, at + size - 4, true));
      yield slack ? { recordId, timestamp, json, offset, slack: true } : { recordId, timestamp, json, offset };
    } catch (error) {
      const known = timestamp === undefined ? { recordId } : { recordId, timestamp };
      const where = error instanceof Malformed && error.offset > 0 ? this.#options.base + error.offset : offset;
      yield { ...problem(where, error instanceof Error ? error.message : String(error)), ...known };
    }
  }

  /** The size of the record at `at`, or why there is none. */
  #recordSize(at: number, end: number): number | string {
    const bytes = this.#bytes;
    if (bytes.readUInt32LE(at) !== 0x2a2a) return 'no record where one should start';
    const size = bytes.readUInt32LE(at + 4);
    if (size < SMALLEST_RECORD || size > CHUNK_BYTES) return `record of ${size} bytes`;
    if (at + size > end) return `record of ${size} bytes runs over its end`;
    if (bytes.readUInt32LE(at + size - 4) !== size) return 'the two sizes of the record differ';
    return size;
  }

  /** The next place that holds a whole record, or −1. */
  #nextRecord(from: number, end: number): number {
    for (let at = this.#bytes.indexOf(RECORD_SIGNATURE, from); at >= 0 && at + SMALLEST_RECORD <= end;) {
      if (typeof this.#recordSize(at, end) === 'number') return at;
      at = this.#bytes.indexOf(RECORD_SIGNATURE, at + 1);
    }
    return -1;
  }
}

export function problem(offset: number, reason: string): EvtxProblem {
  return { error: { offset, reason } };
}
