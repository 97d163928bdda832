/**
 * The bytes of one stored batch: zstd over a run of records, each `u32 key length, u32 value length, key, value` (little-endian).
 * A key equal to the one before it is written as length 0xFFFFFFFF without bytes: batches of one host repeat their key.
 */
import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { LogRecord } from './contract.ts';

const SAME_KEY = 0xffffffff;
const HEADER = 8;
/** On log text level 1 is no faster than 3 and a tenth larger; negative levels are a third larger and hardly faster. */
const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };
/** zlib's own least. */
const LEAST_CHUNK = 64;
/** zlib's default, for frames that do not say. */
const USUAL_ROOM = 16 * 1024;

export interface EncodedBatch {
  readonly count: number;
  readonly data: Uint8Array;
  readonly crc: number;
}

/** Largest batch a reader is asked to decompress; a guard against a damaged or forged frame header, not a tuning knob. */
export const MAX_BATCH_BYTES = 256 * 1024 * 1024;

export function encodeBatch(records: readonly LogRecord[]): EncodedBatch {
  let size = 0;
  let previous: string | undefined;
  for (const { key, value } of records) {
    size += HEADER + value.byteLength + (key === previous ? 0 : Buffer.byteLength(key));
    previous = key;
  }
  const raw = Buffer.allocUnsafe(size);
  previous = undefined;
  let at = 0;
  for (const { key, value } of records) {
    const keyBytes = key === previous ? 0 : raw.write(key, at + HEADER);
    raw.writeUInt32LE(key === previous ? SAME_KEY : keyBytes, at);
    raw.writeUInt32LE(value.byteLength, at + 4);
    raw.set(value, at + HEADER + keyBytes);
    at += HEADER + keyBytes + value.byteLength;
    previous = key;
  }
  const data = zstdCompressSync(raw, LEVEL);
  return { count: records.length, data, crc: crc32(data) };
}

/** The records of a batch; throws a plain Error whose message says what is wrong with the bytes. Values are views, not copies. */
export function decodeBatch(batch: EncodedBatch): LogRecord[] {
  if (crc32(batch.data) !== batch.crc) throw new Error('checksum mismatch');
  const raw = zstdDecompressSync(batch.data, { maxOutputLength: MAX_BATCH_BYTES, chunkSize: roomFor(batch.data) });
  const records: LogRecord[] = [];
  let key = '';
  let at = 0;
  while (at < raw.length) {
    if (at + HEADER > raw.length) throw new Error('a record is cut off');
    const keyLength = raw.readUInt32LE(at);
    const keyBytes = keyLength === SAME_KEY ? 0 : keyLength;
    const valueAt = at + HEADER + keyBytes;
    const end = valueAt + raw.readUInt32LE(at + 4);
    if (end > raw.length) throw new Error('a record is cut off');
    if (keyLength !== SAME_KEY) key = raw.toString('utf8', at + HEADER, valueAt);
    records.push({ key, value: raw.subarray(valueAt, end) });
    at = end;
  }
  if (records.length !== batch.count) throw new Error(`holds ${records.length} records instead of ${batch.count}`);
  return records;
}

/**
 * Bytes that the frame says it holds and one more, so that decompressing needs one buffer instead of pieces to be joined. A wrong
 * size costs speed only. Frame header: RFC 8878, section 3.1.1.1.
 */
function roomFor(frame: Uint8Array): number {
  const [descriptor = 0] = frame.subarray(4, 5);
  const single = (descriptor & 0x20) !== 0;
  const at = 5 + (single ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] ?? 0);
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const kind = descriptor >> 6;
  if (at + 4 > frame.byteLength || kind === 3 || (kind === 0 && !single)) return USUAL_ROOM;
  const size = kind === 2 ? view.getUint32(at, true) : kind === 1 ? view.getUint16(at, true) + 256 : view.getUint8(at);
  return Math.max(LEAST_CHUNK, Math.min(size, MAX_BATCH_BYTES) + 1);
}
