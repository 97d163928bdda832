/**
 * Starts a real Redis on a free port of 127.0.0.1, as a process or in a container: append-only file on, nothing evicted, as an
 * installation must have it.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { promisify } from 'node:util';
import { runContainer } from './containers/run.ts';
import { freePort, spawnServer } from './native.ts';
import type { DiscardableServer, RunningServer } from './running.ts';
import { available } from './servers.ts';

export interface RedisServer extends Pick<RunningServer, 'kill' | 'pause' | 'resume' | 'restart'> {
  readonly url: string;
  /** With TLS: the certificate, PEM. */
  readonly ca: string | undefined;
  readonly port: number;
  readonly pid: number;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
  /** SIGKILL, and all its data are lost; `restart()` brings it back empty. */
  wipe(): Promise<void>;
  /** Its answer to one command, in Redis' protocol: `+PONG`, `:3`, `$5…`. */
  command(...words: string[]): Promise<string>;
}

export interface RedisOptions {
  /** Asked of every client. */
  readonly password?: string;
  /** Speaks TLS only; `url` is then `rediss://` and `ca` says whom to trust. */
  readonly tls?: boolean;
  /** More settings, as on the command line: `['--maxmemory', '64mb']`. */
  readonly args?: readonly string[];
  /** What `args` name: files it reads, ports it listens on beside its own. A container is given them. */
  readonly names?: { readonly files: readonly string[]; readonly ports: readonly number[] };
}

const START_MS = 20_000;
const ANSWER_MS = 2000;

/** Rejects when no Redis can be had: ask `available('redis')` first, and skip by name. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const found = await available('redis');
  if (!found.ok) throw new Error(`no Redis here: ${found.why}`);
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), 'vong-redis-'));
  const ca = options.tls === true ? await makeCertificate(directory) : undefined;
  const command = (...words: string[]): Promise<string> => ask(() => open(port, ca), options.password, words);
  const settings = [
    '--save',
    '',
    '--maxmemory-policy',
    'noeviction',
    '--appendonly',
    'yes',
    '--appendfsync',
    'everysec',
    '--daemonize',
    'no',
  ];
  const listening = ca === undefined ? ['--port', String(port)] : ['--port', '0', '--tls-port', String(port), ...tlsSettings(directory)];
  const password = options.password === undefined ? [] : ['--requirepass', options.password];
  const start: Start = {
    args: [...settings, ...listening, ...password, ...(options.args ?? [])],
    files: [...(ca === undefined ? [] : [KEY, CERTIFICATE].map((name) => join(directory, name))), ...(options.names?.files ?? [])],
    ports: [port, ...(options.names?.ports ?? [])],
    directory,
    ready: async () => (await command('PING')).startsWith('+PONG'),
  };
  const server = found.way === 'containers' ? await inContainer(found.image, start) : await onThisMachine(found.home, start);
  return {
    url: ca === undefined ? `redis://127.0.0.1:${port}` : `rediss://localhost:${port}`,
    ca,
    port,
    get pid() {
      return server.pid;
    },
    kill: () => server.kill(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    restart: () => server.restart(),
    async stop() {
      await server.discard();
      rmSync(directory, { recursive: true, force: true });
    },
    wipe: () => server.discard(),
    command,
  };
}

interface Start {
  readonly args: readonly string[];
  readonly files: readonly string[];
  readonly ports: readonly number[];
  readonly directory: string;
  readonly ready: () => Promise<boolean>;
}

async function onThisMachine(home: string, { args, directory, ready }: Start): Promise<DiscardableServer> {
  const data = mkdtempSync(join(directory, 'data-'));
  const server = await spawnServer({
    name: 'Redis',
    command: join(home, 'bin', 'redis-server'),
    args: ['--bind', '127.0.0.1', '--dir', data, ...args],
    log: join(directory, 'redis.log'),
    ready,
    timeoutMs: START_MS,
  });
  return Object.assign(server, {
    discard: async () => {
      await server.kill();
      rmSync(join(data, 'appendonlydir'), { recursive: true, force: true });
    },
  });
}

/** It is asked from outside its container, so it must listen to more than itself. */
async function inContainer(image: string, { args, files, ports, ready }: Start): Promise<DiscardableServer> {
  const open = ['--bind', '0.0.0.0', '--protected-mode', 'no', '--dir', '/data'];
  return await runContainer({
    name: 'Redis',
    image,
    command: ['redis-server', ...open, ...args],
    files,
    ports,
    ready,
    timeoutMs: START_MS,
  });
}

function open(port: number, ca: string | undefined): Socket {
  const to = { host: '127.0.0.1', port, timeout: ANSWER_MS };
  return ca === undefined ? connect(to) : connectTls({ ...to, servername: 'localhost', ca });
}

const [KEY, CERTIFICATE] = ['redis.key', 'redis.crt'];

function tlsSettings(directory: string): string[] {
  const files = ['--tls-cert-file', join(directory, CERTIFICATE), '--tls-key-file', join(directory, KEY)];
  return [...files, '--tls-ca-cert-file', join(directory, CERTIFICATE), '--tls-auth-clients', 'no'];
}

/** A certificate for localhost that nobody signed but itself. */
async function makeCertificate(directory: string): Promise<string> {
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  await promisify(execFile)('openssl', [...request, ...subject, '-keyout', KEY, '-out', CERTIFICATE], { cwd: directory });
  return readFileSync(join(directory, CERTIFICATE), 'utf8');
}

/** One command over a connection of its own; what Redis says up to the first pause. */
async function ask(dial: () => Socket, password: string | undefined, words: readonly string[]): Promise<string> {
  const commands = password === undefined ? [words] : [['AUTH', password], words];
  const socket = dial();
  socket.setEncoding('utf8');
  try {
    let answer = '';
    for (const command of commands) {
      socket.write(`*${command.length}\r\n${command.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`);
      answer = await nextChunk(socket);
    }
    return answer.trimEnd();
  } finally {
    socket.destroy();
  }
}

function nextChunk(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    socket.once('data', (chunk) => resolve(String(chunk)));
    socket.once('error', reject);
    socket.once('timeout', () => reject(new Error('Redis does not answer')));
    socket.once('close', () => reject(new Error('Redis closed the connection')));
  });
}
