/**
 * Log record → row, in one pass over its bytes. Takes what our own gateway writes: compact, valid JSON whose fields have their
 * usual types. Anything else (blanks, surrogates, repeated keys, unusual types) is left to `rowOf`, which is the definition;
 * the differential test holds the two together. Strict: what this accepts, `JSON.parse` accepts.
 */
import { isUtf8 } from 'node:buffer';
import { COLUMNS, ITEM_SEPARATOR, type Column } from '../columns.ts';
import { ipKey } from '../ip.ts';
import { Cursor } from './json-bytes.ts';
import { fold } from '../fold.ts';
import type { RowBuffer } from './row-buffer.ts';
import { TABLE_COLUMNS } from './rows.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
/** `null` begins so. */
const NULL = 0x6e;
const SEPARATOR = ITEM_SEPARATOR.charCodeAt(0);
const ORIGINAL = COLUMNS.findIndex((column) => column.column === 'original');
const TIME = COLUMNS.findIndex((column) => column.column === 'ts');
const ID = COLUMNS.findIndex((column) => column.column === 'id');
const AGENCY = COLUMNS.findIndex((column) => column.column === 'agency');
const INGESTED = COLUMNS.findIndex((column) => column.field === 'event.ingested');
const DOC = TABLE_COLUMNS.findIndex((column) => column.name === 'doc');
const FOLDED = TABLE_COLUMNS.findIndex((column) => column.name === 'folded_original');
/** What is beside the texts of the record itself: address keys, the folded original. */
const ROOM = 1024;
/** The original was just read; its member's end is not known yet. */
const CUT_NOW = -2;

/** A key on the way to a column, or the column. */
interface Step {
  readonly key: Buffer;
  readonly order: number;
  readonly below: Step[];
  column: number;
  keys: number;
}

let steps = 0;
const step = (key: string): Step => ({ key: Buffer.from(key), order: steps++, below: [], column: -1, keys: -1 });
const root = step('');
for (const [index, column] of COLUMNS.entries()) {
  let at = root;
  for (const key of column.path) {
    let next = at.below.find((each) => each.key.equals(Buffer.from(key)));
    if (next === undefined) at.below.push((next = step(key)));
    at = next;
  }
  at.column = index;
  if (column.type === 'ip') at.keys = TABLE_COLUMNS.findIndex((each) => each.name === `${column.column}_key`);
}

export class FastRows {
  private readonly rows: RowBuffer;
  private readonly json = new Cursor();
  private readonly seen = new Int32Array(steps);
  private round = 0;
  private cutFrom = -1;
  private cutTo = -1;
  /** The original is ASCII without NUL. */
  private plain = true;

  constructor(rows: RowBuffer) {
    this.rows = rows;
  }

  /** Adds the record's row; false when it is not one for this way (nothing was added then). */
  add(record: Uint8Array): boolean {
    const { json, rows } = this;
    if (!isUtf8(record)) return false;
    rows.begin(record.length + ROOM);
    json.start(record);
    this.round++;
    this.cutFrom = this.cutTo = -1;
    this.plain = true;
    if (!json.take(OPEN) || !this.object(root) || !json.atEnd()) return false;
    return this.complete(record);
  }

  private complete(record: Uint8Array): boolean {
    const { rows } = this;
    const row = rows.facts.length;
    const id = this.textOf(row, ID);
    if (id === undefined) return false;
    const received = rows.isNull(row, INGESTED) ? undefined : rows.numberAt(row, INGESTED);
    const at = rows.isNull(row, TIME) ? (received ?? 0) : rows.numberAt(row, TIME);
    rows.number(TIME, at);
    if (!this.plain) rows.string(FOLDED, fold(this.textOf(row, ORIGINAL) ?? ''));
    rows.reserve(record.length);
    const from = rows.end;
    this.copy(record, 0, this.cutFrom < 0 ? record.length : this.cutFrom);
    if (this.cutFrom >= 0) this.copy(record, this.cutTo, record.length);
    rows.text(DOC, from);
    rows.finish({ id, at, received, size: record.length + 600, agency: this.textOf(row, AGENCY) ?? '' });
    return true;
  }

  private textOf(row: number, column: number): string | undefined {
    const { rows } = this;
    if (rows.isNull(row, column)) return undefined;
    const from = rows.startOf(row, column);
    return rows.blob.toString('utf8', from, from + rows.lengthOf(row, column));
  }

