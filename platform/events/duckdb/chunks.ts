/**
 * Rows of a `RowBuffer` → DuckDB data chunks. The blob goes over once; the cells are written as DuckDB's own string headers
 * (`duckdb_string_t` of its C interface: length, then up to 12 bytes of text, or 4 bytes and the address of all of it) that point
 * into it. That spares a call into the library for each cell. Addresses come from `RowBuffer`'s places only, checked here.
 */
import duckdb, { type Vector } from '@duckdb/node-bindings';
import { BIGINT, BLOB, DuckDBDataChunk, VARCHAR, type DuckDBAppender } from '@duckdb/node-api';
import type { RowBuffer } from './row-buffer.ts';
import { TABLE_COLUMNS } from './rows.ts';

const CHUNK = 2048;
const HEADER = 16;
const INLINE = 12;
const NUMBERS = TABLE_COLUMNS.map((column) => column.type === 'BIGINT');
const TYPES = NUMBERS.map((number) => (number ? BIGINT : VARCHAR));
const WORD = 2 ** 32;
const LEAST_BLOB = 64;

/** Scratch space; appending is serialised and does not yield between filling and copying it. */
const scratch = Buffer.alloc(CHUNK * HEADER);
const words = new Uint32Array(scratch.buffer, scratch.byteOffset, (CHUNK * HEADER) / 4);
const doubles = new BigInt64Array(scratch.buffer, scratch.byteOffset, (CHUNK * HEADER) / 8);
const validity = new Uint32Array(CHUNK / 32);

/** Appends the rows named, in that order. */
export function appendRows(appender: DuckDBAppender, buffer: RowBuffer, rows: readonly number[]): void {
  const texts = new Texts(buffer);
  for (let from = 0; from < rows.length; from += CHUNK) {
    const slice = rows.slice(from, from + CHUNK);
    const chunk = DuckDBDataChunk.create(TYPES, slice.length);
    for (const [column, number] of NUMBERS.entries()) {
      const vector = duckdb.data_chunk_get_vector(chunk.chunk, column);
      validity.fill(0);
      const width = number ? fillNumbers(buffer, column, slice) : texts.fill(column, slice);
      duckdb.copy_data_to_vector(vector, 0, scratch.buffer, scratch.byteOffset, slice.length * width);
      duckdb.vector_ensure_validity_writable(vector);
      duckdb.copy_data_to_vector_validity(vector, 0, validity.buffer, 0, Math.ceil(slice.length / 64) * 8);
    }
    // DuckDB copies what the headers point to here, so the texts may go afterwards.
    appender.appendDataChunk(chunk);
  }
  texts.release();
}

function valid(at: number): void {
  validity[at >>> 5] = (validity[at >>> 5] ?? 0) | (1 << (at & 31));
}

function fillNumbers(buffer: RowBuffer, column: number, rows: readonly number[]): number {
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at] ?? 0;
    if (buffer.isNull(row, column)) continue;
    doubles[at] = BigInt(buffer.numberAt(row, column));
    valid(at);
  }
  return 8;
}

/** The blob on DuckDB's side, and where it lies. */
class Texts {
  private readonly buffer: RowBuffer;
  private readonly bytes: number;
  private readonly keeper: DuckDBDataChunk;
  private readonly low: number;
  private readonly high: number;

  constructor(buffer: RowBuffer) {
    this.buffer = buffer;
    // A text of up to 12 bytes would have no address.
    this.bytes = Math.max(LEAST_BLOB, buffer.end);
    this.keeper = DuckDBDataChunk.create([BLOB], 1);
    const vector: Vector = duckdb.data_chunk_get_vector(this.keeper.chunk, 0);
    duckdb.vector_assign_string_element_len(vector, 0, buffer.blob.subarray(0, this.bytes));
    const header = duckdb.vector_get_data(vector, HEADER);
    const view = new DataView(header.buffer, header.byteOffset, HEADER);
    if (view.getUint32(0, true) !== this.bytes) throw new Error('DuckDB did not take the texts of a batch');
    this.low = view.getUint32(8, true);
    this.high = view.getUint32(12, true);
  }

  fill(column: number, rows: readonly number[]): number {
    const { buffer } = this;
    for (let at = 0; at < rows.length; at++) {
      const row = rows[at] ?? 0;
      const length = buffer.lengthOf(row, column);
      if (length < 0) continue;
      valid(at);
      this.header(at * (HEADER / 4), buffer.startOf(row, column), length);
    }
    return HEADER;
  }

  /** Keeps the texts alive until here. */
  release(): void {
    this.keeper.reset();
  }

  private header(word: number, start: number, length: number): void {
    if (start < 0 || start + length > this.bytes) throw new Error('a cell lies outside its batch');
    const { blob } = this.buffer;
    words[word] = length;
    if (length <= INLINE) {
      words[word + 1] = words[word + 2] = words[word + 3] = 0;
      const byte = word * 4 + 4;
      for (let at = 0; at < length; at++) scratch[byte + at] = blob[start + at] ?? 0;
      return;
    }
    words[word + 1] = blob.readUInt32LE(start);
    const low = this.low + start;
    words[word + 2] = low % WORD;
    words[word + 3] = this.high + (low >= WORD ? 1 : 0);
  }
}
