/**
 * Where the records of an EVTX file lie: a log that reached its size goes round, so the order in the file is not the order of the
 * record ids. Reading chunks by id is what lets the position be a single record id.
 */
import type { FileHandle } from 'node:fs/promises';
import { isEvtx, parseEvtx, type EvtxItem } from '../evtx/index.ts';

const HEADER_BYTES = 4096;
const CHUNK_BYTES = 64 * 1024;
const SIGNATURE = Buffer.from('ElfChnk\0', 'latin1');

export interface Chunk {
  readonly offset: number;
  /** Ids of the first and last record, as the chunk's header says. */
  readonly first: bigint;
  readonly last: bigint;
}

export async function beginsAsEvtx(handle: FileHandle): Promise<boolean> {
  const start = Buffer.alloc(8);
  const { bytesRead } = await handle.read(start, 0, start.length, 0);
  return isEvtx(start.subarray(0, bytesRead));
}

/** Chunks that hold records, oldest record first. */
export async function listChunks(handle: FileHandle): Promise<Chunk[]> {
  const { size } = await handle.stat();
  const header = Buffer.alloc(40);
  const chunks: Chunk[] = [];
  for (let offset = HEADER_BYTES; offset + header.length <= size; offset += CHUNK_BYTES) {
    const { bytesRead } = await handle.read(header, 0, header.length, offset);
    if (bytesRead < header.length || !header.subarray(0, 8).equals(SIGNATURE)) continue;
    const [first, last] = [header.readBigUInt64LE(24), header.readBigUInt64LE(32)];
    if (first <= last && last < 0xffff_ffff_ffff_ffffn) chunks.push({ offset, first, last });
  }
  return chunks.sort((a, b) => (a.first < b.first ? -1 : 1));
}

/** Records of a chunk above an id. What is wrong with the file's own header is left out: it says nothing about the chunk. */
export async function readRecords(handle: FileHandle, chunk: Chunk, after: bigint): Promise<EvtxItem[]> {
  const bytes = Buffer.alloc(HEADER_BYTES + CHUNK_BYTES);
  await handle.read(bytes, 0, HEADER_BYTES, 0);
  const { bytesRead } = await handle.read(bytes, HEADER_BYTES, CHUNK_BYTES, chunk.offset);
  const items = parseEvtx(bytes.subarray(0, HEADER_BYTES + bytesRead), { after });
  return [...items].filter((item) => item.error === undefined || item.error.offset >= HEADER_BYTES);
}
