/**
 * Kafka's record batch, magic 2 (its protocol guide, "Record Batch"): a header of 61 bytes, then the records, compressed together.
 * Read and written here because the client makes a dozen objects of each record; values read are views, not copies.
 */
import { constants, gunzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { crc32c } from '@platformatic/kafka';
import type { LogRecord } from '../contract.ts';

const AT = { length: 8, epoch: 12, magic: 16, crc: 17, attributes: 21, lastDelta: 23, first: 27, max: 35, producer: 43, producerEpoch: 51 };
const SEQUENCE_AT = 53;
const COUNT_AT = 57;
const HEADER = 61;
/** `baseOffset` and `batchLength`, which the length does not count. */
const LENGTH_END = 12;
const MAGIC = 2;
const CODEC = { none: 0, gzip: 1, zstd: 4 };
const CODEC_MASK = 7;
const LOG_APPEND_TIME = 8;
const CONTROL = 32;
const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };
/** Largest batch a reader decompresses: a guard against a damaged or forged one. */
const MAX_RAW_BYTES = 256 * 1024 * 1024;
/** Bytes of a record beside key and value, at most: seven varints and its attributes. */
const RECORD_OVERHEAD = 40;

/** Records, encoded and compressed; who sends them and under which number is stamped on later. */
export interface EncodedRecords {
  readonly count: number;
  readonly payload: Buffer;
  readonly timestamp: number;
}

export interface Stamp {
  readonly producerId: bigint;
  readonly epoch: number;
  readonly sequence: number;
}

/** A stored batch, not yet looked into. */
export interface RawBatch {
  readonly base: number;
  /** Offset of its last record, also of one that compaction has removed. */
  readonly last: number;
  readonly data: Buffer;
}

export interface DecodedRecord extends LogRecord {
  readonly offset: number;
  readonly timestamp: number;
}

export function encodeRecords(records: readonly LogRecord[], timestamp: number): EncodedRecords {
  const size = records.reduce((sum, { key, value }) => sum + RECORD_OVERHEAD + key.length * 3 + value.byteLength, 0);
  const raw = Buffer.allocUnsafe(size);
  let at = 0;
  records.forEach(({ key, value }, delta) => {
    const keyBytes = Buffer.byteLength(key);
    const fields = varintSize(delta) + varintSize(keyBytes) + keyBytes + varintSize(value.byteLength) + value.byteLength;
    // Attributes, the difference of its time (0) and the number of its headers (0) are a byte each.
    at = writeVarint(raw, at, fields + 3);
    raw[at++] = 0;
    raw[at++] = 0;
    at = writeVarint(raw, at, delta);
    at = writeVarint(raw, at, keyBytes);
    at += raw.write(key, at);
    at = writeVarint(raw, at, value.byteLength);
    raw.set(value, at);
    at += value.byteLength;
    raw[at++] = 0;
  });
  return { count: records.length, payload: zstdCompressSync(raw.subarray(0, at), LEVEL), timestamp };
}

/** The whole batch as a broker takes it. */
export function stampBatch({ count, payload, timestamp }: EncodedRecords, { producerId, epoch, sequence }: Stamp): Buffer {
  const batch = Buffer.allocUnsafe(HEADER + payload.byteLength);
  batch.writeBigInt64BE(0n, 0);
  batch.writeInt32BE(batch.byteLength - LENGTH_END, AT.length);
  batch.writeInt32BE(-1, AT.epoch);
  batch.writeInt8(MAGIC, AT.magic);
  batch.writeInt16BE(CODEC.zstd, AT.attributes);
  batch.writeInt32BE(count - 1, AT.lastDelta);
  batch.writeBigInt64BE(BigInt(timestamp), AT.first);
  batch.writeBigInt64BE(BigInt(timestamp), AT.max);
  batch.writeBigInt64BE(producerId, AT.producer);
  batch.writeInt16BE(epoch, AT.producerEpoch);
  batch.writeInt32BE(sequence, SEQUENCE_AT);
  batch.writeInt32BE(count, COUNT_AT);
  payload.copy(batch, HEADER);
  batch.writeUInt32BE(crc32c(batch.subarray(AT.attributes)), AT.crc);
  return batch;
}

