/** Whether a server can hold the state. */
import type { Logger } from '../../logger/index.ts';
import { stateError } from '../errors.ts';
import type { Pools } from './pools.ts';

const OLDEST = 150_000;
const SETTINGS = `select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding,
  pg_is_in_recovery() as standby, has_schema_privilege(current_schema(), 'create') as creates,
  current_setting('fsync') as fsync, current_setting('full_page_writes') as "fullPages", current_setting('synchronous_commit') as sync`;

interface Settings {
  readonly version: number;
  readonly encoding: string;
  readonly standby: number;
  /** Null when no schema of the search path exists. */
  readonly creates: number | null;
  readonly fsync: string;
  readonly fullPages: string;
  readonly sync: string;
}

/** Throws STATE_SERVER, or STATE_UNAVAILABLE; warns of what lets a crash lose what was confirmed. */
export async function checkServer(pools: Pools, address: string, logger?: Pick<Logger, 'warn'>): Promise<void> {
  const found = await settingsOf(pools);
  const reason = unfit(found);
  if (reason !== undefined) throw stateError('STATE_SERVER', { address, reason });
  const { fsync, fullPages, sync } = found;
  for (const [setting, value] of Object.entries({ fsync, full_page_writes: fullPages, synchronous_commit: sync }))
    if (value === 'off')
      logger?.warn({ address, setting }, 'state: this setting of PostgreSQL is off: a crash can lose what was confirmed');
}

async function settingsOf(pools: Pools): Promise<Settings> {
  const client = await pools.reader();
  let lost: unknown;
  try {
    const { rows } = await client.query<Settings>(SETTINGS);
    const [row] = rows;
    if (row === undefined) throw new Error('no answer');
    return row;
  } catch (error) {
    lost = error;
    throw pools.failure(error);
  } finally {
    pools.giveBack(client, lost);
  }
}

function unfit({ version, encoding, standby, creates }: Settings): string | undefined {
  if (version < OLDEST) return `its version is ${Math.floor(version / 10_000)}, and 15 or newer is needed`;
  if (encoding !== 'UTF8')
    return `the database is encoded in ${encoding}; make one with: create database vong encoding 'UTF8' template template0`;
  if (standby === 1) return 'it is a standby, which only reads; give the address of the primary';
  if (creates !== 1) return 'this user may not make tables there; allow it with: grant create on schema public to <user>';
  return undefined;
}
