/**
 * Starts a real PostgreSQL on a free port of 127.0.0.1: in a container, or as a process with its data in a new temporary folder, as a
 * user of its own where this process is root, which PostgreSQL refuses to be.
 */
import { execFile } from 'node:child_process';
import { chown, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { postgresInContainer, type Certificate, type Postgres, type PostgresStart } from './containers/postgres.ts';
import { freePort, spawnServer } from './native.ts';
import { available, missing } from './servers.ts';

export interface PostgresOptions {
  /** Syncs what is committed, as in service; without it commits are fast and a crash of the machine loses them. Default true. */
  readonly durable?: boolean;
  /** Who connects must speak TLS; the certificate is made here. */
  readonly tls?: boolean;
  /** Collation of its databases; default `C.UTF-8`. */
  readonly locale?: string;
  /** Added to the command line as `-c name=value`. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

export interface PostgresServer {
  /** Of the database `postgres`; user and password stand in it. */
  readonly url: string;
  /** PEM of the authority that signed the server's certificate. */
  readonly ca?: string;
  readonly port: number;
  /** Of the postmaster; another after a restart. */
  readonly pid: number;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
  /** SIGKILL to it and to everyone it serves with; `restart` starts it again with its data. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** SIGSTOP to all of it. */
  pause(): Promise<void>;
  resume(): Promise<void>;
}

const run = promisify(execFile);
const START_MS = 60_000;
const USER = 'vong';
const PASSWORD = 'kín như bưng';

/** Why PostgreSQL cannot run here; undefined when it can. */
export async function postgresMissing(): Promise<string | undefined> {
  return await missing('postgres');
}

export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const found = await available('postgres');
  if (!found.ok) throw new Error(`PostgreSQL cannot be had: ${found.why}`);
  const [port, folder] = [await freePort(), await mkdtemp(join(tmpdir(), 'vong-postgres-'))];
  const tls = options.tls === true ? await makeCertificate(folder) : undefined;
  const start: PostgresStart = {
    port,
    folder,
    user: USER,
    password: PASSWORD,
    initdb: ['-A', 'scram-sha-256', '-E', 'UTF8', `--locale=${options.locale ?? 'C.UTF-8'}`, '--no-sync'],
    settings: settingsOf(options, port),
    ...(tls === undefined ? {} : { tls }),
    ready: () => accepts(port),
    timeoutMs: START_MS,
  };
  const server = found.way === 'containers' ? await postgresInContainer(found.image, start) : await onThisMachine(found.home, start);
  return {
    url: `postgres://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/postgres`,
    ...(tls === undefined ? {} : { ca: tls.ca }),
    port,
    get pid() {
      return server.pid;
    },
    kill: () => server.kill(),
    stop: async () => {
      await server.discard();
      await rm(folder, { recursive: true, force: true });
    },
    restart: () => server.restart(),
    pause: () => server.pause(),
    resume: () => server.resume(),
  };
}

async function onThisMachine(
  home: string,
  { folder, user, password, initdb, settings, tls, ready, timeoutMs }: PostgresStart,
): Promise<Postgres> {
  const who = await otherThanRoot();
  const [data, secret] = [join(folder, 'data'), join(folder, 'password')];
  await writeFile(secret, password);
  await give(who, folder, secret);
  const init = ['-D', data, '-U', user, `--pwfile=${secret}`, ...initdb];
  await run(join(home, 'bin', 'initdb'), init, { cwd: folder, ...who });
  if (tls !== undefined) {
    await give(who, tls.key, tls.certificate);
    await writeFile(join(data, 'pg_hba.conf'), 'hostssl all all 127.0.0.1/32 scram-sha-256\n');
  }
  const certificate = tls === undefined ? [] : [`ssl_cert_file=${tls.certificate}`, `ssl_key_file=${tls.key}`];
  const own = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', ...certificate];
  const server = await spawnServer({
    name: 'PostgreSQL',
    command: join(home, 'bin', 'postgres'),
    args: ['-D', data, ...[...settings, ...own].flatMap((setting) => ['-c', setting])],
    cwd: folder,
    ...who,
    log: join(folder, 'output.log'),
    ready,
    timeoutMs,
  });
  const kill = async (): Promise<void> => {
    // Each connection is served by a process in a group of its own.
    const served = await childrenOf(server.pid);
    await server.kill();
    for (const pid of served) signal(pid, 'SIGKILL');
    while ((await Promise.all(served.map(lives))).includes(true)) await sleep(10);
  };
  return {
    get pid() {
      return server.pid;
    },
    kill,
    discard: kill,
    restart: () => server.restart(),
    pause: async () => {
      server.pause();
      for (const pid of await childrenOf(server.pid)) signal(pid, 'SIGSTOP');
    },
    resume: async () => {
      for (const pid of await childrenOf(server.pid)) signal(pid, 'SIGCONT');
      server.resume();
    },
  };
}

