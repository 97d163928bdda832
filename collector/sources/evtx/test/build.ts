/** Writes small EVTX files from trees, for what no published sample holds. Names and templates are defined where first used. */
import { crc32 } from 'node:zlib';
import { seal } from './dense.ts';

export type Content =
  | string
  | { element: string; attributes?: Record<string, Content[]>; children?: Content[] }
  | { substitute: number; optional?: boolean; type?: number }
  | { entity: string }
  | { instruction: string; data: string }
  | { cdata: string };

/** Bytes, or (type 0x21) a template instance. */
export type Value = { type: number; bytes: Buffer } | { type: 0x21; nested: BuiltRecord };

export interface BuiltRecord {
  template: Content;
  values: Value[];
}

const FILE_HEADER_BLOCK = 4096;
const CHUNK = 64 * 1024;

/** One file of one chunk with these records, ids from 1, all at the same moment. */
export function buildEvtx(records: readonly BuiltRecord[], { alter }: { alter?: (chunk: Buffer) => void } = {}): Buffer {
  const chunk = Buffer.alloc(CHUNK);
  chunk.write('ElfChnk\0', 'latin1');
  [1n, BigInt(records.length), 1n, BigInt(records.length)].forEach((value, index) => chunk.writeBigUInt64LE(value, 8 + index * 8));
  chunk.writeUInt32LE(128, 40);
  let at = 512;
  let last = at;
  records.forEach((record, index) => {
    last = at;
    at = writeRecord(chunk, at, record, BigInt(index + 1));
  });
  chunk.writeUInt32LE(last, 44);
  seal(chunk, at);
  alter?.(chunk);
  return Buffer.concat([fileHeader(), chunk]);
}

export function utf16(text: string): Buffer {
  return Buffer.from(text, 'utf16le');
}

function fileHeader(): Buffer {
  const header = Buffer.alloc(FILE_HEADER_BLOCK);
  header.write('ElfFile\0', 'latin1');
  header.writeBigUInt64LE(2n, 24);
  header.writeUInt32LE(128, 32);
  header.writeUInt16LE(1, 36);
  header.writeUInt16LE(3, 38);
  header.writeUInt16LE(FILE_HEADER_BLOCK, 40);
  header.writeUInt16LE(1, 42);
  header.writeUInt32LE(crc32(header.subarray(0, 120)), 124);
  return header;
}

function writeRecord(chunk: Buffer, start: number, { template, values }: BuiltRecord, id: bigint): number {
  chunk.writeUInt32LE(0x2a2a, start);
  chunk.writeBigUInt64LE(id, start + 8);
  chunk.writeBigUInt64LE(133_700_000_000_000_000n, start + 16);
  let at = writeInstance(chunk, start + 24, { template, values });
  at = Math.ceil((at + 4) / 8) * 8;
  chunk.writeUInt32LE(at - start, start + 4);
  chunk.writeUInt32LE(at - start, at - 4);
  return at;
}

function writeInstance(chunk: Buffer, start: number, { template, values }: BuiltRecord): number {
  let at = put(chunk, start, [0x0f, 1, 1, 0, 0x0c, 1]);
  chunk.writeUInt32LE(start, at);
  chunk.writeUInt32LE(at + 8, at + 4);
  const definition = at + 8;
  chunk.writeUInt32LE(start, definition + 4);
  at = put(chunk, definition + 24, [0x0f, 1, 1, 0]);
  at = writeContent(chunk, at, template, true);
  at = put(chunk, at, [0]);
  chunk.writeUInt32LE(at - definition - 24, definition + 20);
  at = writeValues(chunk, at, values);
  return put(chunk, at, [0]);
}

function writeValues(chunk: Buffer, start: number, values: readonly Value[]): number {
  chunk.writeUInt32LE(values.length, start);
  let at = start + 4 + values.length * 4;
  values.forEach((value, index) => {
    const from = at;
    at = 'nested' in value ? writeInstance(chunk, at, value.nested) : put(chunk, at, value.bytes);
    chunk.writeUInt16LE(at - from, start + 4 + index * 4);
    put(chunk, start + 6 + index * 4, [value.type, 0]);
  });
  return at;
}

function writeContent(chunk: Buffer, start: number, content: Content, dependency: boolean): number {
  if (typeof content === 'string') return writeText(chunk, put(chunk, start, [0x05, 0x01]), content);
  if ('entity' in content) return writeName(chunk, put(chunk, start, [0x09]), content.entity);
  if ('cdata' in content) return writeText(chunk, put(chunk, start, [0x07]), content.cdata);
  if ('instruction' in content) {
    const at = writeName(chunk, put(chunk, start, [0x0a]), content.instruction);
    return writeText(chunk, put(chunk, at, [0x0b]), content.data);
  }
  if ('substitute' in content) {
    const at = put(chunk, start, [content.optional === true ? 0x0e : 0x0d]);
    chunk.writeUInt16LE(content.substitute, at);
    return put(chunk, at + 2, [content.type ?? 1]);
  }
  const { element, attributes = {}, children = [] } = content;
  const names = Object.keys(attributes);
  let at = put(chunk, start, names.length > 0 ? [0x41] : [0x01]);
  if (dependency) at = put(chunk, at, [0xff, 0xff]);
  const size = at;
  at = writeName(chunk, at + 4, element);
  if (names.length > 0) at = writeAttributes(chunk, at, attributes);
  if (children.length === 0) at = put(chunk, at, [0x03]);
  else {
    at = put(chunk, at, [0x02]);
    for (const child of children) at = writeContent(chunk, at, child, dependency);
    at = put(chunk, at, [0x04]);
  }
  chunk.writeUInt32LE(at - size - 4, size);
  return at;
}

function writeAttributes(chunk: Buffer, start: number, attributes: Record<string, Content[]>): number {
  const names = Object.keys(attributes);
  let at = start + 4;
  names.forEach((name, index) => {
    at = put(chunk, at, [index + 1 < names.length ? 0x46 : 0x06]);
    at = writeName(chunk, at, name);
    for (const part of attributes[name] ?? []) at = writeContent(chunk, at, part, true);
  });
  chunk.writeUInt32LE(at - start - 4, start);
  return at;
}

/** A name defined at its first use: its offset, then the definition. */
function writeName(chunk: Buffer, start: number, name: string): number {
  chunk.writeUInt32LE(start + 4, start);
  chunk.writeUInt16LE(0x4242, start + 8);
  return put(chunk, writeText(chunk, start + 10, name), [0, 0]);
}

function writeText(chunk: Buffer, start: number, text: string): number {
  chunk.writeUInt16LE(text.length, start);
  return put(chunk, start + 2, utf16(text));
}

function put(chunk: Buffer, at: number, bytes: Uint8Array | number[]): number {
  chunk.set(bytes, at);
  return at + bytes.length;
}
