import { open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { CHUNK_BYTES, CHUNK_SIGNATURE, problem, readChunk } from './chunk.ts';
import type { EvtxItem } from './chunk.ts';
import { JsonOutput } from './output.ts';
import { FileWindow, StreamWindow } from './window.ts';
import type { Window } from './window.ts';

export type { EvtxItem, EvtxProblem, EvtxRecord } from './chunk.ts';

export interface EvtxOptions {
  /** Records up to this id are left out (default: none). What a reader that follows a live file passes. */
  readonly after?: bigint;
  /** Also read old records left in the unused end of chunks (default false: they are duplicates of a log that was cleared or reused). */
  readonly slack?: boolean;
  /** Largest JSON of one record in bytes; a larger one is a problem (default 4 MB). */
  readonly recordBytes?: number;
  readonly signal?: AbortSignal;
}

const FILE_SIGNATURE = Buffer.from('ElfFile\0', 'latin1');
const FILE_HEADER = 128;
const FIRST_CHUNK = 4096;
const RECORD_BYTES = 4 * 1024 * 1024;

/** True when the bytes begin as an EVTX file does. */
export function isEvtx(start: Uint8Array): boolean {
  return start.length >= FILE_SIGNATURE.length && FILE_SIGNATURE.equals(start.subarray(0, FILE_SIGNATURE.length));
}

/**
 * Reads a Windows event log (MS-EVEN6, versions 3.1 and 3.2): records in the order of the file, and beside them what could not be read
 * (`error`). A path or a stream is read chunk by chunk, so memory does not grow with the file. Throws only what the file system or
 * the stream throws, and the signal's reason.
 */
export async function* readEvtx(
  source: Uint8Array | string | AsyncIterable<Uint8Array>,
  options: EvtxOptions = {},
): AsyncGenerator<EvtxItem> {
  if (source instanceof Uint8Array) {
    yield* parseEvtx(source, options);
  } else if (typeof source === 'string') {
    await using file = await open(source, 'r');
    yield* readWindows(new FileWindow(file), options);
  } else yield* readWindows(new StreamWindow(source), options);
}

async function* readWindows(window: Window, options: EvtxOptions): AsyncGenerator<EvtxItem> {
  const header = Buffer.from(await window.read(0, FIRST_CHUNK));
  yield* headerProblems(header);
  const walk = new ChunkWalk(options);
  for (let at = firstChunk(header); ; at = walk.next) {
    options.signal?.throwIfAborted();
    const bytes = await window.read(at, CHUNK_BYTES);
    if (bytes.length === 0) return;
    yield* walk.at(bytes, at);
  }
}

/** The same for bytes in memory, without waiting. */
export function* parseEvtx(source: Uint8Array, options: EvtxOptions = {}): Generator<EvtxItem> {
  const file = Buffer.from(source.buffer, source.byteOffset, source.byteLength);
  yield* headerProblems(file.subarray(0, FIRST_CHUNK));
  const walk = new ChunkWalk(options);
  for (let at = firstChunk(file); at < file.length; at = walk.next) {
    options.signal?.throwIfAborted();
    yield* walk.at(file.subarray(at, at + CHUNK_BYTES), at);
  }
}

/** Goes from chunk to chunk; where none is, looks for the next signature, so that lost or inserted bytes cost one chunk. */
class ChunkWalk {
  /** Where to read next. */
  next = 0;
  readonly #options: EvtxOptions;
  readonly #out: JsonOutput;
  #searching = false;

  constructor(options: EvtxOptions) {
    this.#options = options;
    this.#out = new JsonOutput(options.recordBytes ?? RECORD_BYTES);
  }

  *at(bytes: Buffer, base: number): Generator<EvtxItem> {
    if (bytes.subarray(0, CHUNK_SIGNATURE.length).equals(CHUNK_SIGNATURE)) {
      this.#searching = false;
      this.next = base + CHUNK_BYTES;
      const { slack = false, after = -1n } = this.#options;
      yield* readChunk(bytes, { base, out: this.#out, slack, after });
      return;
    }
    const found = bytes.indexOf(CHUNK_SIGNATURE);
    // A signature may lie across two readings.
    this.next = found > 0 ? base + found : base + Math.max(bytes.length - CHUNK_SIGNATURE.length + 1, 1);
    const silent = this.#searching || isZero(bytes);
    this.#searching = true;
    if (isZero(bytes) && bytes.length === CHUNK_BYTES) {
      this.#searching = false;
      this.next = base + CHUNK_BYTES;
    }
    if (!silent) yield problem(base, 'no chunk where one should start');
  }
}

function* headerProblems(header: Buffer): Generator<EvtxItem> {
  if (header.length < FILE_HEADER) {
    yield problem(0, `file is cut off after ${header.length} bytes`);
    return;
  }
  if (!isEvtx(header)) {
    yield problem(0, 'file does not begin with ElfFile');
    return;
  }
  if (crc32(header.subarray(0, 120)) !== header.readUInt32LE(124)) yield problem(0, 'check sum of the file header is wrong');
  const version = `${header.readUInt16LE(38)}.${header.readUInt16LE(36)}`;
  if (!version.startsWith('3.')) yield problem(0, `version ${version} of the format is not known`);
}

/** Chunks follow the header block; a file that lost its header may begin with one. */
function firstChunk(file: Buffer): number {
  return file.subarray(0, CHUNK_SIGNATURE.length).equals(CHUNK_SIGNATURE) ? 0 : FIRST_CHUNK;
}

function isZero(bytes: Buffer): boolean {
  for (const byte of bytes) if (byte !== 0) return false;
  return true;
}
