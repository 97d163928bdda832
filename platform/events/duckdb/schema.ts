/** The database file (segments and offsets) and the hot tables in memory. SQL names come from constants and counters only. */
import { TABLE_COLUMNS } from './rows.ts';

export const COLUMN_NAMES = TABLE_COLUMNS.map((column) => column.name).join(', ');

/** Where hot tables live: gone when the process ends. */
export const MEMORY = 'hot';

export const SCHEMA: readonly string[] = [
  `attach ':memory:' as ${MEMORY}`,
  'create table if not exists offsets (part integer primary key, next_offset bigint not null)',
  'create table if not exists segments (name varchar primary key, from_ts bigint not null, to_ts bigint not null, events bigint not null, bytes bigint not null)',
  'create sequence if not exists names start 1',
];

/** Per connection: the functions that the compiled queries call. They equal `fold.ts` and `ip.ts`. */
export const MACROS: readonly string[] = [
  `create or replace temp macro fold(x) as
    replace(strip_accents(case when contains(x, chr(0)) then replace(lower(x), chr(0), chr(65533)) else lower(x) end), 'đ', 'd')`,
  `create or replace temp macro ip4_key(x) as
    case when regexp_full_match(x, '[0-9]{1,3}(\\.[0-9]{1,3}){3}')
          and list_max(list_transform(string_split(x, '.'), lambda o: try_cast(o as integer))) <= 255
         then '4' || array_to_string(list_transform(string_split(x, '.'), lambda o: lpad(lower(hex(try_cast(o as integer))), 2, '0')), '') end`,
];

export function hotTable(name: string): string {
  return `create table ${MEMORY}.${name} (${TABLE_COLUMNS.map((column) => `${column.name} ${column.type}`).join(', ')})`;
}

/** SQL text literal of a path that this store itself made. */
export function quoted(path: string): string {
  return `'${path.replaceAll("'", "''")}'`;
}
