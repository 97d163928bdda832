/** A record of the log (UTF-8 JSON of an `EcsEvent`) → what Elasticsearch is given of it. */
import { createHash } from 'node:crypto';
import { COLUMNS, type Column } from '../columns.ts';
import { addressesOf, cellsOf, wellFormed } from '../duckdb/rows.ts';
import { fold } from '../fold.ts';
import { Grams } from './grams.ts';
import { namesOf } from './names.ts';
import { ecsMapping } from './templates.ts';
import { addNumber, addValue, countable, escaped, ip4Key, isLong, slotOf, term, uncounted, type Found } from './terms.ts';

export interface Document {
  /** `_id`. */
  readonly id: string;
  /** The event's own. */
  readonly event: string;
  readonly at: number;
  /** `event.ingested`, milliseconds. */
  readonly received: number | undefined;
  readonly agency: string;
  readonly body: string;
}

const LONGEST_ID = 512;

/** Elasticsearch takes ids of 512 bytes at most. */
export function idOf(event: string): string {
  const id = event.toWellFormed();
  return id === '' || Buffer.byteLength(id) > LONGEST_ID ? `sha256-${createHash('sha256').update(id).digest('hex')}` : id;
}

type Json = Readonly<Record<string, unknown>>;

interface Draft {
  readonly found: Found;
  readonly body: Record<string, unknown>;
  readonly find: Record<string, unknown>;
  readonly counted: Map<string, string[]>;
}

export class Documents {
  /** Takes some megabytes: made when the first event comes. */
  private made: Grams | undefined;

  /** Undefined when the record is not the JSON of an event with an id. */
  of(record: Uint8Array): Document | undefined {
    const text = wellFormed(Buffer.from(record.buffer, record.byteOffset, record.byteLength).toString('utf8').toWellFormed());
    const event = parse(text);
    const inner = event?.['event'];
    if (event === undefined || !isObject(inner) || typeof inner['id'] !== 'string') return undefined;
    const draft = this.draft(event);
    const { body, find, found } = draft;
    const at = Number(body['@timestamp']);
    const received = body['event.ingested'];
    const agency = body['organization.id'];
    body['find'] = Object.assign(find, found, Object.fromEntries(draft.counted));
    body['record'] = text;
    return {
      id: idOf(inner['id']),
      event: inner['id'],
      at,
      received: typeof received === 'number' ? received : undefined,
      agency: typeof agency === 'string' ? agency : '',
      body: JSON.stringify(body),
    };
  }

  private draft(event: Json): Draft {
    const draft: Draft = {
      found: { names: [], terms: [], numbers: [], addresses: [], long: [] },
      body: {},
      find: {},
      counted: new Map(),
    };
    for (const column of COLUMNS) {
      const cells = cellsOf(column, event);
      if (cells.length === 0) continue;
      if (column.type === 'text') this.text(draft, column, String(cells[0]));
      else cell(draft, column, { cells, event });
    }
    for (const [name, { values, counted }] of namesOf(event)) {
      draft.found.names.push(escaped(name));
      for (const value of values) {
        addValue(draft.found, name, value);
        const key = ip4Key(value);
        if (key !== undefined) draft.found.addresses.push(term(name, key));
      }
      if (counted === undefined || counted.length === 0) draft.found.names.push(uncounted(name));
      else count(draft, name, counted);
    }
    return draft;
  }

  private text({ found, find, counted }: Draft, column: Column, value: string): void {
    const { field } = column;
    const name = column.column;
    const folded = fold(value);
    const grams = (this.made ??= new Grams());
    found.names.push(escaped(field));
    addNumber(found, field, value);
    if (isLong(folded)) {
      found.long.push(field);
      find[`${name}_long`] = grams.of(folded);
    } else {
      find[name] = grams.of(folded);
      find[`${name}_text`] = folded;
    }
    if (field === 'message') count({ counted }, field, [value]);
  }
}

function cell({ found, body, counted }: Draft, column: Column, given: { readonly cells: readonly (string | bigint)[]; event: Json }): void {
  const { field } = column;
  const { cells, event } = given;
  found.names.push(escaped(field));
  const values = cells.map((each) => (column.type === 'date' ? isoOf(Number(each)) : String(each)));
  for (const value of values) addValue(found, field, value);
  const own = ecs(column, cells);
  if (own.length > 0) body[field] = own.length === 1 ? own[0] : own;
  if (column.type === 'ip') for (const key of addressesOf(column, event)) found.addresses.push(term(field, key));
  // The others are counted in the field of their own.
  if (column.type === 'ip' || column.type === 'number') count({ counted }, field, values);
}

/** The values for the ECS field. */
function ecs(column: Column, cells: readonly (string | bigint)[]): (string | number)[] {
  if (ecsMapping(column) === undefined) return [];
  return cells.map((each) => (typeof each === 'bigint' ? Number(each) : countable(each)));
}

function isoOf(ms: number): string {
  return Number.isFinite(new Date(ms).getTime()) ? new Date(ms).toISOString() : String(ms);
}

function count({ counted }: Pick<Draft, 'counted'>, name: string, values: readonly string[]): void {
  const slot = slotOf(name);
  const list = counted.get(slot) ?? [];
  for (const value of values) list.push(term(name, countable(value)));
  counted.set(slot, list);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
