/** Answers questions about the stored events. Every condition starts with the reader's scope. */
import type { KqlNode } from '../kql/ast.ts';
import type { Place } from '../cursor.ts';
import type { JsonRow, Query, Session } from './connections.ts';
import type { Part } from './manifest.ts';
import { condition, Parameters } from './sql.ts';
import { source, within } from './source.ts';
import type { Storage } from './storage.ts';

export interface Filter {
  /** Agency codes in reach; 'all' adds nothing. */
  readonly agencies: 'all' | readonly string[];
  readonly node: KqlNode;
  readonly range?: { readonly from: number; readonly to: number };
}

export interface Find extends Filter {
  readonly limit: number;
  readonly order: 'newest' | 'oldest';
  readonly after?: Place;
}

/** An event as stored: its JSON without `event.original`, and that. */
export interface StoredEvent extends Place {
  readonly doc: string;
  readonly original: string | null;
}

/** First step of a search reads this many events' worth of parts, then twice that, and so on: a frequent hit is found in little. */
const FIRST_STEP = 100_000;

export class Reader {
  private readonly storage: Storage;

  constructor(storage: Storage) {
    this.storage = storage;
  }

  async find(find: Find, session: Session): Promise<StoredEvent[]> {
    return this.storage.manifest.use(async (parts) => {
      const found = await this.places(find, { parts: within(parts, find.range), session });
      return this.load(found, parts, session);
    });
  }

  async get(ids: readonly string[], agencies: Filter['agencies'], session: Session): Promise<StoredEvent[]> {
    return this.storage.manifest.use(async (parts) => {
      const holding = parts.filter((part) => ids.some((id) => part.ids.has(id)));
      if (holding.length === 0) return [];
      const parameters = new Parameters();
      const where = `${scoped(agencies, parameters)} and ${oneOf('id', ids, parameters)}`;
      const rows = await session.rows({
        sql: `select ts, id, doc, original from ${this.from(holding, 'ts, id, agency, doc, original')} where ${where}`,
        parameters: parameters.values,
      });
      return rows.map(stored);
    });
  }

  private from(parts: readonly Part[], columns: string): string {
    return source(parts, this.storage.files, columns);
  }

  private async places(find: Find, given: { readonly parts: readonly Part[]; readonly session: Session }): Promise<Place[]> {
    const newest = find.order === 'newest';
    const edge = (part: Part): number => (newest ? part.to : -part.from);
    const rest = [...given.parts].sort((left, right) => edge(right) - edge(left));
    let found: Place[] = [];
    for (let step = FIRST_STEP; rest.length > 0; step *= 2) {
      const last = found[find.limit - 1];
      const nextEdge = rest[0] === undefined ? 0 : edge(rest[0]);
      if (last !== undefined && nextEdge < (newest ? last.at : -last.at)) break;
      const rows = await given.session.rows(this.placesQuery(find, take(rest, step)));
      found = [...found, ...rows.map(([at, id]) => ({ at: Number(at), id: String(id) }))]
        .sort(newest ? (left, right) => byPlace(right, left) : byPlace)
        .slice(0, find.limit);
    }
    return found;
  }

  private placesQuery(find: Find, parts: readonly Part[]): Query {
    const parameters = new Parameters();
    let where = conditions(find, parameters);
    const sign = find.order === 'newest' ? '<' : '>';
    if (find.after !== undefined) {
      const at = parameters.integer(find.after.at);
      where = `ts ${sign}= ${at} and (ts ${sign} ${at} or id ${sign} ${parameters.text(find.after.id)}) and ${where}`;
    }
    const direction = find.order === 'newest' ? 'desc' : 'asc';
    return {
      sql: `select ts, id from ${this.from(parts, '*')} where ${where} order by ts ${direction}, id ${direction} limit ${Math.trunc(find.limit)}`,
      parameters: parameters.values,
    };
  }

  private async load(places: readonly Place[], parts: readonly Part[], session: Session): Promise<StoredEvent[]> {
    if (places.length === 0) return [];
    const times = places.map((place) => place.at);
    const range = { from: Math.min(...times), to: Math.max(...times) + 1 };
    const holding = within(parts, range).filter((part) => places.some((place) => part.ids.has(place.id)));
    const parameters = new Parameters();
    const where = `ts >= ${parameters.integer(range.from)} and ts < ${parameters.integer(range.to)} and ${oneOf(
      'id',
      places.map((place) => place.id),
      parameters,
    )}`;
    const rows = await session.rows({
      sql: `select ts, id, doc, original from ${this.from(holding, 'ts, id, doc, original')} where ${where}`,
      parameters: parameters.values,
    });
    const byId = new Map(rows.map(stored).map((event) => [event.id, event]));
    return places.map((place) => byId.get(place.id)).filter((event) => event !== undefined);
  }
}

/** The scope, then the range, then the query. */
export function conditions(filter: Filter, parameters: Parameters): string {
  const range =
    filter.range === undefined ? '' : ` and ts >= ${parameters.integer(filter.range.from)} and ts < ${parameters.integer(filter.range.to)}`;
  return `${scoped(filter.agencies, parameters)}${range} and ${condition(filter.node, parameters)}`;
}

function scoped(agencies: Filter['agencies'], parameters: Parameters): string {
  return agencies === 'all' ? 'true' : oneOf('agency', agencies, parameters);
}

/** The list travels as one JSON parameter, whatever its length. */
function oneOf(column: string, values: readonly string[], parameters: Parameters): string {
  const [only] = values;
  if (only === undefined) return 'false';
  if (values.length === 1) return `${column} = ${parameters.text(only)}`;
  return `${column} in (select unnest(cast(${parameters.text(JSON.stringify(values))} as JSON)::VARCHAR[]))`;
}

function byPlace(left: Place, right: Place): number {
  if (left.at !== right.at) return left.at - right.at;
  return left.id < right.id ? -1 : left.id > right.id ? 1 : 0;
}

/** Takes parts off the front until they hold `events` events, at least one part. */
function take(rest: Part[], events: number): Part[] {
  const taken: Part[] = [];
  let sum = 0;
  while (rest.length > 0 && (taken.length === 0 || sum < events)) {
    const part = rest.shift();
    if (part === undefined) break;
    taken.push(part);
    sum += part.events;
  }
  return taken;
}

function stored([at, id, doc, original]: JsonRow): StoredEvent {
  return {
    at: Number(at),
    id: String(id),
    doc: String(doc),
    original: original === null || original === undefined ? null : String(original),
  };
}
