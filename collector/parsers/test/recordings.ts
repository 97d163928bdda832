/** Reads the shared recordings where they are present: archives are opened in memory, nothing is unpacked to disk. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gunzipSync, inflateRawSync } from 'node:zlib';

const ROOT = process.env['VONG_SHARED'] ?? join(import.meta.dirname, '../../../../shared');

export const DATA = join(ROOT, 'data');
export const present = existsSync(join(DATA, 'otrf'));

export function filesUnder(directory: string, suffix: RegExp): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => suffix.test(name))
    .map((name) => join(directory, name))
    .sort();
}

/** The first lines of every data file of an archive. */
export function sampleLines(path: string, count: number): string[] {
  const bytes = readFileSync(path);
  const entries = bytes[0] === 0x50 ? unzip(bytes) : untar(gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }));
  return entries
    .flatMap((entry) =>
      entry
        .toString('utf8')
        .split('\n', count + 1)
        .slice(0, count),
    )
    .filter((line) => line.trim() !== '');
}

/** Files of a zip by its central directory; bytes after the archive's end (one recording has one) do not matter. */
function unzip(bytes: Buffer): Buffer[] {
  const end = bytes.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  const found: Buffer[] = [];
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    const [method, size] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 20)];
    const [nameLength, extraLength, commentLength] = [
      bytes.readUInt16LE(at + 28),
      bytes.readUInt16LE(at + 30),
      bytes.readUInt16LE(at + 32),
    ];
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    const local = bytes.readUInt32LE(at + 42);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const data = bytes.subarray(start, start + size);
    if (!name.endsWith('/') && !name.startsWith('__MACOSX/')) found.push(method === 8 ? inflateRawSync(data) : data);
    at += 46 + nameLength + extraLength + commentLength;
  }
  return found;
}

/** Regular files of a tar; the last may be cut short, as in one recording whose gzip stream ends early. */
function untar(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at + 512 <= bytes.length && bytes[at] !== 0;) {
    const size = Number.parseInt(bytes.toString('latin1', at + 124, at + 136), 8);
    if (bytes[at + 156] === 0x30 || bytes[at + 156] === 0) found.push(bytes.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return found;
}

/** Several JSON documents in a row, pretty-printed or not, split without parsing. */
export function documents(text: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let start = -1;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '"') {
      for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === '\\') i++;
    } else if (char === '{') {
      if (depth++ === 0) start = i;
    } else if (char === '}' && --depth === 0) found.push(text.slice(start, i + 1));
  }
  return found;
}
