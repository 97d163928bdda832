/** What is remembered of a file, and how a file is recognised again: device, inode and content, never its name. */
import { hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

export const HEAD_BYTES = 256;
export const TAIL_BYTES = 32;

export interface FilePosition {
  /** The followed path the file was found under first; a rename does not change it. */
  readonly path: string;
  /** The how-manieth file under that path, from 0. */
  readonly generation: number;
  readonly dev: number;
  readonly ino: number;
  /** SHA-256 of the first `headLength` (≤ 256) bytes. */
  readonly headLength: number;
  readonly head: string;
  /** Byte after the last one dealt with, and up to 32 bytes before it in base64: proof that the file is still the same there. */
  readonly offset: number;
  readonly tail: string;
  /** Pieces already cut off a line longer than the limit. */
  readonly part: number;
  /** Time of the last change seen, milliseconds since the epoch. */
  readonly modified: number;
  /** Rotated files of the path last changed before this time have been decided upon, milliseconds since the epoch. */
  readonly since: number;
}

const TEXTS = ['path', 'head', 'tail'] as const;
const NUMBERS = ['generation', 'dev', 'ino', 'headLength', 'offset', 'part', 'modified', 'since'] as const;

/** The position in a stored text; undefined when it is not one (it is then read from the beginning). */
export function parsePosition(text: string): FilePosition | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isPosition(value) ? value : undefined;
}

function isPosition(value: unknown): value is FilePosition {
  if (typeof value !== 'object' || value === null) return false;
  const entries = new Map<string, unknown>(Object.entries(value));
  return NUMBERS.every((name) => typeof entries.get(name) === 'number') && TEXTS.every((name) => typeof entries.get(name) === 'string');
}

export function hashHead(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'base64url').slice(0, 22);
}

/** Up to `length` bytes at `offset`. */
export async function readAt(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let got = 0;
  while (got < length) {
    const { bytesRead } = await handle.read(bytes, got, length - got, offset + got);
    if (bytesRead === 0) break;
    got += bytesRead;
  }
  return bytes.subarray(0, got);
}

/** True when the file begins as the remembered one did. A file shorter than the remembered beginning does not. */
export async function beginsAs(handle: FileHandle, position: FilePosition): Promise<boolean> {
  if (position.headLength === 0) return true;
  const head = await readAt(handle, 0, position.headLength);
  return head.length === position.headLength && hashHead(head) === position.head;
}

/** True when the bytes before the remembered offset are still there. */
export async function continuesAs(handle: FileHandle, position: FilePosition): Promise<boolean> {
  const tail = Buffer.from(position.tail, 'base64');
  return (await readAt(handle, position.offset - tail.length, tail.length)).equals(tail);
}
