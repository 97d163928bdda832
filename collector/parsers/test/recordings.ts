/** Reads the shared recordings where they are present: archives are opened in memory, nothing is unpacked to disk. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gunzipSync } from 'node:zlib';
import { fromBuffer } from 'yauzl';

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
export async function sampleLines(path: string, count: number): Promise<string[]> {
  const bytes = readFileSync(path);
  const entries = bytes[0] === 0x50 ? await unzip(withoutTail(bytes)) : untar(gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }));
  return entries
    .flatMap((entry) =>
      entry
        .toString('utf8')
        .split('\n', count + 1)
        .slice(0, count),
    )
    .filter((line) => line.trim() !== '');
}

/** One recording has a stray byte after the archive's end, which strict readers refuse. */
function withoutTail(bytes: Buffer): Buffer {
  const end = bytes.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  return bytes.subarray(0, end + 22 + bytes.readUInt16LE(end + 20));
}

function unzip(bytes: Buffer): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
    const found: Buffer[] = [];
    fromBuffer(bytes, { lazyEntries: true }, (error, zip) => {
      if (error !== null) return void reject(error);
      zip.on('error', reject);
      zip.on('end', () => resolve(found));
      zip.on('entry', (entry) => {
        if (entry.fileName.endsWith('/') || entry.fileName.startsWith('__MACOSX/')) return void zip.readEntry();
        zip.openReadStream(entry, (failure, stream) => {
          if (failure !== null) return void reject(failure);
          const parts: Buffer[] = [];
          stream.on('data', (part: Buffer) => parts.push(part));
          stream.on('error', reject);
          stream.on('end', () => {
            found.push(Buffer.concat(parts));
            zip.readEntry();
          });
        });
      });
      zip.readEntry();
    });
  });
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