  private copy(record: Uint8Array, from: number, to: number): void {
    this.rows.blob.set(record.subarray(from, to), this.rows.end);
    this.rows.end += to - from;
  }

  /** After `{`. */
  private object(at: Step): boolean {
    const { json } = this;
    if (json.take(CLOSE)) return true;
    for (;;) {
      const before = json.at;
      if (!json.key()) return false;
      const next = this.find(at);
      if (next === undefined ? !json.skip() : !this.value(next)) return false;
      const more = json.take(COMMA);
      if (next !== undefined && next.column === ORIGINAL && this.cutTo === CUT_NOW) {
        // As the last member it takes the comma before it along, as the only one none.
        this.cutFrom = more || json.bytes[before - 1] !== COMMA ? before : before - 1;
        this.cutTo = json.at;
      }
      if (!more) return json.take(CLOSE);
    }
  }

  private find(at: Step): Step | undefined {
    const { json } = this;
    const length = json.keyTo - json.keyFrom;
    search: for (const each of at.below) {
      const { key } = each;
      if (key.length !== length) continue;
      for (let byte = 0; byte < length; byte++) if (key[byte] !== json.bytes[json.keyFrom + byte]) continue search;
      return each;
    }
    return undefined;
  }

  private value(at: Step): boolean {
    const { json } = this;
    // A key that comes twice: the last one counts, which only a whole reading can know.
    if (this.seen[at.order] === this.round) return false;
    this.seen[at.order] = this.round;
    const first = json.bytes[json.at];
    const column = COLUMNS[at.column];
    if (column === undefined) {
      if (first !== OPEN) return json.skip();
      json.at++;
      return this.object(at);
    }
    if (first === NULL) return json.skip();
    if (column.type === 'number') return this.integer(at);
    if (column.many) return this.items(at);
    return first === QUOTE && this.text(at, column);
  }

  private text(at: Step, column: Column): boolean {
    const { json, rows } = this;
    const from = rows.end;
    if (!json.text(rows)) return false;
    if (column.type === 'date') return this.date(at, from);
    rows.text(at.column, from);
    if (at.column === ORIGINAL) {
      this.cutTo = CUT_NOW;
      this.plain = json.plain;
    }
    if (at.keys >= 0) this.keys(at, from);
    return true;
  }

  private date(at: Step, from: number): boolean {
    const { json, rows } = this;
    const ms = Date.parse(rows.blob.toString('latin1', from, rows.end));
    rows.end = from;
    if (Number.isSafeInteger(ms)) rows.number(at.column, ms);
    return json.plain;
  }

  private integer(at: Step): boolean {
    const value = this.json.integer();
    if (value !== undefined) this.rows.number(at.column, value);
    return value !== undefined;
  }

  /** A list of strings, written with separators between them. */
  private items(at: Step): boolean {
    const { json, rows } = this;
    const from = rows.end;
    if (!json.take(OPEN_LIST)) return false;
    if (json.take(CLOSE_LIST)) return true;
    do {
      if (rows.end > from) rows.blob[rows.end++] = SEPARATOR;
      const item = rows.end;
      // An empty item, or one that holds the separator, is rare enough.
      if (!json.text(rows) || rows.end === item || rows.blob.subarray(item, rows.end).includes(SEPARATOR)) return false;
    } while (json.take(COMMA));
    rows.text(at.column, from);
    if (at.keys >= 0) this.keys(at, from);
    return json.take(CLOSE_LIST);
  }

  private keys(at: Step, from: number): void {
    const { rows } = this;
    const items = rows.blob.toString('utf8', from, rows.end).split(ITEM_SEPARATOR);
    const keys = items.map(keyOf).filter((key) => key !== undefined);
    if (keys.length > 0) rows.string(at.keys, keys.join(ITEM_SEPARATOR));
    // The room that `add` made was for the record's own texts.
    rows.reserve(this.json.bytes.length);
  }
}

/** The same few addresses come again and again. */
const known = new Map<string, string | undefined>();
const MOST_KNOWN = 20_000;

function keyOf(text: string): string | undefined {
  const found = known.get(text);
  if (found !== undefined) return found;
  const key = ipKey(text);
  if (text.length <= 64 && key !== undefined) {
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(text, key);
  }
  return key;
}
