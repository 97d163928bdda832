/** Full chunks from real ones: real logs hold some sixty records a chunk, the published samples mostly one. */
import { crc32 } from 'node:zlib';

const HEADER_BLOCK = 4096;
const CHUNK = 64 * 1024;
const CHUNK_HEADER = 512;

/** Fills the first chunk of a file with copies of its last record, which then refers to the templates of those before. */
export function denseChunk(file: Buffer): { header: Buffer; chunk: Buffer; records: number } | undefined {
  const chunk = Buffer.from(file.subarray(HEADER_BLOCK, HEADER_BLOCK + CHUNK));
  const offsets = recordOffsets(chunk);
  const last = offsets.at(-1);
  if (last === undefined || offsets.length < 2) return undefined;
  const size = chunk.readUInt32LE(last + 4);
  let records = offsets.length;
  let end = chunk.readUInt32LE(48);
  const firstId = chunk.readBigUInt64LE(last + 8);
  for (let copy = 1n; end + size <= CHUNK; copy++) {
    chunk.copy(chunk, end, last, last + size);
    chunk.writeBigUInt64LE(firstId + copy, end + 8);
    end += size;
    records++;
  }
  chunk.fill(0, end);
  seal(chunk, end);
  return { header: Buffer.from(file.subarray(0, HEADER_BLOCK)), chunk, records };
}

/** Writes the declared end and both check sums. */
export function seal(chunk: Buffer, end: number): void {
  chunk.writeUInt32LE(end, 48);
  chunk.writeUInt32LE(crc32(chunk.subarray(CHUNK_HEADER, end)), 52);
  chunk.writeUInt32LE(crc32(chunk.subarray(128, CHUNK_HEADER), crc32(chunk.subarray(0, 120))), 124);
}

function recordOffsets(chunk: Buffer): number[] {
  const offsets: number[] = [];
  const end = chunk.readUInt32LE(48);
  for (let at = CHUNK_HEADER; at + 24 < end; at += chunk.readUInt32LE(at + 4)) offsets.push(at);
  return offsets;
}
