/**
 * What was parsed of Sigma files, kept between runs of the command line: the YAML of a file that has not changed is not read again.
 * One file, replaced as a whole, so that runs at the same time do each other no harm. **Nothing hangs on it**: what is missing,
 * damaged or of another version is parsed anew, and a folder that cannot be written is no error.
 */
import { hash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { decodeParsed, encodeParsed, PARSED_FORMAT, parseSigma, type SigmaDocuments } from 'sigma-rules-ts';
import manifest from 'sigma-rules-ts/package.json' with { type: 'json' };

/** Bytes of the file. Four thousand rules take six million. */
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_BYTES_OF_ONE = MOST_BYTES / 8;
const KEY_LENGTH = 43;
const NEWLINE = 0x0a;

export interface ParsedCache {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
}

/** `VONG_CACHE`, else `vong` in the folder of the user's caches. Undefined where nothing shall be kept. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const { VONG_CACHE: own = '', XDG_CACHE_HOME: caches = '' } = env;
  if (own === 'off') return undefined;
  if (own !== '') return own;
  return join(isAbsolute(caches) ? caches : join(homedir(), '.cache'), 'vong');
}

/** As `parseSigma`; what the cache holds of the same text under the same file name is taken from there. */
export function parseCached(text: string, file: string, cache: ParsedCache | undefined): SigmaDocuments {
  if (cache === undefined) return parseSigma(text, file);
  const key = hash('sha256', `${JSON.stringify([PARSED_FORMAT, manifest.version, file])}${text}`, 'base64url');
  const kept = cache.get(key);
  const known = kept === undefined ? undefined : decodeParsed(kept, text);
  if (known !== undefined) return known;
  const parsed = parseSigma(text, file);
  cache.set(key, encodeParsed(parsed, text));
  return parsed;
}

/** Runs the work with the cache of a folder, and keeps what it added. */
export async function withParsedCache<Result>(
  work: (cache: ParsedCache | undefined) => Promise<Result>,
  folder = cacheFolder(),
): Promise<Result> {
  if (folder === undefined) return await work(undefined);
  const cache = new FileCache(await readEntries(pathIn(folder)));
  const result = await work(cache);
  if (cache.changed) await save(folder, cache.used);
  return result;
}

type Entries = ReadonlyMap<string, Buffer>;

class FileCache implements ParsedCache {
  readonly #kept: Entries;
  /** What was asked for or added, the rest being older. */
  readonly used = new Map<string, Buffer>();
  changed = false;

  constructor(kept: Entries) {
    this.#kept = kept;
  }

  get(key: string): string | undefined {
    const found = this.used.get(key) ?? this.#kept.get(key);
    if (found !== undefined) this.used.set(key, found);
    return found?.toString('utf8');
  }

  set(key: string, value: string): void {
    this.used.set(key, Buffer.from(value));
    this.changed = true;
  }
}

const pathIn = (folder: string): string => join(folder, 'parsed-rules');

/** A line holds a key, a space and a value. What is not so is passed over. */
async function readEntries(path: string): Promise<Entries> {
  const entries = new Map<string, Buffer>();
  const data = await readBounded(path);
  for (let from = 0; from < data.length;) {
    const found = data.indexOf(NEWLINE, from);
    const to = found < 0 ? data.length : found;
    if (to - from > KEY_LENGTH) entries.set(data.toString('latin1', from, from + KEY_LENGTH), data.subarray(from + KEY_LENGTH + 1, to));
    from = to + 1;
  }
  return entries;
}

async function readBounded(path: string): Promise<Buffer> {
  try {
    const { size } = await stat(path);
    return size > MOST_BYTES ? Buffer.alloc(0) : await readFile(path);
  } catch {
    return Buffer.alloc(0);
  }
}

/** What was used now comes first; of what others kept meanwhile or before, as much as there is room for. */
async function save(folder: string, used: Entries): Promise<void> {
  const path = pathIn(folder);
  const pieces: Buffer[] = [];
  let bytes = 0;
  for (const [key, value] of new Map([...used, ...[...(await readEntries(path))].filter(([known]) => !used.has(known))])) {
    const size = KEY_LENGTH + value.length + 2;
    if (size > MOST_BYTES_OF_ONE || bytes + size > MOST_BYTES) continue;
    bytes += size;
    pieces.push(Buffer.from(`${key} `), value, Buffer.from('\n'));
  }
  const written = `${path}.${process.pid}.${randomUUID()}`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(written, Buffer.concat(pieces), { mode: 0o600 });
    await rename(written, path);
  } catch {
    await rm(written, { force: true }).catch(() => undefined);
  }
}
