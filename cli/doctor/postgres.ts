import type { PostgresConfig } from '@vong/platform/config';
import { postgresPeer, probePostgres, type PostgresFacts } from '@vong/platform/probes';
import { checkCertificate } from './certificates.ts';
import { judgeClock } from './clock.ts';
import { LIMIT_MS, ok, problem, warning, type Check, type Finding } from './finding.ts';
import { readableOnTheWay } from './plain.ts';
import { unreachable, type Server } from './reach.ts';

const OLDEST = 150_000;
/** Connections one process takes at most. */
const OURS = 11;

/** `migrations`: names of all that this programme knows. */
export function postgres(config: PostgresConfig, migrations: readonly string[]): Check[] {
  return [{ name: 'postgres', run: async () => await check(config, migrations) }];
}

async function check(config: PostgresConfig, migrations: readonly string[]): Promise<Finding[]> {
  const peer = postgresPeer(config);
  const address = `${peer.host.includes(':') ? `[${peer.host}]` : peer.host}:${peer.port}`;
  const server: Server = { name: 'postgres', title: 'PostgreSQL', address, setting: 'VONG_POSTGRES' };
  const url = new URL(config.url);
  const [user, database] = [decodeURIComponent(url.username), decodeURIComponent(url.pathname.slice(1))];
  const findings: Finding[] = [];
  if (config.tls !== undefined) {
    findings.push(await checkCertificate(server, peer));
    if (findings[0]?.level === 'problem') return findings;
  }
  try {
    const facts = await probePostgres(config, LIMIT_MS);
    findings.push(...judgePostgres(facts, { user, database, migrations }), judgeClock('postgres clock', facts.clockMs));
  } catch (error) {
    return [...findings, unreachable(server, error, causes(user, database))];
  }
  return [...findings, ...readableOnTheWay(server, { tls: config.tls !== undefined, password: config.password !== undefined })];
}

function causes(user: string, database: string) {
  const role = quoted(user);
  return [
    {
      sign: /database .* does not exist/,
      advice: () => `Make it as an administrator: create database ${quoted(database)} owner ${role} encoding 'UTF8' template template0;`,
    },
    {
      sign: /no encryption/,
      advice: () => 'The server takes TLS only: add ?sslmode=verify-full to VONG_POSTGRES, or give VONG_POSTGRES_CA.',
    },
    {
      sign: /pg_hba/,
      advice: () => `The server does not let ${user} in from here: add a line to its pg_hba.conf, and run: select pg_reload_conf();`,
    },
    {
      sign: /password|SASL|SCRAM|role .* does not exist/i,
      advice: () =>
        `Correct VONG_POSTGRES_PASSWORD (or its file), or make the user as an administrator: create role ${role} login password '…';`,
    },
    {
      sign: /too many clients|remaining connection slots/,
      advice: () => 'Raise max_connections, or start fewer processes. See: select count(*) from pg_stat_activity;',
    },
    {
      sign: /starting up|shutting down|recovery mode/,
      advice: () => 'It is starting or stopping: try again in a minute, and look at its log.',
    },
  ];
}

interface Wanted {
  readonly user: string;
  readonly database: string;
  readonly migrations: readonly string[];
}

export function judgePostgres(facts: PostgresFacts, { user, database, migrations }: Wanted): Finding[] {
  const findings: Finding[] = [];
  const version = `${Math.floor(facts.version / 10_000)}.${facts.version % 10_000}`;
  findings.push(
    facts.version >= OLDEST
      ? ok('postgres version', version)
      : problem(
          'postgres version',
          `${version}, 15 or newer is needed`,
          'Upgrade it with pg_upgrade, or move to a newer server with pg_dump and pg_restore.',
        ),
  );
  const what = `${facts.encoding}, collation ${facts.collation}, time zone ${facts.timeZone}`;
  if (facts.encoding !== 'UTF8')
    findings.push(
      problem(
        'postgres database',
        what,
        `Make one in UTF8: create database ${quoted(database)} owner ${quoted(user)} encoding 'UTF8' template template0;`,
      ),
    );
  else if (facts.collationChanged)
    findings.push(
      warning(
        'postgres database',
        `${what}; the system's collation has changed under it: indices may be wrong`,
        `Run: reindex database ${quoted(database)}; alter database ${quoted(database)} refresh collation version;`,
      ),
    );
  else findings.push(ok('postgres database', what));
  if (facts.standby)
    findings.push(
      problem(
        'postgres role',
        'a standby, which only reads',
        'Give the address of the primary in VONG_POSTGRES, or promote this one: select pg_promote();',
      ),
    );
  if (!facts.creates)
    findings.push(
      problem(
        'postgres rights',
        `${user} may not make tables`,
        `Run as an administrator: grant create on schema public to ${quoted(user)};`,
      ),
    );
  if (!facts.reads)
    findings.push(
      problem(
        'postgres rights',
        `${user} may not read the tables that are there: another user made them`,
        `Give that user in VONG_POSTGRES, or run as an administrator: reassign owned by … to ${quoted(user)};`,
      ),
    );
  if (facts.unsafe.length > 0)
    findings.push(
      problem(
        'postgres durability',
        `off: ${facts.unsafe.join(', ')}; a crash can lose what was confirmed`,
        `Run as an administrator: ${facts.unsafe.map((name) => `alter system set ${name} = on;`).join(' ')} select pg_reload_conf();`,
      ),
    );
  return [...findings, judgeConnections(facts), ...(facts.reads ? judgeMigrations(facts.migrations, migrations) : [])];
}

function judgeConnections({ connections: { used, most } }: PostgresFacts): Finding {
  const found = `${used} of ${most} connections used; a process of ours takes up to ${OURS}`;
  if (most - used >= 2 * OURS) return ok('postgres connections', found);
  return warning('postgres connections', found, 'Raise max_connections: alter system set max_connections = 200; then restart PostgreSQL.');
}

function judgeMigrations(applied: readonly string[] | undefined, known: readonly string[]): Finding[] {
  const check = 'postgres migrations';
  if (applied === undefined) return [ok(check, 'none yet; the first process to start makes the tables')];
  const pending = known.filter((name) => !applied.includes(name));
  const newer = applied.filter((name) => !known.includes(name));
  if (newer.length > 0)
    return [
      warning(
        check,
        `the database has ${newer.length} that this program does not know (${newer.slice(0, 3).join(', ')})`,
        'A newer version ran on it: use that version on this machine too.',
      ),
    ];
  if (pending.length > 0)
    return [
      warning(
        check,
        `${pending.length} pending: ${pending.slice(0, 5).join(', ')}`,
        'The next process to start applies them: make a backup first (pg_dump), then start one process of this version.',
      ),
    ];
  return [ok(check, `all ${known.length} applied`)];
}

function quoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
