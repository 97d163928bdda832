/** Files inside of zip and tar archives, one after the other; nothing is written to disk. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import { fromRandomAccessReaderPromise, RandomAccessReader } from 'yauzl';
import type { Bytes } from './streams.ts';

/** Entries of an archive that are looked at. */
const MOST_ENTRIES = 10_000;

/** End of central directory: signature, size without and of the comment. */
const END_SIGNATURE = Buffer.from('PK\x05\x06', 'latin1');
const END_RECORD = 22;
const MOST_COMMENT = 0xffff;

export interface ArchiveEntry {
  readonly name: string;
  /** Place in the archive, from 0. */
  readonly index: number;
  readonly stored: number;
  readonly content: () => Promise<Bytes>;
}

export function isZip(head: Buffer): boolean {
  return head.length >= 4 && (head.readUInt32LE(0) === 0x04034b50 || head.readUInt32LE(0) === 0x06054b50);
}

export function isTar(head: Buffer): boolean {
  return head.length >= 512 && head.toString('latin1', 257, 262) === 'ustar';
}

/** Files of a zip. Encrypted ones and those of an unknown compression throw when their content is asked for. */
export async function* zipEntries(path: string, report: (reason: string) => void): AsyncGenerator<ArchiveEntry> {
  // Names are only shown, never used as paths: strange ones are no reason to refuse the archive.
  const options = { autoClose: false, lazyEntries: true, decodeStrings: false, validateEntrySizes: true };
  const zip = await fromRandomAccessReaderPromise(new PartReader(path), await endOfZip(path), options);
  try {
    let index = -1;
    for await (const entry of zip.eachEntry()) {
      index++;
      if (index >= MOST_ENTRIES) {
        report(`the archive has more than ${MOST_ENTRIES} entries`);
        return;
      }
      const name = entry.fileNameRaw.toString('utf8');
      if (entry.uncompressedSize === 0 || isBeside(name)) continue;
      yield { name, index, stored: entry.compressedSize, content: async () => await zip.openReadStreamPromise(entry) };
    }
  } finally {
    zip.close();
  }
}

export async function* tarEntries(source: Bytes, report: (reason: string) => void): AsyncGenerator<ArchiveEntry> {
  const entries = extract();
  const input = Readable.from(source, { objectMode: false });
  // `pipe` does not pass errors on, and tar-stream does not notice when its input just ends inside an entry.
  input.on('error', (error) => entries.destroy(error));
  input.pipe(entries);
  let index = -1;
  try {
    for await (const entry of entries) {
      index++;
      const { name, type, size } = entry.header;
      if (index >= MOST_ENTRIES) {
        report(`the archive has more than ${MOST_ENTRIES} entries`);
        return;
      }
      const wanted = type === 'file' && !isBeside(name) && size !== 0;
      if (wanted) yield { name, index, stored: 0, content: () => Promise.resolve(bytesOf(entry)) };
      entry.resume();
    }
  } finally {
    input.destroy();
    entries.destroy();
  }
}

/** tar-stream's own type of stream does not say what it yields. */
async function* bytesOf(entry: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const chunk of entry) if (chunk instanceof Uint8Array) yield chunk;
}

class PartReader extends RandomAccessReader {
  readonly #path: string;

  constructor(path: string) {
    super();
    this.#path = path;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return createReadStream(this.#path, { start, end: end - 1 });
  }
}

/** Where a zip ends by its own account. Some of OTRF's have a line end behind that, which strict readers refuse. */
async function endOfZip(path: string): Promise<number> {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  const start = Math.max(0, size - END_RECORD - MOST_COMMENT);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
  const at = buffer.subarray(0, bytesRead).lastIndexOf(END_SIGNATURE);
  if (at < 0 || at + END_RECORD > bytesRead) return size;
  return Math.min(size, start + at + END_RECORD + buffer.readUInt16LE(at + 20));
}

/** What macOS puts beside the files, and folders. */
function isBeside(name: string): boolean {
  return name.endsWith('/') || /(^|\/)(__MACOSX\/|\._|\.DS_Store$)/.test(name);
}
