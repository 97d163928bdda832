/** This machine: runtime, limits, data directory, disk, port. */
import { constants } from 'node:fs';
import { access, mkdtemp, open, readFile, rm, stat, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Config } from '@vong/platform/config';
import { messageOf } from '@vong/platform/probes';
import { usesDataDirectory } from '../../roles/parts.ts';
import { checkOwnClock } from './clock.ts';
import { LIMIT_MS, ok, problem, size, warning, type Check, type Finding } from './finding.ts';

const NODE_MAJOR = 24;
const FEW_FILES = 4096;
const SLOW_SYNC_MS = 100;
const SAMPLE = Buffer.alloc(1024 * 1024, 'vong');

export function machine(config: Config): Check[] {
  const directory = resolve(config.data);
  return [
    { name: 'node', run: async () => [judgeNode(process.versions.node)] },
    { name: 'open files', run: async () => [judgeOpenFiles(await readFile('/proc/self/limits', 'utf8').catch(() => undefined))] },
    { name: 'clock', run: async () => [await checkOwnClock()] },
    { name: 'data directory', run: async () => [await checkDirectory(directory, usesDataDirectory(config))] },
    { name: 'disk', run: async () => [await checkDisk(directory, config.minFreeBytes)] },
    { name: 'server', run: async () => [await checkServer(directory, config.listen)] },
  ];
}

export function judgeNode(version: string): Finding {
  if (Number(version.split('.')[0]) >= NODE_MAJOR) return ok('node', `Node.js ${version}`);
  return problem('node', `Node.js ${version}, ${NODE_MAJOR} or newer is needed`, 'Start with npm start or ./vong: they bring it along.');
}

/** `limits`: text of /proc/self/limits; undefined elsewhere than on Linux. */
export function judgeOpenFiles(limits: string | undefined): Finding {
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(limits ?? '')?.[1];
  if (soft === undefined) return ok('open files', 'this machine does not tell how many a process may have');
  if (soft === 'unlimited' || Number(soft) >= FEW_FILES) return ok('open files', `${soft} at most`);
  return warning(
    'open files',
    `${soft} at most: many agents and browsers at once will be refused`,
    'Run ulimit -n 65536 before the start, or set LimitNOFILE=65536 in the systemd unit.',
  );
}

/** Can be written to, durably? Where the directory is not there yet: can it be made? */
async function checkDirectory(directory: string, durable: boolean): Promise<Finding> {
  const check = 'data directory';
  const give = `Give it to the user that runs the server: chown -R "$(id -un)" ${directory}; or choose another with VONG_DATA.`;
  const existing = await nearestExisting(directory);
  if (existing !== directory) {
    const allowed = await access(existing, constants.W_OK).then(
      () => true,
      () => false,
    );
    if (allowed) return ok(check, `${directory} is not there yet; the server makes it`);
    return problem(
      check,
      `${directory} is not there, and ${existing} may not be written to`,
      `mkdir -p ${directory} as an administrator. ${give}`,
    );
  }
  if (!(await stat(directory)).isDirectory()) return problem(check, `${directory} is no directory`, 'Choose another with VONG_DATA.');
  try {
    const ms = await timeToSync(directory);
    const found = `${directory}: 1 MiB on the disk in ${ms} ms`;
    // Where servers keep everything, nothing waits for this disk.
    if (ms <= SLOW_SYNC_MS || !durable) return ok(check, found);
    return warning(
      check,
      found,
      'Every batch waits for the disk: use a local SSD, not a network share, or look at what else writes: iostat -x 1',
    );
  } catch (error) {
    return problem(check, `${directory} cannot be written to: ${messageOf(error)}`, give);
  }
}

