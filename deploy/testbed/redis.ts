/** Starts a real Redis on a free port of 127.0.0.1: append-only file on, nothing evicted, as an installation must have it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, installed, spawnServer, type NativeServer } from './native.ts';

export interface RedisServer extends Pick<NativeServer, 'kill' | 'pause' | 'resume' | 'restart'> {
  readonly url: string;
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
  /** More settings, as on the command line: `['--maxmemory', '64mb']`. */
  readonly args?: readonly string[];
}

const START_MS = 20_000;
const ANSWER_MS = 2000;

/** Rejects when no Redis can be had: ask `installed('redis')` first, and skip by name. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const found = await installed('redis');
  if (!found.ok) throw new Error(`no Redis here: ${found.why}`);
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), 'vong-redis-'));
  const data = mkdtempSync(join(directory, 'data-'));
  const command = (...words: string[]): Promise<string> => ask(port, options.password, words);
  const settings = ['--bind', '127.0.0.1', '--port', String(port), '--dir', data, '--save', '', '--maxmemory-policy', 'noeviction'];
  const durable = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--daemonize', 'no'];
  const server = await spawnServer({
    name: 'Redis',
    command: join(found.home, 'bin', 'redis-server'),
    args: [
      ...settings,
      ...durable,
      ...(options.password === undefined ? [] : ['--requirepass', options.password]),
      ...(options.args ?? []),
    ],
    log: join(directory, 'redis.log'),
    ready: async () => (await command('PING')).startsWith('+PONG'),
    timeoutMs: START_MS,
  });
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    get pid() {
      return server.pid;
    },
    kill: () => server.kill(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    restart: () => server.restart(),
    async stop() {
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
    async wipe() {
      await server.kill();
      rmSync(join(data, 'appendonlydir'), { recursive: true, force: true });
    },
    command,
  };
}

/** One command over a connection of its own; what Redis says up to the first pause. */
async function ask(port: number, password: string | undefined, words: readonly string[]): Promise<string> {
  const commands = password === undefined ? [words] : [['AUTH', password], words];
  const socket = connect({ host: '127.0.0.1', port, timeout: ANSWER_MS });
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

function nextChunk(socket: ReturnType<typeof connect>): Promise<string> {
  return new Promise((resolve, reject) => {
    socket.once('data', (chunk) => resolve(String(chunk)));
    socket.once('error', reject);
    socket.once('timeout', () => reject(new Error('Redis does not answer')));
    socket.once('close', () => reject(new Error('Redis closed the connection')));
  });
}