/** Cuts what a fetch brought into batches; a last one that is not whole is left out. Throws where no batch can begin. */
export function splitBatches(data: Buffer): RawBatch[] {
  const batches: RawBatch[] = [];
  let at = 0;
  while (at + HEADER <= data.byteLength) {
    const end = at + LENGTH_END + data.readInt32BE(at + AT.length);
    const delta = data.readInt32BE(at + AT.lastDelta);
    if (data.readInt8(at + AT.magic) !== MAGIC || end < at + HEADER || delta < 0) {
      if (batches.length > 0) return batches;
      throw new Error('the header of a batch is damaged');
    }
    if (end > data.byteLength) break;
    const base = Number(data.readBigInt64BE(at));
    batches.push({ base, last: base + delta, data: data.subarray(at, end) });
    at = end;
  }
  return batches;
}

/** The records of a batch; throws a plain Error whose message says what is wrong with the bytes. */
export function decodeBatch({ base, data }: RawBatch): DecodedRecord[] {
  if (data.byteLength < HEADER) throw new Error('the header of a batch is damaged');
  if (crc32c(data.subarray(AT.attributes)) !== data.readUInt32BE(AT.crc)) throw new Error('checksum mismatch');
  const attributes = data.readInt16BE(AT.attributes);
  // Marks of transactions, which are not ours.
  if ((attributes & CONTROL) !== 0) return [];
  const raw = decompress(data.subarray(HEADER), attributes & CODEC_MASK);
  const first = Number(data.readBigInt64BE(AT.first));
  const appended = (attributes & LOG_APPEND_TIME) === 0 ? undefined : Number(data.readBigInt64BE(AT.max));
  const reader = new VarintReader(raw);
  const records: DecodedRecord[] = [];
  for (let count = data.readInt32BE(COUNT_AT); count > 0; count--) {
    const end = reader.bounded(reader.varint());
    reader.at++;
    const timestamp = appended ?? first + reader.varint();
    if (appended !== undefined) reader.varint();
    const offset = base + reader.varint();
    const key = reader.bytes(reader.varint());
    const value = reader.bytes(reader.varint());
    if (reader.at > end) throw new Error('a record is cut off');
    reader.at = end;
    records.push({ offset, timestamp, key: key.toString('utf8'), value });
  }
  return records;
}

function decompress(data: Buffer, codec: number): Buffer {
  if (codec === CODEC.none) return data;
  const bounds = { maxOutputLength: MAX_RAW_BYTES };
  if (codec === CODEC.zstd) return zstdDecompressSync(data, bounds);
  if (codec === CODEC.gzip) return gunzipSync(data, bounds);
  throw new Error(`compressed with codec ${codec}, which is neither gzip nor zstd`);
}

class VarintReader {
  at = 0;
  readonly #data: Buffer;

  constructor(data: Buffer) {
    this.#data = data;
  }

  /** A zigzag number of at most 64 bits; exact up to 2^53. */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (let bytes = 0; bytes < 10; bytes++) {
      const byte = this.#data[this.at++];
      if (byte === undefined) throw new Error('a record is cut off');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      scale *= 128;
    }
    throw new Error('a number has more than 64 bits');
  }

  /** -1, no bytes at all, is read as empty. */
  bytes(length: number): Buffer {
    if (length <= 0) return this.#data.subarray(this.at, this.at);
    const end = this.bounded(length);
    const bytes = this.#data.subarray(this.at, end);
    this.at = end;
    return bytes;
  }

  bounded(length: number): number {
    const end = this.at + length;
    if (length < 0 || end > this.#data.byteLength) throw new Error('a record is cut off');
    return end;
  }
}

/** Of a number from 0 to 2^30. */
function varintSize(value: number): number {
  const zigzag = value * 2;
  return zigzag < 2 ** 7 ? 1 : zigzag < 2 ** 14 ? 2 : zigzag < 2 ** 21 ? 3 : zigzag < 2 ** 28 ? 4 : 5;
}

function writeVarint(into: Buffer, at: number, value: number): number {
  let rest = value * 2;
  while (rest > 0x7f) {
    into[at++] = (rest & 0x7f) | 0x80;
    rest = Math.floor(rest / 128);
  }
  into[at++] = rest;
  return at;
}
