/**
 * A site without internet, played inside a network namespace of its own: `unshare --net node site.ts FOLDER HOME`. Installs from the
 * unpacked folder into HOME, starts, and lets the installed agent send a record that a rule fires on. Prints what it saw as JSON.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const RULE = 'rules/sigma/linux/sshd_root_password';
const LISTEN = '127.0.0.1:8080';
const WAIT_MS = 60_000;

export interface Seen {
  /** What a connection to another network ends with. */
  readonly outside: string;
  readonly interfaces: readonly string[];
  readonly printed: string;
  readonly alerts: readonly { readonly rule: { readonly title: string } }[];
  readonly events: readonly { readonly '@timestamp': string }[];
  readonly console: string;
  /** After SIGTERM: whether it is gone, and what it said. */
  readonly ended: boolean;
}

interface Operator {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
}

/** The machine's own Node.js and npm are out of reach: only what was brought along may be used. */
const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8', VONG_AGENT: 'off', VONG_LOG_LEVEL: 'warn' };

async function play(folder: string, home: string): Promise<Seen> {
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
  const prefix = join(home, 'opt');
  const data = join(home, 'data');
  const printed = execFileSync(
    join(folder, 'install.sh'),
    ['--prefix', prefix, '--data', data, '--listen', LISTEN, '--no-units', '--start'],
    { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const operator = JSON.parse(readFileSync(join(data, 'operator.json'), 'utf8')) as Operator;
  let agent: ChildProcess | undefined;
  try {
    agent = await followed({ prefix, home, operator });
    const alerts = await until(async () => (await call<{ items: Seen['alerts'] }>(operator, '/api/alerts?limit=10')).items);
    const events = await until(async () => (await call<{ items: Seen['events'] }>(operator, '/api/events?q=203.0.113.9&limit=10')).items);
    const interfaces = Object.keys(networkInterfaces());
    return { outside: await outside(), interfaces, printed, alerts, events, console: await page(operator), ended: await end(operator.pid) };
  } finally {
    agent?.kill('SIGTERM');
    await end(operator.pid);
  }
}

/** Starts the installed agent on a log to which a line is then written. */
async function followed(site: { prefix: string; home: string; operator: Operator }): Promise<ChildProcess> {
  const { token } = await call<{ token: string }>(site.operator, '/api/agents', { agency: 'vn', name: 'cong-dvc' });
  const log = join(site.home, 'auth.log');
  mkdirSync(join(site.home, 'agent'));
  writeFileSync(join(site.home, 'token'), token, { mode: 0o600 });
  const { raw } = JSON.parse(readFileSync(join(site.prefix, 'current/app', RULE, 'firing.ndjson'), 'utf8').split('\n')[0] ?? '') as {
    raw: string;
  };
  writeFileSync(log, `${raw}\n`);
  const where = ['--server', site.operator.url, '--token-file', join(site.home, 'token'), '--data', join(site.home, 'agent')];
  return spawn(join(site.prefix, 'current/bin/vong'), ['agent', ...where, '--file', log, '--format', 'syslog'], { env, stdio: 'inherit' });
}

async function call<Answer>(operator: Operator, path: string, body?: unknown): Promise<Answer> {
  const headers = { authorization: `Bearer ${operator.token}`, 'content-type': 'application/json' };
  const sent = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const answer = await fetch(`${operator.url}${path}`, { headers, ...sent });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Answer;
}

async function page(operator: Operator): Promise<string> {
  return await (await fetch(`${operator.url}/`)).text();
}

async function until<Item>(look: () => Promise<readonly Item[]>): Promise<readonly Item[]> {
  for (const deadline = performance.now() + WAIT_MS; ; await sleep(100)) {
    const found = await look();
    if (found.length > 0 || performance.now() > deadline) return found;
  }
}

/** TEST-NET-1: an address nobody has. */
async function outside(): Promise<string> {
  const socket = connect({ host: '192.0.2.1', port: 443 });
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  return error.code ?? error.message;
}

async function end(pid: number): Promise<boolean> {
  for (const deadline = performance.now() + 15_000; performance.now() < deadline; await sleep(100)) {
    try {
      process.kill(pid, 'SIGTERM');
    } catch {
      return true;
    }
    for (let i = 0; i < 110 && alive(pid); i++) await sleep(100);
  }
  return false;
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

if (import.meta.main) {
  const [folder = '', home = ''] = process.argv.slice(2);
  process.stdout.write(JSON.stringify(await play(folder, home)));
}
