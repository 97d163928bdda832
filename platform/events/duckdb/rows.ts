/** One log record (UTF-8 JSON of an `EcsEvent`) → the values of its row. */
import { COLUMNS, ITEM_SEPARATOR, type Column } from '../columns.ts';
import { fold, isPlain } from '../fold.ts';
import { ipKey } from '../ip.ts';

export type Cell = string | bigint | null;

export interface Row {
  readonly id: string;
  readonly at: number;
  readonly agency: string;
  /** `event.ingested`, milliseconds. */
  readonly received: number | undefined;
  readonly cells: readonly Cell[];
  /** Roughly what the row takes, bytes. */
  readonly size: number;
}

export interface TableColumn {
  readonly name: string;
  readonly type: 'VARCHAR' | 'BIGINT';
}

const addresses = COLUMNS.filter((column) => column.type === 'ip');

/** In the order of `Row.cells`. */
export const TABLE_COLUMNS: readonly TableColumn[] = [
  ...COLUMNS.map((column): TableColumn => ({
    name: column.column,
    type: column.type === 'number' || column.type === 'date' ? 'BIGINT' : 'VARCHAR',
  })),
  ...addresses.map((column): TableColumn => ({ name: `${column.column}_key`, type: 'VARCHAR' })),
  // Only where folding is more than lower case: the SQL falls back to lower(original).
  { name: 'folded_original', type: 'VARCHAR' },
  // The event's JSON without event.original, which has its own column.
  { name: 'doc', type: 'VARCHAR' },
];

/** Undefined when the record is not the JSON of an event with an id. */
export function rowOf(text: string): Row | undefined {
  const event = parse(text);
  const inner = event?.['event'];
  if (event === undefined || !isObject(inner) || typeof inner['id'] !== 'string') return undefined;
  const original = typeof inner['original'] === 'string' ? inner['original'] : null;
  const at = happened(event) ?? 0;
  const cells: Cell[] = COLUMNS.map((column) => (column.column === 'ts' ? BigInt(at) : cell(column, at_(event, column.path))));
  for (const column of addresses) cells.push(keys(at_(event, column.path)));
  cells.push(original === null || isPlain(original) ? null : fold(original));
  cells.push(wellFormed(withoutOriginal(text, event, inner)));
  const agency = at_(event, ['organization', 'id']);
  const received = time(inner['ingested']);
  return { id: inner['id'], at, agency: typeof agency === 'string' ? agency : '', received, cells, size: text.length + 600 };
}

/** Cuts `event.original` out of the text where that is certain; otherwise writes the event anew. The former is much cheaper. */
function withoutOriginal(text: string, event: Json, inner: Json): string {
  if (typeof inner['original'] !== 'string') return text;
  // Inside a JSON string every quote is escaped, so this can only be a member; once: it can only be this one.
  const member = `"original":${JSON.stringify(inner['original'])},`;
  const at = text.indexOf(member);
  if (at > 0 && text.indexOf('"original":', at + member.length) < 0 && text.lastIndexOf('"original":', at - 1) < 0) {
    return text.slice(0, at) + text.slice(at + member.length);
  }
  delete inner['original'];
  return JSON.stringify(event);
}

type Json = Record<string, unknown>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function at_(event: Json, path: readonly string[]): unknown {
  let value: unknown = event;
  for (const key of path) {
    if (!isObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

function time(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  const ms = Date.parse(value);
  return Number.isSafeInteger(ms) ? ms : undefined;
}

function cell(column: Column, value: unknown): Cell {
  if (value === undefined || value === null) return null;
  if (column.type === 'date') {
    const ms = time(value);
    return ms === undefined ? null : BigInt(ms);
  }
  if (column.type === 'number') {
    const number = typeof value === 'string' && value !== '' ? Number(value) : value;
    return typeof number === 'number' && Number.isSafeInteger(number) ? BigInt(number) : null;
  }
  if (column.many) return items(value);
  return Array.isArray(value) ? scalar(value[0]) : scalar(value);
}

function scalar(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

function items(value: unknown): string | null {
  const list = (Array.isArray(value) ? value : [value]).map(scalar).filter((item) => item !== null);
  return list.length === 0 ? null : list.map((item) => item.replaceAll(ITEM_SEPARATOR, ' ')).join(ITEM_SEPARATOR);
}

/** The values that the column has of the event, as every store holds them; empty where it has none. */
export function cellsOf(column: Column, event: Readonly<Record<string, unknown>>): (string | bigint)[] {
  const value = column.column === 'ts' ? BigInt(happened(event) ?? 0) : cell(column, at_(event, column.path));
  if (value === null) return [];
  return column.many ? String(value).split(ITEM_SEPARATOR) : [value];
}

/** The sortable keys (`ip.ts`) of an address column. */
export function addressesOf(column: Column, event: Readonly<Record<string, unknown>>): string[] {
  return keys(at_(event, column.path))?.split(ITEM_SEPARATOR) ?? [];
}

/** When it happened; failing that when it was received; ms since the epoch. */
function happened(event: Json): number | undefined {
  return time(event['@timestamp']) ?? time(at_(event, ['event', 'ingested']));
}

function keys(value: unknown): string | null {
  const list = (Array.isArray(value) ? value : [value]).map((item) => (typeof item === 'string' ? ipKey(item) : undefined));
  const found = list.filter((key) => key !== undefined);
  return found.length === 0 ? null : found.join(ITEM_SEPARATOR);
}

/** A lone surrogate, which JSON can escape and UTF-8 can not hold, would make the database refuse the whole JSON. */
export function wellFormed(json: string): string {
  if (!/\\u[dD]/.test(json)) return json;
  return JSON.stringify(JSON.parse(json, clean));
}

function clean(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed() : cleanKeys(value);
}

function cleanKeys(value: unknown): unknown {
  if (!isObject(value) || Object.keys(value).every((each) => each.isWellFormed())) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key.toWellFormed(), item]));
}
