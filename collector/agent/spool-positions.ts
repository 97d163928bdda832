/** Where the sources stand, and how many records were read from each input: written with the batch they belong to. */
import type { SpoolFile } from './spool-file.ts';

export interface Progress {
  /** Per source kind; `null` forgets a position. */
  readonly positions: ReadonlyMap<string, ReadonlyMap<string, string | null>>;
  /** Records per source kind and input name, joined with NUL. */
  readonly reads: ReadonlyMap<string, number>;
}

export function positionsOf(file: SpoolFile, kind: string): Map<string, string> {
  const rows = file.statement('SELECT key, value FROM positions WHERE source = ?').all(kind);
  return new Map(rows.map((row) => [String(row['key']), String(row['value'])]));
}

/** Records read per source kind and input name (joined with NUL), since the first start. */
export function readsOf(file: SpoolFile): Map<string, number> {
  const rows = file.statement('SELECT name, read FROM reads').all();
  return new Map(rows.map((row) => [String(row['name']), Number(row['read'])]));
}

/** Within a transaction. */
export function writeProgress(file: SpoolFile, { positions, reads }: Progress): void {
  const write = file.statement('INSERT INTO positions VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value');
  const forget = file.statement('DELETE FROM positions WHERE source = ? AND key = ?');
  for (const [kind, changes] of positions) {
    for (const [key, value] of changes) {
      if (value === null) forget.run(kind, key);
      else write.run(kind, key, value);
    }
  }
  const read = file.statement('INSERT INTO reads VALUES (?, ?) ON CONFLICT DO UPDATE SET read = read + excluded.read');
  for (const [name, count] of reads) read.run(name, count);
}
