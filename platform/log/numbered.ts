/** The numbered producers of an embedded log, for whoever carries them over into another. */
import { DatabaseSync } from 'node:sqlite';
import type { Producer } from './contract.ts';
import { translate } from './failures.ts';

const PAGE = 500;

/** Every producer with its last stored sequence, in pages. Nobody may append meanwhile. */
export function* numberedProducers(path: string): Generator<readonly Producer[]> {
  const db = new DatabaseSync(path, { readOnly: true, timeout: 10_000 });
  try {
    const select = db.prepare('SELECT id, sequence FROM producers WHERE id > ? ORDER BY id LIMIT ?');
    for (let after = ''; ;) {
      const rows = select.all(after, PAGE).map(({ id, sequence }) => ({ id: String(id), sequence: Number(sequence) }));
      if (rows.length > 0) yield rows;
      const last = rows.at(-1);
      if (last === undefined || rows.length < PAGE) return;
      after = last.id;
    }
  } catch (error) {
    throw translate(error, path);
  } finally {
    db.close();
  }
}
