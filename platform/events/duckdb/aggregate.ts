/** Counts over everything that matches: in one scan of the parts of the range. */
import { columnOf } from '../columns.ts';
import { pathsOf } from '../values.ts';
import type { JsonRow, Session } from './connections.ts';
import { conditions, type Filter } from './reader.ts';
import { source, within } from './source.ts';
import { mayHold, Parameters, pointer } from './sql.ts';
import type { Storage } from './storage.ts';

export interface Values {
  readonly values: readonly { readonly value: string; readonly count: number }[];
  readonly other: number;
  readonly missing: number;
}

export interface Buckets {
  readonly intervalMs: number;
  /** [start of the bucket, events], oldest first, empty ones left out. */
  readonly counts: readonly (readonly [number, number])[];
}

interface Scan {
  readonly filter: Filter;
  readonly session: Session;
}

export async function countEvents(storage: Storage, scan: Scan): Promise<number> {
  const rows = await run(storage, scan, (from) => `select count(*) from ${from}`);
  return Number(rows[0]?.[0] ?? 0);
}

export async function countByTime(storage: Storage, scan: Scan, intervalMs: number): Promise<Buckets['counts']> {
  const width = Math.max(1, Math.trunc(intervalMs));
  const rows = await run(
    storage,
    scan,
    (from) => `select cast(floor(ts / ${width}) as BIGINT) as bucket, count(*) from ${from} group by 1 order by 1`,
  );
  return rows.map(([bucket, count]) => [Number(bucket) * width, Number(count)] as const);
}

/** The most frequent values of a field, with the events that have another one and that have none. */
export async function countByValue(
  storage: Storage,
  scan: Scan,
  given: { readonly field: string; readonly limit: number },
): Promise<Values> {
  const limit = Math.trunc(given.limit);
  const rows = await run(storage, scan, (from, parameters) => {
    const values = `select ${valueOf(given.field, parameters)} as value from ${from}`;
    const groups = `select value, count(*) as events from (${values}) group by 1`;
    return `select value, events, sum(events) over () from (${groups}) order by value is null desc, events desc, value limit ${limit + 1}`;
  });
  const missing = rows[0] !== undefined && rows[0][0] === null ? Number(rows[0][1]) : 0;
  const values = rows
    .filter(([value]) => value !== null)
    .slice(0, limit)
    .map(([value, count]) => ({ value: String(value), count: Number(count) }));
  const shown = values.reduce((sum, each) => sum + each.count, missing);
  return { values, missing, other: Number(rows[0]?.[2] ?? 0) - shown };
}

async function run(storage: Storage, scan: Scan, statement: (from: string, parameters: Parameters) => string): Promise<JsonRow[]> {
  return storage.manifest.use(async (all) => {
    const parts = within(all, scan.filter.range);
    if (parts.length === 0) return [];
    const parameters = new Parameters();
    // The placeholders are numbered, so the order in which the pieces are made does not matter.
    const where = conditions(scan.filter, parameters);
    const sql = statement(`${source(parts, storage.files, '*')} where ${where}`, parameters);
    return scan.session.rows({ sql, parameters: parameters.values });
  });
}

/** The value of a row; for lists a row for each item; null where the field is missing. */
function valueOf(field: string, parameters: Parameters): string {
  const column = columnOf(field);
  if (column?.many === true)
    return `unnest(case when ${column.column} is null then [null] else list_distinct(string_split(${column.column}, chr(31))) end)`;
  if (column?.type === 'date') return `strftime(make_timestamp_ms(${column.column}), '%Y-%m-%dT%H:%M:%S.%gZ')`;
  if (column !== undefined) return `${column.column}::VARCHAR`;
  if (field === 'dns.answers.data') {
    const list = `list_distinct(json_extract_string(doc, '$.dns.answers[*].data'))`;
    return `unnest(case when len(coalesce(${list}, [])) = 0 then [null] else ${list} end)`;
  }
  const lists = pathsOf(field).map((path) => {
    const at = parameters.text(pointer(path));
    return (
      `case when not ${mayHold(path, parameters)} then null else case json_type(doc, ${at}) when 'ARRAY' then list_distinct(cast(json_extract(doc, ${at}) as VARCHAR[])) ` +
      `when 'OBJECT' then null when 'NULL' then null else case when json_type(doc, ${at}) is not null then [json_extract_string(doc, ${at})] end end end`
    );
  });
  const list = lists.length === 1 ? (lists[0] ?? 'null') : `coalesce(${lists.join(', ')})`;
  return `unnest(case when len(coalesce(${list}, [])) = 0 then [null] else ${list} end)`;
}
