/** One file being followed: its open handle and how far it has been read. */
import { open, type FileHandle } from 'node:fs/promises';
import { BATCH_LIMITS } from '../contract.ts';
import { splitLines, type Line } from './lines.ts';
import { beginsAs, continuesAs, hashHead, HEAD_BYTES, readAt, TAIL_BYTES, type FilePosition } from './position.ts';

/**
 * Longest piece of a line: the gateway's limit of an event less room for the envelope. Written out (a test compares), because the
 * contract's module brings the schema library and that alone is a fifth of the memory an agent may use.
 */
export const LINE_LIMIT = 1024 * 1024 - 8192;
/** Bytes of the buffer that a source shares between its files: one longest line and the proof before it. */
export const BUFFER_BYTES = LINE_LIMIT + 4096;

export type ReadOutcome =
  | { readonly kind: 'lines'; readonly data: Buffer; readonly offset: number; readonly lines: readonly Line[] }
  /** Nothing complete to read now. */
  | { readonly kind: 'end' }
  /** The content at the remembered place is another one: the file was truncated or written anew. */
  | { readonly kind: 'replaced' };

const END: ReadOutcome = { kind: 'end' };

export class TailFile {
  position: FilePosition;
  /** Where the file was seen at the last scan; undefined when at none of the looked-at places. */
  location: string | undefined;
  size: number;
  error: string | undefined;
  /** No more is to come: read the last line though it has no end. */
  final = false;
  /** When bytes were last taken from it, by the source's clock. */
  lastActive = 0;
  #handle: FileHandle | undefined;
  #seen = { size: -1, modified: -1 };

  constructor(position: FilePosition) {
    this.position = position;
    this.size = position.offset;
  }

  get id(): string {
    return `${this.position.dev}:${this.position.ino}`;
  }

  /** Key under which the position is stored. */
  get key(): string {
    return `${this.position.generation}:${this.position.path}`;
  }

  get isOpen(): boolean {
    return this.#handle !== undefined;
  }

  get behind(): number {
    return Math.max(0, this.size - this.position.offset);
  }

  /** Opens what is at the path if it still is this file. A failure to open shows in `error`. */
  async open(path: string): Promise<'same' | 'other' | 'unreadable'> {
    let handle: FileHandle;
    try {
      handle = await open(path, 'r');
    } catch (error) {
      this.error = error instanceof Error ? error.message : String(error);
      return 'unreadable';
    }
    const { position } = this;
    const found = await handle.stat();
    const same =
      found.ino === position.ino &&
      found.size >= position.offset &&
      (await beginsAs(handle, position)) &&
      (await continuesAs(handle, position));
    if (!same) {
      await handle.close();
      return 'other';
    }
    this.position = { ...position, dev: found.dev };
    this.#handle = handle;
    this.error = undefined;
    return 'same';
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  /** True when no name is left for the open file. */
  async isDeleted(): Promise<boolean> {
    return this.#handle !== undefined && (await this.#handle.stat()).nlink === 0;
  }

  /** Reads the next lines into the buffer (≥ BUFFER_BYTES). The lines are valid until the buffer is used again. */
  async read(buffer: Buffer): Promise<ReadOutcome> {
    const handle = this.#handle;
    if (handle === undefined) return END;
    const now = await handle.stat();
    this.size = now.size;
    if (now.size < this.position.offset) return { kind: 'replaced' };
    if (!this.final && now.size === this.#seen.size && now.mtimeMs === this.#seen.modified) return END;
    const outcome = await this.#readLines(handle, buffer);
    if (outcome.kind === 'end') this.#seen = { size: now.size, modified: now.mtimeMs };
    if (outcome.kind === 'lines') this.position = { ...this.position, modified: now.mtimeMs };
    return outcome;
  }

  async #readLines(handle: FileHandle, buffer: Buffer): Promise<ReadOutcome> {
    const tail = Buffer.from(this.position.tail, 'base64');
    const start = this.position.offset - tail.length;
    for (const want of [BATCH_LIMITS.bytes, BUFFER_BYTES - TAIL_BYTES]) {
      const { bytesRead } = await handle.read(buffer, 0, tail.length + want, start);
      if (bytesRead < tail.length || !tail.equals(buffer.subarray(0, tail.length))) return { kind: 'replaced' };
      const data = buffer.subarray(tail.length, bytesRead);
      const split = splitLines(data, {
        part: this.position.part,
        limit: LINE_LIMIT,
        maxLines: BATCH_LIMITS.records,
        final: this.final && data.length < want,
      });
      if (split.consumed > 0) {
        const { offset } = this.position;
        await this.#advance(handle, buffer, { tail: tail.length, consumed: split.consumed, part: split.part });
        return { kind: 'lines', data, offset, lines: split.lines };
      }
      if (data.length < want) break;
    }
    return END;
  }

  async #advance(handle: FileHandle, buffer: Buffer, by: { tail: number; consumed: number; part: number }): Promise<void> {
    const offset = this.position.offset + by.consumed;
    const end = by.tail + by.consumed;
    const tail = buffer.subarray(Math.max(0, end - TAIL_BYTES), end).toString('base64');
    let { head, headLength } = this.position;
    if (headLength < HEAD_BYTES && headLength < offset) {
      const bytes = await readAt(handle, 0, Math.min(HEAD_BYTES, offset));
      headLength = bytes.length;
      head = hashHead(bytes);
    }
    this.position = { ...this.position, offset, tail, head, headLength, part: by.part };
  }
}

/** Whether the file at a path holds what the remembered one held: all of it up to the offset, less of it, or something else. */
export async function compareCopy(path: string, position: FilePosition): Promise<'copy' | 'shorter copy' | 'other'> {
  if (position.headLength === 0) return 'other';
  const handle = await open(path, 'r').catch(() => undefined);
  if (handle === undefined) return 'other';
  try {
    const { size } = await handle.stat();
    if (!(await beginsAs(handle, position))) return 'other';
    if (size < position.offset) return 'shorter copy';
    return (await continuesAs(handle, position)) ? 'copy' : 'other';
  } finally {
    await handle.close();
  }
}
