/** PostgreSQL in a container of the official image, which makes the cluster of databases at the first start. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DiscardableServer } from '../running.ts';
import { runContainer } from './run.ts';

export interface Certificate {
  /** Paths of the key and of the certificate. */
  readonly key: string;
  readonly certificate: string;
  /** PEM of who signed it. */
  readonly ca: string;
}

/** What both ways of starting one need. */
export interface PostgresStart {
  readonly port: number;
  /** A new one, for what it needs beside its data. */
  readonly folder: string;
  readonly user: string;
  readonly password: string;
  readonly initdb: readonly string[];
  /** `name=value`; where it listens is not among them. */
  readonly settings: readonly string[];
  readonly tls?: Certificate;
  readonly ready: () => Promise<boolean>;
  readonly timeoutMs: number;
}

/** `pause` is for all of it: the postmaster and those that serve connections. */
export interface Postgres extends Pick<DiscardableServer, 'pid' | 'kill' | 'restart' | 'discard'> {
  pause(): Promise<void>;
  resume(): Promise<void>;
}

/** Of the server's own, in the container. PostgreSQL wants its key to be nobody else's. */
const OWN = '/var/tmp/vong';

export async function postgresInContainer(image: string, start: PostgresStart): Promise<Postgres> {
  const { port, user, password, initdb, settings, tls, ready, timeoutMs } = start;
  const secure = tls === undefined ? undefined : await security(tls, start.folder);
  const all = [...settings, 'listen_addresses=*', ...(secure?.settings ?? [])];
  const server = await runContainer({
    name: 'PostgreSQL',
    image,
    ...(secure === undefined ? {} : { entrypoint: secure.entrypoint }),
    command: ['postgres', ...all.flatMap((setting) => ['-c', setting])],
    env: { POSTGRES_USER: user, POSTGRES_PASSWORD: password, POSTGRES_DB: 'postgres', POSTGRES_INITDB_ARGS: initdb.join(' ') },
    files: secure?.files ?? [],
    ports: [port],
    ready,
    timeoutMs,
  });
  return {
    get pid() {
      return server.pid;
    },
    kill: () => server.kill(),
    restart: () => server.restart(),
    discard: () => server.discard(),
    pause: () => Promise.resolve(server.pause()),
    resume: () => Promise.resolve(server.resume()),
  };
}

interface Secure {
  readonly entrypoint: readonly string[];
  readonly settings: readonly string[];
  readonly files: readonly string[];
}

async function security({ key, certificate }: Certificate, folder: string): Promise<Secure> {
  const access = join(folder, 'pg_hba.conf');
  // The image asks the server over its socket while it makes the databases.
  await writeFile(access, 'local all all trust\nhostssl all all all scram-sha-256\n');
  const take = `mkdir -p ${OWN} && cp ${key} ${OWN}/server.key && chmod 600 ${OWN}/server.key && chown -R postgres ${OWN}`;
  return {
    entrypoint: ['sh', '-c', `${take} && exec docker-entrypoint.sh "$@"`, 'sh'],
    settings: [`ssl_cert_file=${certificate}`, `ssl_key_file=${OWN}/server.key`, `hba_file=${access}`],
    files: [key, certificate, access],
  };
}
