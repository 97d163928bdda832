/**
 * Makes tables of a state equal to those of a state file. Only what differs is written, so it can be done again and again, and
 * goes on by itself wherever it was broken off.
 */
import { hasCode } from '../../errors/index.ts';
import { Checksum, rowText, type Row } from './checksum.ts';
import type { Key, StateFile, TableShape } from './file.ts';
import type { StateTables } from './tables.ts';

const PAGE = 1000;
/** A value that must be there once would be there twice: PostgreSQL's `code`, SQLite's `errcode`. */
const UNIQUE = { code: '23505', errcode: 2067 };

export interface CopyOptions {
  readonly from: StateFile;
  readonly to: StateTables;
  readonly table: TableShape;
  /** What a row becomes on its way. */
  readonly change?: ((row: Row) => Row) | undefined;
  /** Told of rows that were looked at. */
  readonly onRows?: ((count: number) => void) | undefined;
}

export interface Copied {
  readonly written: number;
  readonly removed: number;
}

export interface TableSum {
  /** Rows. */
  readonly count: number;
  readonly checksum: string;
}

/** Copies every table given; they come in the order of `StateFile.tables`. */
export async function copyTables(
  tables: readonly TableShape[],
  options: Omit<CopyOptions, 'table' | 'change'> & {
    readonly changeOf: (table: string) => CopyOptions['change'];
  },
): Promise<Copied> {
  const { changeOf, ...given } = options;
  const total = { written: 0, removed: 0 };
  const parents = new Set(tables.flatMap((table) => table.parents));
  const each = (table: TableShape): CopyOptions => ({ ...given, table, change: changeOf(table.name) });
  for (const table of tables) {
    // What refers to a row goes before it.
    if (!parents.has(table.name)) total.removed += await removeGone(each(table));
    total.written += await copyTable(each(table));
  }
  for (const table of tables.toReversed()) if (parents.has(table.name)) total.removed += await removeGone(each(table));
  return total;
}

/** Rows written. */
async function copyTable(options: CopyOptions): Promise<number> {
  const { from, to, table, change = same } = options;
  if (table.key.length === 0) return await replaceUnlessEqual(options);
  try {
    return await copyRows(options);
  } catch (error) {
    if (!isUnique(error)) throw error;
    // Two rows have exchanged what only one may have: one after the other does not go.
    await to.replace(table, changed(from.all(table), change));
    return await to.count(table.name);
  }
}

function isUnique(error: unknown): boolean {
  if (hasCode(error, UNIQUE.code)) return true;
  return typeof error === 'object' && error !== null && 'errcode' in error && error.errcode === UNIQUE.errcode;
}

async function copyRows({ from, to, table, change = same, onRows }: CopyOptions): Promise<number> {
  let written = 0;
  for (let after: Key | undefined; ;) {
    const rows = from.page(table, after, PAGE).map(change);
    const last = rows.at(-1);
    if (last === undefined) return written;
    const upTo = keyOf(table, last);
    const there = new Set((await to.page(table, { after, upTo })).map((row) => rowText(row, table.columns)));
    const missing = rows.filter((row) => !there.has(rowText(row, table.columns)));
    await to.put(table, missing);
    written += missing.length;
    onRows?.(rows.length);
    after = upTo;
  }
}

async function removeGone({ from, to, table }: CopyOptions): Promise<number> {
  let removed = 0;
  if (table.key.length === 0) return removed;
  for (let after: Key | undefined; ;) {
    const rows = await to.page(table, { after, limit: PAGE });
    const last = rows.at(-1);
    if (last === undefined) return removed;
    const known = new Set(
      from
        .having(
          table,
          rows.map((row) => keyOf(table, row)),
        )
        .map((key) => JSON.stringify(key)),
    );
    const gone = rows.map((row) => keyOf(table, row)).filter((key) => !known.has(JSON.stringify(key)));
    await to.remove(table, gone);
    removed += gone.length;
    after = keyOf(table, last);
  }
}

async function replaceUnlessEqual({ from, to, table, change = same, onRows }: CopyOptions): Promise<number> {
  const wanted = sumOf(changed(from.all(table), change), table);
  onRows?.(wanted.count);
  if (sumsEqual(wanted, sumOf([await to.whole(table)], table))) return 0;
  await to.replace(table, changed(from.all(table), change));
  return wanted.count;
}

export interface Compared {
  readonly table: string;
  readonly source: TableSum;
  readonly target: TableSum;
  readonly equal: boolean;
}

/** Reads both sides whole. */
export async function compareTable({ from, to, table, change = same, onRows }: CopyOptions): Promise<Compared> {
  const source = sumOf(changed(from.all(table), change), table);
  onRows?.(source.count);
  const sum = new Checksum();
  const take = (rows: readonly Row[]): void => rows.forEach((row) => sum.add(rowText(row, table.columns)));
  if (table.key.length === 0) take(await to.whole(table));
  else
    for (let after: Key | undefined; ;) {
      const rows = await to.page(table, { after, limit: PAGE });
      take(rows);
      const last = rows.at(-1);
      if (last === undefined || rows.length < PAGE) break;
      after = keyOf(table, last);
    }
  const target = { count: sum.count, checksum: sum.text };
  return { table: table.name, source, target, equal: sumsEqual(source, target) };
}

function sumOf(pages: Iterable<readonly Row[]>, table: TableShape): TableSum {
  const sum = new Checksum();
  for (const rows of pages) for (const row of rows) sum.add(rowText(row, table.columns));
  return { count: sum.count, checksum: sum.text };
}

function sumsEqual(left: TableSum, right: TableSum): boolean {
  return left.count === right.count && left.checksum === right.checksum;
}

function* changed(pages: Iterable<readonly Row[]>, change: (row: Row) => Row): Generator<readonly Row[]> {
  for (const rows of pages) yield rows.map(change);
}

function keyOf({ key }: TableShape, row: Row): Key {
  return key.map((column) => row[column] ?? null);
}

function same(row: Row): Row {
  return row;
}
