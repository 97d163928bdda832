import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

/** A file's text, or in words why there is none, completing "… cannot be read: ". */
export type TextFile = { readonly text: string; readonly openToEveryone: boolean } | { readonly problem: string };

const OTHERS_MAY_READ = 0o004;

/** Reads a regular file of UTF-8 text up to a size. A pipe or a device is refused: reading it may never end. */
export function readTextFile(path: string, maxBytes: number): TextFile {
  let file: number | undefined;
  try {
    if (!statSync(path).isFile()) return { problem: 'it is no regular file' };
    file = openSync(path, 'r');
    const { size, mode } = fstatSync(file);
    if (size > maxBytes) return { problem: `it has ${size} bytes, ${maxBytes} are allowed` };
    const bytes = Buffer.alloc(maxBytes + 1);
    const length = readSync(file, bytes, 0, bytes.length, 0);
    if (length > maxBytes) return { problem: `it has more than ${maxBytes} bytes` };
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length));
    return { text, openToEveryone: process.platform !== 'win32' && (mode & OTHERS_MAY_READ) !== 0 };
  } catch (error) {
    return { problem: reasonOf(error) };
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!('code' in error)) return error.message;
  if (error.code === 'ENOENT') return 'there is no such file';
  if (error.code === 'EACCES') return 'this user may not read it';
  return error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'it is not UTF-8 text' : error.message;
}