async function timeToSync(directory: string): Promise<number> {
  const folder = await mkdtemp(join(directory, '.doctor-'));
  try {
    const begun = performance.now();
    const file = await open(join(folder, 'sample'), 'w');
    try {
      await file.writeFile(SAMPLE);
      await file.sync();
    } finally {
      await file.close();
    }
    return Math.round(performance.now() - begun);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function checkDisk(directory: string, minFreeBytes: number): Promise<Finding> {
  const existing = await nearestExisting(directory);
  const { bavail, bsize, blocks, ffree, files } = await statfs(existing);
  return judgeDisk(
    { free: bavail * bsize, total: blocks * bsize, noFiles: files > 0 && ffree === 0 },
    { directory: existing, minFreeBytes },
  );
}

export function judgeDisk(
  { free, total, noFiles }: { readonly free: number; readonly total: number; readonly noFiles: boolean },
  { directory, minFreeBytes }: { readonly directory: string; readonly minFreeBytes: number },
): Finding {
  const found = `${size(free)} of ${size(total)} free under ${directory}`;
  const make = `Make room, or lower VONG_EVENTS_RETENTION_BYTES and VONG_LOG_RETENTION_BYTES. See: df -h ${directory}; du -xh --max-depth=1 ${directory}`;
  if (noFiles)
    return problem(
      'disk',
      `no more files can be made under ${directory}`,
      `Delete small files, or use another file system. See: df -i ${directory}`,
    );
  if (free < minFreeBytes) return problem('disk', `${found}; below ${size(minFreeBytes)} (VONG_MIN_FREE) the gateway takes nothing`, make);
  if (free < 4 * minFreeBytes || free < total / 20) return warning('disk', found, make);
  return ok('disk', found);
}

/** Either a server of ours runs here, or the directory and the port are free for one. */
async function checkServer(directory: string, listen: Config['listen']): Promise<Finding> {
  const address = `${listen.host.includes(':') ? `[${listen.host}]` : listen.host}:${listen.port}`;
  const holder = await lockHolder(directory);
  if (await answersAsOurs(listen)) return ok('server', `runs and answers at ${address}${holder ?? ''}`);
  if (holder !== undefined)
    return warning(
      'server',
      `one runs with this data directory${holder}, and does not answer at ${address}`,
      'Look at its log; is VONG_LISTEN what it was started with?',
    );
  const refused = await portRefused(listen);
  if (refused === undefined) return ok('server', `none runs; ${address} is free`);
  if (refused === 'EADDRINUSE')
    return problem(
      'server',
      `${address} is used by another program`,
      `See who: ss -ltnp 'sport = :${listen.port}'; stop it, or set VONG_LISTEN to a free port.`,
    );
  if (refused === 'EACCES')
    return problem(
      'server',
      `this user may not listen on ${address}`,
      'Use a port from 1024 up in VONG_LISTEN with a reverse proxy in front, or AmbientCapabilities=CAP_NET_BIND_SERVICE.',
    );
  return problem(
    'server',
    `${address} cannot be listened on: ${refused}`,
    'VONG_LISTEN must name an address of this machine: ip -brief address',
  );
}

/** ` (pid 7)` or an empty text when a server holds the directory; undefined when none does. */
async function lockHolder(directory: string): Promise<string | undefined> {
  const file = join(directory, 'lock.db');
  if (!(await stat(file).catch(() => undefined))) return undefined;
  try {
    const db = new DatabaseSync(file, { readOnly: true, timeout: 0 });
    try {
      // Whoever runs holds it exclusively, so that not even this reads it.
      db.prepare('select count(*) from sqlite_schema').get();
      return undefined;
    } finally {
      db.close();
    }
  } catch {
    const pid = /"pid":(\d{1,10})/.exec(await readFile(join(directory, 'lock.json'), 'utf8').catch(() => ''))?.[1];
    return pid === undefined ? '' : ` (pid ${pid})`;
  }
}

async function answersAsOurs({ host, port }: Config['listen']): Promise<boolean> {
  if (port === 0) return false;
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
  try {
    const answer = await fetch(`http://${name}:${port}/healthz`, { signal: AbortSignal.timeout(LIMIT_MS / 4), redirect: 'error' });
    return answer.ok && (await answer.text()).slice(0, 100).includes('"live"');
  } catch {
    return false;
  }
}

async function portRefused({ host, port }: Config['listen']): Promise<string | undefined> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

async function nearestExisting(path: string): Promise<string> {
  for (let each = path; ; each = dirname(each)) {
    if ((await stat(each).catch(() => undefined)) !== undefined || dirname(each) === each) return each;
  }
}
