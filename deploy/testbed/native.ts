/**
 * Starts other people's servers as child processes for tests. A child runs under a small shell that holds the read end of a pipe
 * from this process: however this process ends, also by SIGKILL, the pipe ends and the shell kills the child with all its own.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { RunningServer } from './running.ts';

export interface ServerOptions {
  /** For messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Added to this process' own. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** File to which its stdout and stderr are added. */
  readonly log: string;
  /** Asked again and again until true; one that throws is asked again. */
  readonly ready: () => Promise<boolean>;
  /** For one start. */
  readonly timeoutMs: number;
}

/** One that runs as a process of this machine. */
export interface NativeServer extends RunningServer {
  /** When the process that runs now has ended: its exit code, 128 + the signal when it was killed. */
  readonly exited: Promise<number>;
}

interface Running {
  readonly pid: number;
  readonly shell: ChildProcess;
  readonly exited: Promise<number>;
  ended: boolean;
}

const STOP_MS = 10_000;
const INSTALL_MS = 15 * 60_000;

// Job control gives the server a process group of its own; off again, because `wait` would otherwise end when it is stopped.
const KEEPER = `exec 4<&0
set -m
"$@" </dev/null 3>&- 4<&- &
server=$!
set +m
echo "$server" >&3
exec 3>&-
(while read -r _ <&4; do :; done; kill -KILL -- "-$server") >/dev/null 2>&1 &
watch=$!
wait "$server"
code=$?
kill "$watch" 2>/dev/null
kill -KILL -- "-$server" 2>/dev/null
exit "$code"`;

export async function spawnServer(options: ServerOptions): Promise<NativeServer> {
  let running = await start(options);
  const signal = (name: NodeJS.Signals, who: 'server' | 'group'): void => {
    if (running.ended) return;
    try {
      process.kill(who === 'group' ? -running.pid : running.pid, name);
    } catch {
      // It ended in this moment.
    }
  };
  const kill = async (): Promise<void> => {
    running.shell.ref();
    signal('SIGKILL', 'group');
    await running.exited;
  };
  const stop = async (): Promise<void> => {
    running.shell.ref();
    signal('SIGTERM', 'server');
    const late = setTimeout(() => signal('SIGKILL', 'group'), STOP_MS);
    await running.exited;
    clearTimeout(late);
  };
  return {
    get pid() {
      return running.pid;
    },
    get exited() {
      return running.exited;
    },
    stop,
    kill,
    pause: () => signal('SIGSTOP', 'group'),
    resume: () => signal('SIGCONT', 'group'),
    async restart() {
      await stop();
      running = await start(options);
    },
  };
}

async function start(options: ServerOptions): Promise<Running> {
  const { name, command, args, env, cwd, uid, gid } = options;
  const log = await open(options.log, 'a', 0o666);
  const shell = spawn('bash', ['-c', KEEPER, 'keeper', command, ...args], {
    stdio: ['pipe', log.fd, log.fd, 'pipe'],
    detached: true,
    env: { ...process.env, ...env },
    ...(cwd === undefined ? {} : { cwd }),
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  });
  const exited = once(shell, 'exit').then(([code]: unknown[]) => (typeof code === 'number' ? code : 137));
  await log.close();
  const running: Running = { pid: await pidFrom(shell), shell, exited, ended: false };
  void exited.then(() => (running.ended = true));
  // A server left running does not keep this process from ending; it ends with it.
  shell.unref();
  if (shell.stdin !== null && 'unref' in shell.stdin && typeof shell.stdin.unref === 'function') shell.stdin.unref();
  const why = await waitUntilReady(running, options);
  if (why === undefined) return running;
  if (!running.ended) process.kill(-running.pid, 'SIGKILL');
  await exited;
  throw new Error(`${name} ${why}:\n${await tail(options.log)}`);
}

async function pidFrom(shell: ChildProcess): Promise<number> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the fourth of `stdio` is a pipe that is read here
  const pipe = shell.stdio[3] as Readable;
  let text = '';
  for await (const chunk of pipe) text += String(chunk);
  const pid = Number(text);
  if (!(pid > 1)) throw new Error(`bash did not start the server: ${text}`);
  return pid;
}

async function waitUntilReady(running: Running, { ready, timeoutMs }: ServerOptions): Promise<string | undefined> {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    if (running.ended) return `ended at once with code ${await running.exited}`;
    if (await ready().catch(() => false)) return undefined;
    await sleep(20);
  }
  return `was not ready within ${timeoutMs / 1000} s`;
}

async function tail(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.slice(-4000);
}

/**
 * A port of 127.0.0.1 that nobody listens on, below the range from which the system takes the ports of outgoing connections: a
 * server that is down for a while finds its port free again, and who tries to reach it meanwhile does not reach itself.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 22_000);
    const probe = createServer();
    const listening = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false));
      probe.listen({ host: '127.0.0.1', port }, () => resolve((probe.address() as AddressInfo).port === port));
    });
    await new Promise<void>((resolve) => probe.close(() => resolve()));
    if (listening) return port;
  }
}

export type Installed = { readonly ok: true; readonly home: string } | { readonly ok: false; readonly why: string };

const installs = new Map<string, Promise<Installed>>();

/**
 * Runs `install-<name>.sh` (once in this process), which prints the folder of the server as its last line. With CI set, a server
 * that cannot be had is an error.
 */
export async function installed(name: string): Promise<Installed> {
  const result = await tryInstall(name);
  if (!result.ok && process.env['CI']) throw new Error(`${name} cannot be had: ${result.why}`);
  return result;
}

/** The same, where there may be another way to have it. */
export function tryInstall(name: string): Promise<Installed> {
  const known = installs.get(name) ?? install(name);
  installs.set(name, known);
  return known;
}

async function install(name: string): Promise<Installed> {
  const script = fileURLToPath(new URL(`install-${name}.sh`, import.meta.url));
  return await new Promise<Installed>((resolve) => {
    execFile(script, { timeout: INSTALL_MS, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error === null) resolve({ ok: true, home: lastLine(stdout) });
      else resolve({ ok: false, why: lastLine(stderr) || error.message });
    });
  });
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}