function settingsOf({ durable = true, tls = false, settings = {} }: PostgresOptions, port: number): string[] {
  const sync = durable ? 'on' : 'off';
  const all = {
    port,
    fsync: sync,
    synchronous_commit: sync,
    full_page_writes: sync,
    shared_buffers: '32MB',
    max_connections: 100,
    ssl: tls ? 'on' : 'off',
    ...settings,
  };
  return Object.entries(all).map(([name, value]) => `${name}=${value}`);
}

interface Who {
  readonly uid?: number;
  readonly gid?: number;
}

async function otherThanRoot(): Promise<Who> {
  if (process.getuid?.() !== 0) return {};
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const found = lines.find(([name]) => name === 'postgres') ?? lines.find(([name]) => name === 'nobody');
  if (found === undefined) throw new Error('PostgreSQL cannot run as root, and there is neither a user postgres nor nobody');
  return { uid: Number(found[2]), gid: Number(found[3]) };
}

async function give({ uid, gid }: Who, ...paths: readonly string[]): Promise<void> {
  if (uid !== undefined && gid !== undefined) for (const path of paths) await chown(path, uid, gid);
}

async function makeCertificate(folder: string): Promise<Certificate> {
  const [key, certificate] = [join(folder, 'server.key'), join(folder, 'server.crt')];
  const names = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', ...names];
  await run('openssl', [...request, '-keyout', key, '-out', certificate], { cwd: folder });
  return { key, certificate, ca: await readFile(certificate, 'utf8') };
}

/** True when it takes connections: it asks who is there, or refuses for another reason than that it is starting up (57P03). */
async function accepts(port: number): Promise<boolean> {
  const words = Buffer.from(`user\0${USER}\0database\0postgres\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(head.length + words.length);
  head.writeInt32BE(3 << 16, 4);
  const socket = connect({ host: '127.0.0.1', port });
  try {
    return await new Promise<boolean>((resolve, reject) => {
      socket.once('error', reject);
      socket.once('connect', () => socket.write(Buffer.concat([head, words])));
      socket.once('data', (answer) => resolve(!answer.includes('57P03')));
      socket.once('close', () => resolve(false));
    });
  } finally {
    socket.destroy();
  }
}

/** Processes whose parent is this one (Linux). */
async function childrenOf(parent: number): Promise<number[]> {
  const numbers = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
  const parents = await Promise.all(numbers.map(async (pid) => (await statusOf(pid))?.parent));
  return numbers.filter((_, i) => parents[i] === parent);
}

async function lives(pid: number): Promise<boolean> {
  const status = await statusOf(pid);
  return status !== undefined && status.state !== 'Z';
}

async function statusOf(pid: number): Promise<{ state: string; parent: number } | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The name of the program stands in parentheses and may hold anything.
  const [state = '', parent] = text?.slice(text.lastIndexOf(')') + 2).split(' ') ?? [];
  return text === undefined ? undefined : { state, parent: Number(parent) };
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended in this moment.
  }
}
