/** Finds the files to follow and the rotated files beside them. */
import { glob, readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';

export interface SeenFile {
  readonly path: string;
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  readonly modified: number;
}

const MAGIC = /[*?[\]{}!]/;
const COMPRESSED = /\.(?:gz|xz|bz2|zst|zip|lz4|Z)$/i;
/** More files than this under all patterns is a mistake in a pattern; the rest is not followed and the source says so. */
export const MAX_FILES = 5000;

/** Paths under the patterns, sorted; a path that is written out is returned whether it exists or not. Compressed files are left out. */
export async function expand(patterns: readonly string[]): Promise<string[]> {
  const paths = new Set<string>();
  for (const pattern of patterns) {
    const absolute = resolve(pattern);
    if (!MAGIC.test(pattern)) paths.add(absolute);
    else {
      for await (const path of glob(absolute)) {
        if (!COMPRESSED.test(path)) paths.add(path);
        if (paths.size >= MAX_FILES) break;
      }
    }
  }
  return [...paths].sort();
}

/** The regular file at a path (symbolic links followed); undefined when there is none or it cannot be looked at. */
export async function look(path: string): Promise<SeenFile | undefined> {
  try {
    const found = await stat(path);
    if (!found.isFile()) return undefined;
    return { path, dev: found.dev, ino: found.ino, size: found.size, modified: found.mtimeMs };
  } catch {
    return undefined;
  }
}

/** Names that a rotation gives: `app.log.1`, `app.log-20261122`, `app.log.old`, `app-20261122.log`, `app.1.log`. */
export function isRotationOf(name: string, base: string): boolean {
  if (name === base || COMPRESSED.test(name)) return false;
  if (name.startsWith(base)) return /^[.\-_](?:\d[\w.:-]*|old|bak)$/.test(name.slice(base.length));
  const extension = extname(base);
  const stem = base.slice(0, base.length - extension.length);
  if (extension === '' || !name.startsWith(stem) || !name.endsWith(extension)) return false;
  return /^[.\-_]\d[\w.:-]*$/.test(name.slice(stem.length, name.length - extension.length));
}

/** The rotated files beside a path, oldest first. */
export async function rotatedBeside(path: string, entries: Map<string, readonly string[]>): Promise<SeenFile[]> {
  const folder = dirname(path);
  const names = entries.get(folder) ?? (await readdir(folder).catch(() => []));
  entries.set(folder, names);
  const base = basename(path);
  const found = await Promise.all(names.filter((name) => isRotationOf(name, base)).map((name) => look(join(folder, name))));
  return found.filter((file) => file !== undefined).sort(byAge);
}

function byAge(a: SeenFile, b: SeenFile): number {
  return a.modified - b.modified || rotationNumber(b.path) - rotationNumber(a.path) || (a.path < b.path ? -1 : 1);
}

/** Of two files of the same time, `.2` is older than `.1`; dates sort the other way round. */
function rotationNumber(path: string): number {
  const digits = /[.\-_](\d{1,4})(?:\.\w+)?$/.exec(path)?.[1];
  return digits === undefined ? 0 : Number(digits);
}
