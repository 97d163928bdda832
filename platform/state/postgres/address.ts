/** Where PostgreSQL is: the URL and what belongs to it, as the settings of one client. */
import type { ClientConfig } from 'pg';
import { stateError } from '../errors.ts';

export interface PostgresAddress {
  /** `postgres://user[:password]@host[:port]/database[?sslmode=verify-full]`, or `postgres:///database?host=/folder/of/socket&user=name`. */
  readonly url: string;
  /** Instead of the one in the URL. */
  readonly password?: string;
  /** PEM of the authorities that may sign the server's certificate; given, TLS is used. */
  readonly ca?: string;
  /** Connections for reading; one more writes. Default 10. */
  readonly poolSize?: number;
  /** Shown in `pg_stat_activity`; default `vong-gac`. */
  readonly name?: string;
}

export interface Place {
  readonly config: Readonly<ClientConfig>;
  /** For people; without the password. */
  readonly address: string;
}

const PORT = 5432;
const PROTOCOLS = new Set(['postgres:', 'postgresql:']);
const PARAMETERS = new Set(['sslmode', 'host', 'port', 'user']);
/** Whoever asks for TLS gets a certificate that is checked: encrypted to nobody in particular protects little. */
const WITH_TLS = new Set(['require', 'verify-ca', 'verify-full']);
const SSL_MODES = new Set(['disable', ...WITH_TLS]);

/** Throws STATE_ADDRESS. */
export function placeOf({ url, password, ca, name = 'vong-gac' }: PostgresAddress): Place {
  const parsed = parse(url);
  const { searchParams } = parsed;
  for (const parameter of searchParams.keys()) if (!PARAMETERS.has(parameter)) refuse(`the parameter ${parameter} is not known`);
  const host = decoded(parsed.hostname) || searchParams.get('host') || refuse('it names no host');
  if (host.includes(',')) refuse('it names several hosts; give the one address under which the present primary answers');
  const database = decoded(parsed.pathname.slice(1)) || refuse('it names no database');
  const user = decoded(parsed.username) || searchParams.get('user') || refuse('it names no user');
  const port = Number(parsed.port || (searchParams.get('port') ?? PORT));
  const mode = searchParams.get('sslmode');
  if (mode !== null && !SSL_MODES.has(mode)) refuse(`sslmode is ${mode}, not ${[...SSL_MODES].join(', ')}`);
  if (mode === 'disable' && ca !== undefined) refuse('sslmode is disable and an authority for TLS is given');
  const tls = ca !== undefined || WITH_TLS.has(mode ?? '');
  const address = host.startsWith('/') ? `${host}:${port}/${database}` : `${parsed.hostname}:${port}/${database}`;
  return {
    address,
    config: {
      host: host.replace(/^\[(.*)\]$/, '$1'),
      port,
      database,
      user,
      // Never undefined: the client would look for files and variables of other programs.
      password: password ?? decoded(parsed.password),
      ssl: tls ? { rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) } : false,
      application_name: name,
      keepAlive: true,
    },
  };
}

function parse(url: string): URL {
  // The text itself may hold the password, and is not repeated.
  const parsed = URL.parse(url) ?? refuse('it is no URL such as postgres://user@host:5432/database');
  if (!PROTOCOLS.has(parsed.protocol)) refuse('it does not begin with postgres://');
  return parsed;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse('a % in it must be written as %25');
  }
}

function refuse(reason: string): never {
  throw stateError('STATE_ADDRESS', { reason });
}
