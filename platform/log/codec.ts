/**
 * The bytes of one stored batch: zstd over a run of records, each `u32 key length, u32 value length, key, value` (little-endian).
 * A key equal to the one before it is written as length 0xFFFFFFFF without bytes: batches of one host repeat their key.
 */
import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { LogRecord } from './contract.ts';

const SAME_KEY = 0xffffffff;
const HEADER = 8;
/** Level 1: within a few per cent of the default's size on log text at twice its speed. */
const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

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
  const data = zstdCompressSync(raw, FAST);
  return { count: records.length, data, crc: crc32(data) };
}

/** The records of a batch; throws a plain Error whose message says what is wrong with the bytes. Values are views, not copies. */
export function decodeBatch(batch: EncodedBatch): LogRecord[] {
  if (crc32(batch.data) !== batch.crc) throw new Error('checksum mismatch');
  const raw = zstdDecompressSync(batch.data, { maxOutputLength: MAX_BATCH_BYTES });
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
