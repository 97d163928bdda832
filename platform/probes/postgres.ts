import type { Socket } from 'node:net';
import { once } from 'node:events';
import { Client } from 'pg';
import type { PostgresConfig } from '../config/index.ts';
import type { Peer } from './certificate.ts';
import { within } from './reason.ts';

export interface PostgresFacts {
  /** `150013` for 15.13 */
  readonly version: number;
  readonly encoding: string;
  readonly collation: string;
  /** The operating system's collation changed under the database: its indices may be wrong. */
  readonly collationChanged: boolean;
  readonly timeZone: string;
  /** It only reads: a standby. */
  readonly standby: boolean;
  /** May this user make tables? */
  readonly creates: boolean;
  /** May this user read the tables that are there? */
  readonly reads: boolean;
  /** Of `fsync`, `full_page_writes`, `synchronous_commit`: those that are off. */
  readonly unsafe: readonly string[];
  readonly connections: { readonly used: number; readonly most: number };
  /** Names of the migrations that have run; undefined before the first start, and where they may not be read. */
  readonly migrations: readonly string[] | undefined;
  /** The server's clock less ours, ms. */
  readonly clockMs: number;
}

const SETTINGS = `select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding,
  coalesce(d.datcollate, '') as collation, coalesce(d.datcollversion <> pg_database_collation_actual_version(d.oid), false) as "collationChanged",
  current_setting('TimeZone') as "timeZone", pg_is_in_recovery() as standby,
  coalesce(has_schema_privilege(current_schema(), 'create'), false) as creates,
  array_remove(array[case when current_setting('fsync') = 'off' then 'fsync' end,
    case when current_setting('full_page_writes') = 'off' then 'full_page_writes' end,
    case when current_setting('synchronous_commit') = 'off' then 'synchronous_commit' end], null) as unsafe,
  (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as used,
  current_setting('max_connections')::int as most, to_regclass('migrations') is not null as migrated,
  case when to_regclass('migrations') is null then true else has_table_privilege(to_regclass('migrations')::oid, 'select') end as reads
  from pg_database d where d.datname = current_database()`;

interface Row extends Omit<PostgresFacts, 'connections' | 'migrations' | 'clockMs'> {
  readonly used: number;
  readonly most: number;
  readonly migrated: boolean;
}

export async function probePostgres(config: PostgresConfig, limitMs: number): Promise<PostgresFacts> {
  const { host, port } = placeOf(config);
  const url = new URL(config.url);
  const client = new Client({
    host,
    port,
    user: decodeURIComponent(url.username),
    database: decodeURIComponent(url.pathname.slice(1)),
    // Never undefined: the client would look for files and variables of other programs.
    password: config.password ?? '',
    ssl: config.tls === undefined ? false : { rejectUnauthorized: true, ...(config.tls.ca === undefined ? {} : { ca: config.tls.ca }) },
    connectionTimeoutMillis: limitMs,
    query_timeout: limitMs,
    application_name: 'vong-doctor',
  });
  client.on('error', () => undefined);
  try {
    return await within(limitMs, ask(client));
  } finally {
    void client.end().catch(() => undefined);
  }
}

async function ask(client: Client): Promise<PostgresFacts> {
  await client.connect();
  const begun = Date.now();
  const clock = await client.query<{ now: string }>('select extract(epoch from clock_timestamp()) * 1000 as now');
  const middle = (begun + Date.now()) / 2;
  const { rows } = await client.query<Row>(SETTINGS);
  const [row] = rows;
  if (row === undefined) throw new Error('the database does not say what it is');
  const { used, most, migrated, ...facts } = row;
  const migrations =
    migrated && facts.reads ? await client.query<{ name: string }>('select name from migrations order by name') : undefined;
  return {
    ...facts,
    connections: { used, most },
    migrations: migrations?.rows.map(({ name }) => name),
    clockMs: Math.round(Number(clock.rows[0]?.now) - middle),
  };
}

/** Where its certificate is to be seen: TLS begins after a request of PostgreSQL's own protocol (SSLRequest). */
export function postgresPeer(config: PostgresConfig): Peer {
  return { ...placeOf(config), ca: config.tls?.ca, before: askForTls };
}

function placeOf({ url }: PostgresConfig): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: decodeURIComponent(hostname).replaceAll(/[[\]]/g, ''), port: Number(port || 5432) };
}

async function askForTls(socket: Socket): Promise<void> {
  const request = Buffer.alloc(8);
  request.writeInt32BE(8, 0);
  request.writeInt32BE(80_877_103, 4);
  socket.write(request);
  const [answer]: unknown[] = await once(socket, 'data');
  if (!Buffer.isBuffer(answer) || answer.toString('latin1') !== 'S') throw new Error('the server speaks no TLS');
}
