/**
 * The mark of a data directory whose node goes on in a cluster. No node starts on it any more: agents would find two front doors,
 * and what the old one took would be in neither the cluster nor anybody's sight.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { logError } from './errors.ts';

const MARK = 'moved.json';

export interface Moved {
  /** Where to, for people; never a secret. */
  readonly to: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Marks the directory; whoever does it holds its lock. */
export function markMoved(directory: string, moved: Moved): void {
  const path = join(directory, MARK);
  writeFileSync(`${path}.new`, `${JSON.stringify(moved)}\n`);
  renameSync(`${path}.new`, path);
}

/** The mark; undefined when there is none. A mark that cannot be read is a mark. */
export function movedTo(directory: string): Moved | undefined {
  let text: string;
  try {
    text = readFileSync(join(directory, MARK), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written above
    return JSON.parse(text) as Moved;
  } catch {
    return { to: 'a cluster', at: 0 };
  }
}

/** @throws DATA_DIR_MOVED */
export function refuseMoved(directory: string): void {
  const moved = movedTo(directory);
  if (moved !== undefined) throw logError('DATA_DIR_MOVED', { directory, to: moved.to, mark: join(directory, MARK) });
}
