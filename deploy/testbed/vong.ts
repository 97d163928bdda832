/** Starts this product's own server as a child process, for tests and benchmarks: on 127.0.0.1, a free port, a data directory given. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export interface TestServer {
  readonly url: string;
  /** Operator key: administrator at the root. */
  readonly token: string;
  readonly pid: number;
  /** Milliseconds from start to the first answered request. */
  readonly startMs: number;
  /** JSON of an answer to a call with the operator key; throws with the body on an error status. */
  call<T>(path: string, options?: { method?: string; body?: unknown }): Promise<T>;
  /** Drains and stops; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL, at once. */
  kill(): Promise<void>;
  /** Everything the server printed so far. */
  output(): string;
}

const MAIN = fileURLToPath(new URL('../../main.ts', import.meta.url));
const START_TIMEOUT_MS = 60_000;

export async function startServer(options: { data: string; env?: Record<string, string> }): Promise<TestServer> {
  const started = performance.now();
  const env = {
    ...process.env,
    VONG_LISTEN: '127.0.0.1:0',
    VONG_AGENT: 'off',
    VONG_LOG_LEVEL: 'warn',
    ...options.env,
    VONG_DATA: options.data,
  };
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const { url, token } = await waitForOperator({ child, data: options.data, output: () => output });
  return {
    url,
    token,
    pid: child.pid ?? -1,
    startMs: Math.round(performance.now() - started),
    call: async <T>(path: string, call: { method?: string; body?: unknown } = {}) => (await request({ url, token, path, ...call })) as T,
    stop: async () => {
      child.kill('SIGTERM');
      return await ended;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    output: () => output,
  };
}

async function waitForOperator(waiting: {
  child: ChildProcess;
  data: string;
  output: () => string;
}): Promise<{ url: string; token: string }> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadline) {
    if (waiting.child.exitCode !== null) throw new Error(`the server ended at once:\n${waiting.output()}`);
    const found = await readOperator(waiting.data, waiting.child.pid);
    // The welcome is the last thing a start prints; the set-up link stands in it.
    if (found !== undefined && waiting.output().includes('Ctrl-C stops') && (await answers(found.url))) return found;
    await sleep(25);
  }
  waiting.child.kill('SIGKILL');
  throw new Error(`the server did not answer within ${START_TIMEOUT_MS / 1000} s:\n${waiting.output()}`);
}

/** The file an earlier server left behind names another process. */
async function readOperator(data: string, pid: number | undefined): Promise<{ url: string; token: string } | undefined> {
  try {
    const operator = JSON.parse(await readFile(join(data, 'operator.json'), 'utf8')) as { url: string; token: string; pid: number };
    return operator.pid === pid ? operator : undefined;
  } catch {
    return undefined;
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/healthz`)).ok;
  } catch {
    return false;
  }
}

/** JSON of the answer to a call; throws with the body on an error status. */
export async function request(call: { url: string; token: string; path: string; method?: string; body?: unknown }): Promise<unknown> {
  const headers: Record<string, string> = { authorization: `Bearer ${call.token}` };
  if (call.body !== undefined) headers['content-type'] = 'application/json';
  const body = call.body === undefined ? null : JSON.stringify(call.body);
  const response = await fetch(`${call.url}${call.path}`, { method: call.method ?? 'GET', headers, body });
  const text = await response.text();
  if (!response.ok) throw new Error(`${call.method ?? 'GET'} ${call.path}: ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
