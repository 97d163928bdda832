/**
 * Reads the tables of a state on SQLite, also while a node writes to it: a second connection that only reads, at one moment of the
 * file from open to close. A long reading keeps the file's write-ahead log from being cut back.
 */
import { existsSync } from 'node:fs';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { stateError } from '../errors.ts';
import type { Row, Value } from './checksum.ts';

export interface TableShape {
  readonly name: string;
  readonly columns: readonly string[];
  /** Columns of the primary key in its order; empty for a table without one. */
  readonly key: readonly string[];
  /** Tables that its rows refer to. */
  readonly parents: readonly string[];
  /** The column that numbers its rows, and the highest number it ever gave. */
  readonly numbered?: { readonly column: string; readonly last: number };
}

export type Key = readonly Value[];

export interface StateFile {
  /** Every table, those that others refer to first. */
  readonly tables: readonly TableShape[];
  /** The next rows in the order of the key, after the one given; at most `limit`. */
  page(table: TableShape, after: Key | undefined, limit: number): Row[];
  /** Those of the keys that there are rows of. */
  having(table: TableShape, keys: readonly Key[]): Key[];
  /** All rows of a table, in pages. */
  all(table: TableShape): Generator<readonly Row[]>;
  close(): void;
}

const PAGE = 500;

/** @throws STATE_DAMAGED when there is no state in the file */
export function openStateFile(path: string): StateFile {
  if (!existsSync(path)) throw stateError('STATE_DAMAGED', { path, reason: 'there is no such file' });
  const db = new DatabaseSync(path, { readOnly: true, timeout: 10_000 });
  db.exec('PRAGMA temp_store = MEMORY; BEGIN');
  const tables = inOrder(namesIn(db).map((name) => shapeOf(db, name)));
  const page = (table: TableShape, after: Key | undefined, limit: number): Row[] => {
    const { key } = table;
    const names = key.map(quoted).join(', ');
    const behind = after === undefined ? '' : `WHERE (${names}) > (${key.map(() => '?').join(', ')})`;
    const sql = `SELECT ${listed(table)} FROM ${quoted(table.name)} ${behind} ORDER BY ${names} LIMIT ?`;
    return db
      .prepare(sql)
      .all(...(after ?? []), limit)
      .map(rowOf);
  };
  return {
    tables,
    page,
    having: (table, keys) => {
      const where = table.key.map((column) => `${quoted(column)} = ?`).join(' AND ');
      const one = db.prepare(`SELECT 1 FROM ${quoted(table.name)} WHERE ${where}`);
      return keys.filter((key) => one.get(...key) !== undefined);
    },
    *all(table) {
      const every = db.prepare(`SELECT ${listed(table)} FROM ${quoted(table.name)}`).iterate();
      let rows: Row[] = [];
      for (const row of every) {
        rows.push(rowOf(row));
        if (rows.length < PAGE) continue;
        yield rows;
        rows = [];
      }
      if (rows.length > 0) yield rows;
    },
    close: () => db.close(),
  };
}

function namesIn(db: DatabaseSync): string[] {
  const sql = `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name`;
  return db
    .prepare(sql)
    .all()
    .map(({ name }) => String(name));
}

function shapeOf(db: DatabaseSync, name: string): TableShape {
  const info = db.prepare('SELECT name, pk FROM pragma_table_info(?) ORDER BY cid').all(name);
  const key = info.filter(({ pk }) => Number(pk) > 0).sort((left, right) => Number(left['pk']) - Number(right['pk']));
  const parents = db.prepare('SELECT DISTINCT "table" AS parent FROM pragma_foreign_key_list(?)').all(name);
  const shape = {
    name,
    columns: info.map((column) => String(column['name'])),
    key: key.map((column) => String(column['name'])),
    parents: parents.map(({ parent }) => String(parent)),
  };
  const last = numbersOf(db).get(name);
  const [column] = shape.key;
  return last === undefined || column === undefined ? shape : { ...shape, numbered: { column, last } };
}

/** Of the tables whose numbers never come twice (AUTOINCREMENT). */
function numbersOf(db: DatabaseSync): ReadonlyMap<string, number> {
  const there = db.prepare(`SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'`).get() !== undefined;
  const rows = there ? db.prepare('SELECT name, seq FROM sqlite_sequence').all() : [];
  return new Map(rows.map(({ name, seq }) => [String(name), Number(seq)]));
}

function inOrder(tables: readonly TableShape[]): TableShape[] {
  const done: TableShape[] = [];
  const waiting = new Set(tables);
  while (waiting.size > 0) {
    const ready = [...waiting].filter(({ name, parents }) =>
      parents.every((parent) => parent === name || ![...waiting].some((other) => other.name === parent)),
    );
    // Tables that refer to each other in a ring: none of ours do.
    if (ready.length === 0) throw new Error(`tables refer to each other in a ring: ${[...waiting].map(({ name }) => name).join(', ')}`);
    for (const table of ready) {
      done.push(table);
      waiting.delete(table);
    }
  }
  return done;
}

function listed({ columns }: TableShape): string {
  return columns.map(quoted).join(', ');
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function rowOf(row: Record<string, SQLOutputValue>): Row {
  return { ...row };
}
