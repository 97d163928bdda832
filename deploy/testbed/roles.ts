/** Starts processes of this product with the roles given, on a free port of 127.0.0.1, for tests and benchmarks of a cluster. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from './native.ts';

export interface RoleProcess {
  readonly roles: string;
  readonly url: string;
  readonly data: string;
  readonly pid: number;
  /** What it printed so far. */
  output(): string;
  /** SIGTERM: drains; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL. */
  kill(): Promise<void>;
  pause(): void;
  resume(): void;
  /** The same roles on the same port and folder, after it has ended. */
  again(): Promise<RoleProcess>;
}

export interface RoleOptions {
  /** As `VONG_ROLES`. */
  readonly roles: string;
  readonly env: Readonly<Record<string, string>>;
  readonly port?: number;
  readonly data?: string;
  /** Default: waits until `/readyz` says yes. */
  readonly ready?: boolean;
}

const MAIN = fileURLToPath(new URL('../../main.ts', import.meta.url));
const START_MS = 120_000;
const STEP_MS = 50;

/** They end with this process, however it ends but by SIGKILL. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export async function startRoles(options: RoleOptions): Promise<RoleProcess> {
  const port = options.port ?? (await freePort());
  const data = options.data ?? (await mkdtemp(join(tmpdir(), `vong-${options.roles.replaceAll(',', '-')}-`)));
  const env = {
    ...process.env,
    VONG_AGENT: 'off',
    VONG_LOG_LEVEL: 'warn',
    ...options.env,
    VONG_ROLES: options.roles,
    VONG_DATA: data,
    VONG_LISTEN: `127.0.0.1:${port}`,
    VONG_INSTANCE: `${options.roles.replaceAll(',', '-')}-${port}`,
  };
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  running.add(child);
  void ended.then(() => running.delete(child));
  const url = `http://127.0.0.1:${port}`;
  if (options.ready !== false) await untilReady({ child, url, output: () => output });
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    return await ended;
  };
  return {
    roles: options.roles,
    url,
    data,
    pid: child.pid ?? -1,
    output: () => output,
    stop: async () => await end('SIGTERM'),
    kill: async () => void (await end('SIGKILL')),
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    again: async () => {
      await ended;
      return await startRoles({ ...options, port, data });
    },
  };
}

/** Ends the process and removes its folder. */
export async function discard(role: RoleProcess): Promise<void> {
  await role.kill();
  await rm(role.data, { recursive: true, force: true, maxRetries: 5 });
}

async function untilReady(waiting: { child: ChildProcess; url: string; output: () => string }): Promise<void> {
  const deadline = performance.now() + START_MS;
  let last = 'nothing';
  while (performance.now() < deadline) {
    if (waiting.child.exitCode !== null) throw new Error(`it ended at once:\n${waiting.output().slice(-4000)}`);
    try {
      const answer = await fetch(`${waiting.url}/readyz`);
      if (answer.ok) return;
      last = await answer.text();
    } catch {
      // Not listening yet.
    }
    await sleep(STEP_MS);
  }
  waiting.child.kill('SIGKILL');
  throw new Error(`it was not ready within ${START_MS / 1000} s (${last}):\n${waiting.output().slice(-4000)}`);
}
