import { opendir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { stableId } from '@vong/platform/ids';
import type { RecordingView } from '../contracts.ts';

export interface LibraryRecording {
  readonly view: RecordingView;
  readonly path: string;
}

const MOST_FILES = 5000;
const DEEPEST = 12;
const KINDS: readonly (readonly [RegExp, RecordingView['kind']])[] = [
  [/\.(zip|tar|tgz|tar\.gz|tar\.zst)$/i, 'archive'],
  [/\.evtx$/i, 'evtx'],
  [/\.json$/i, 'json'],
  [/\.(ndjson|jsonl|log|raw)(\.gz|\.zst)?$/i, 'ndjson'],
];

/**
 * The recordings found in folders of the operator, read-only, for everyone. Told by name, so that a folder of a thousand archives is
 * listed at once; the content decides when one is replayed. Links are not followed. A folder that is missing is empty.
 */
export async function listLibrary(directories: readonly string[]): Promise<LibraryRecording[]> {
  const found: LibraryRecording[] = [];
  for (const directory of directories) await walk({ root: directory, directory, depth: 0 }, found);
  return found.sort((a, b) => (a.view.name < b.view.name ? -1 : 1));
}

async function walk(at: { root: string; directory: string; depth: number }, found: LibraryRecording[]): Promise<void> {
  if (at.depth > DEEPEST) return;
  for (const { name, folder } of await entries(at.directory)) {
    if (found.length >= MOST_FILES) return;
    const path = join(at.directory, name);
    if (folder) {
      await walk({ root: at.root, directory: path, depth: at.depth + 1 }, found);
      continue;
    }
    const kind = KINDS.find(([pattern]) => pattern.test(name))?.[1];
    const bytes = kind === undefined ? undefined : await sizeOf(path);
    if (kind === undefined || bytes === undefined) continue;
    const inside = relative(at.root, path).replaceAll('\\', '/');
    found.push({ path, view: { id: stableId('library', inside), name: inside, kind, bytes, origin: 'library' } });
  }
}

async function entries(directory: string): Promise<{ name: string; folder: boolean }[]> {
  const found: { name: string; folder: boolean }[] = [];
  try {
    for await (const entry of await opendir(directory)) {
      if (entry.isDirectory()) found.push({ name: entry.name, folder: true });
      else if (entry.isFile()) found.push({ name: entry.name, folder: false });
      if (found.length > MOST_FILES) break;
    }
  } catch {
    // A folder that cannot be read shows nothing; the server runs without a library.
  }
  return found;
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch {
    return undefined;
  }
}
