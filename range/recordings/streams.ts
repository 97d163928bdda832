/** Byte streams: looking at the beginning, unpacking, counting. */
import type { Duplex } from 'node:stream';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { recordingError } from './errors.ts';

export type Bytes = AsyncIterable<Uint8Array>;

/** Unpacked bytes that one recording may have: a thousand times what was stored, at least 1 GB, at most 64 GB. */
export function unpackLimit(stored: number): number {
  return Math.min(64 * 2 ** 30, Math.max(2 ** 30, stored * 1000));
}

/** Counts what is unpacked over all entries of a recording. */
export class Meter {
  #left: number;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
    this.#left = limit;
  }

  spend(bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0) throw recordingError('RECORDING_EXPANDS', { limit: this.#limit });
  }
}

/** A stream whose beginning was read and is given again. */
export interface Peeked {
  readonly head: Buffer;
  readonly all: Bytes;
}

/** Reads at least `wanted` bytes (fewer at the end) without losing them. */
export async function peek(source: Bytes, wanted: number): Promise<Peeked> {
  const iterator = source[Symbol.asyncIterator]();
  const parts: Uint8Array[] = [];
  let size = 0;
  while (size < wanted) {
    const next = await iterator.next();
    if (next.done === true) break;
    parts.push(next.value);
    size += next.value.length;
  }
  const head = Buffer.concat(parts);
  return { head, all: rest(head, iterator) };
}

async function* rest(head: Buffer, iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (head.length > 0) yield head;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}

/** Sends a stream through a transform; an error of either ends the iteration with it. */
export async function* through(source: Bytes, transform: Duplex): AsyncGenerator<Uint8Array> {
  const done = pipeline(Readable.from(source, { objectMode: false }), transform);
  // Awaited below when the iteration ends by itself; a consumer that leaves early must not cause an unhandled rejection.
  done.catch(() => undefined);
  try {
    for await (const chunk of transform) yield chunk;
    await done;
  } finally {
    transform.destroy();
  }
}

export async function* metered(source: Bytes, meter: Meter): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    meter.spend(chunk.length);
    yield chunk;
  }
}

export async function* noted(source: Bytes, note: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    note(chunk.length);
    yield chunk;
  }
}

/** The compression a stream begins with. */
export function unpacker(head: Buffer): Duplex | undefined {
  if (head[0] === 0x1f && head[1] === 0x8b) return createGunzip();
  if (head.length >= 4 && head.readUInt32LE(0) === 0xfd2fb528) return createZstdDecompress();
  return undefined;
}

/** UTF-16 with a byte-order mark as UTF-8; everything else as it is, without a UTF-8 mark. */
export async function* asUtf8(source: Bytes, head: Buffer): AsyncGenerator<Uint8Array> {
  const mark = head.length >= 2 ? head.readUInt16BE(0) : 0;
  if (mark !== 0xfffe && mark !== 0xfeff) {
    yield* head.length >= 3 && head.readUIntBE(0, 3) === 0xefbbbf ? withoutMark(source) : source;
    return;
  }
  const decoder = new TextDecoder(mark === 0xfffe ? 'utf-16le' : 'utf-16be');
  for await (const chunk of source) yield Buffer.from(decoder.decode(chunk, { stream: true }));
}

async function* withoutMark(source: Bytes): AsyncGenerator<Uint8Array> {
  let first = true;
  for await (const chunk of source) {
    yield first ? chunk.subarray(3) : chunk;
    first = false;
  }
}
