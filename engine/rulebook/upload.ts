/**
 * Reads rule files out of what a person uploads or points at: .yml files, a zip of them, a directory. Untrusted: entries, bytes
 * and ratio are bounded, nothing is extracted to disk, names are only shown.
 */
import { readFile, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fromBuffer, type Entry, type ZipFile } from 'yauzl';
import { rulesError } from './errors.ts';

export interface RuleFile {
  /** Path as shown to people. */
  readonly name: string;
  readonly text: string;
}

const MAX_FILES = 50_000;
const MAX_FILE_BYTES = 2 * 1024 * 1024;
const MAX_TOTAL_BYTES = 256 * 1024 * 1024;

/** First bytes of a zip archive that is not empty. */
const ZIP = Buffer.from([0x50, 0x4b, 0x03, 0x04]);

const isRule = (name: string): boolean => /\.ya?ml$/i.test(name);

/** Rule files under a directory, by name. Symbolic links are not followed. */
export async function rulesOfDirectory(directory: string): Promise<RuleFile[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile() && isRule(entry.name)).map((entry) => join(entry.parentPath, entry.name));
  const files: RuleFile[] = [];
  for (const path of paths.sort()) files.push({ name: relative(directory, path), text: await readFile(path, 'utf8') });
  return files;
}

/** Rule files of one uploaded file: itself, or a zip's entries. */
export async function rulesOfUpload(name: string, bytes: Buffer): Promise<RuleFile[]> {
  if (isRule(name)) return [{ name, text: bytes.toString('utf8') }];
  if (!bytes.subarray(0, ZIP.length).equals(ZIP)) return [];
  const zip = await openZip(name, bytes);
  try {
    return await readEntries(name, zip);
  } finally {
    zip.close();
  }
}

function openZip(file: string, bytes: Buffer): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    fromBuffer(bytes, { lazyEntries: true }, (error, zip) => {
      if (error) reject(rulesError('RULES_UPLOAD_INVALID', { file, reason: error.message }, error));
      else resolve(zip);
    });
  });
}

function readEntries(file: string, zip: ZipFile): Promise<RuleFile[]> {
  const files: RuleFile[] = [];
  let total = 0;
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void => reject(rulesError('RULES_UPLOAD_INVALID', { file, reason }));
    zip.on('error', (error: Error) => fail(error.message));
    zip.on('end', () => resolve(files));
    zip.on('entry', (entry: Entry) => {
      if (!isRule(entry.fileName)) return zip.readEntry();
      total += entry.uncompressedSize;
      if (files.length >= MAX_FILES) return reject(rulesError('RULES_UPLOAD_TOO_LARGE', { limit: `${MAX_FILES} files` }));
      if (entry.uncompressedSize > MAX_FILE_BYTES || total > MAX_TOTAL_BYTES) {
        return reject(rulesError('RULES_UPLOAD_TOO_LARGE', { limit: '2 MiB in one file or 256 MiB in all' }));
      }
      readEntry(zip, entry).then(
        (text) => {
          files.push({ name: entry.fileName, text });
          return zip.readEntry();
        },
        (error: unknown) => fail(error instanceof Error ? error.message : String(error)),
      );
    });
    zip.readEntry();
  });
}

/** yauzl checks that an entry is no larger than its header says, so the sizes checked above hold. */
function readEntry(zip: ZipFile, entry: Entry): Promise<string> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (error) return reject(error);
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', reject);
      stream.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    });
  });
}
