/**
 * Starts a real Elasticsearch (one node, no security) on free ports of 127.0.0.1: in a container, or as a process (core modules) with
 * its data in a new temporary folder. 8.19 refuses to run as root: then it gets a user of its own, by number, and a copy of the program
 * it may read.
 */
import { execFile } from 'node:child_process';
import { chown, cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { DATA, elasticsearchInContainer, NODE_SETTINGS } from './containers/elasticsearch.ts';
import type { ServerName } from './containers/images.ts';
import { freePort, spawnServer } from './native.ts';
import type { RunningServer } from './running.ts';
import { available, missing } from './servers.ts';

type Settings = Readonly<Record<string, string | number | boolean>>;

/** Of each line that is supported, its newest where it is fetched (`install-elasticsearch.sh`, `install-elasticsearch-9.sh`). */
export type ElasticsearchVersion = '8.19' | '9';

export interface ElasticsearchOptions {
  /** Default 8.19. */
  readonly version?: ElasticsearchVersion;
  /** Heap, MB; default 512. */
  readonly heapMb?: number;
  /** Added to `elasticsearch.yml`. */
  readonly settings?: Settings;
}

export interface ElasticsearchServer extends Pick<RunningServer, 'kill' | 'pause' | 'resume' | 'restart'> {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Folder of its data, on this machine or in its container. */
  readonly data: string;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

const run = promisify(execFile);
const HEAP_MB = 512;
const START_MS = 180_000;
const ANSWER_MS = 2000;
/** No account needs to have this number. */
const OWN_USER = 61_919;

const SERVERS: Readonly<Record<ElasticsearchVersion, ServerName>> = { '8.19': 'elasticsearch', '9': 'elasticsearch-9' };
/** 9 comes without the module that has this setting. */
const NO_SECURITY: Readonly<Record<ElasticsearchVersion, Settings>> = { '8.19': { 'xpack.security.enabled': false }, '9': {} };

/** Why Elasticsearch can not run here; undefined when it can. */
export async function elasticsearchMissing(version: ElasticsearchVersion = '8.19'): Promise<string | undefined> {
  return await missing(SERVERS[version]);
}

/** Rejects when none can be had: ask `elasticsearchMissing` first, and skip by name. */
export async function startElasticsearch(options: ElasticsearchOptions = {}): Promise<ElasticsearchServer> {
  const { version = '8.19' } = options;
  const found = await available(SERVERS[version]);
  if (!found.ok) throw new Error(`Elasticsearch cannot be had: ${found.why}`);
  return found.way === 'containers' ? await inContainer(found.image, options) : await onThisMachine(found.home, version, options);
}

async function inContainer(image: string, { heapMb = HEAP_MB, settings = {} }: ElasticsearchOptions): Promise<ElasticsearchServer> {
  const port = await freePort();
  const server = await elasticsearchInContainer({ image, port, heapMb, settings, ready: () => answers(port), timeoutMs: START_MS });
  return serverOf(server, { port, data: DATA, stop: () => server.discard() });
}

async function onThisMachine(
  installed: string,
  version: ElasticsearchVersion,
  options: ElasticsearchOptions,
): Promise<ElasticsearchServer> {
  const folder = await mkdtemp(join(tmpdir(), 'vong-elasticsearch-'));
  const [port, transport] = [await freePort(), await freePort()];
  const root = process.getuid?.() === 0;
  const home = root ? await readableCopy(installed, folder) : installed;
  await configure({ folder, home, port, transport, settings: { ...NO_SECURITY[version], ...options.settings } });
  if (root) await run('chown', ['-R', String(OWN_USER), join(folder, 'node')]);
  const heap = `${options.heapMb ?? HEAP_MB}m`;
  const server = await spawnServer({
    name: 'Elasticsearch',
    command: join(home, 'bin', 'elasticsearch'),
    args: [],
    env: {
      HOME: join(folder, 'node'),
      ...(version === '8.19' ? { ES_JAVA_HOME: await javaHome() } : {}),
      ES_PATH_CONF: join(folder, 'node', 'conf'),
      ES_TMPDIR: join(folder, 'node', 'tmp'),
      ES_JAVA_OPTS: `-Xms${heap} -Xmx${heap}`,
      CLI_JAVA_OPTS: '-Xmx64m -XX:+UseSerialGC',
    },
    cwd: folder,
    ...(root ? { uid: OWN_USER, gid: OWN_USER } : {}),
    log: join(folder, 'elasticsearch.out'),
    ready: () => answers(port),
    timeoutMs: START_MS,
  }).catch(async (error: unknown) => {
    await rm(folder, { recursive: true, force: true });
    throw error;
  });
  const stop = async (): Promise<void> => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return serverOf(server, { port, data: join(folder, 'node', 'data'), stop });
}

function serverOf(server: RunningServer, own: Pick<ElasticsearchServer, 'port' | 'data' | 'stop'>): ElasticsearchServer {
  return {
    ...own,
    url: `http://127.0.0.1:${own.port}`,
    get pid() {
      return server.pid;
    },
    kill: () => server.kill(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    restart: () => server.restart(),
  };
}

/** The cache may lie in a home directory that nobody else may enter. Links where the file system allows them. */
async function readableCopy(home: string, folder: string): Promise<string> {
  const copy = join(folder, 'home');
  await chown(folder, OWN_USER, OWN_USER);
  await run('cp', ['-al', home, copy]).catch(() => cp(home, copy, { recursive: true }));
  return copy;
}

interface Place {
  readonly folder: string;
  readonly home: string;
  readonly port: number;
  readonly transport: number;
  readonly settings: Settings;
}

async function configure({ folder, home, port, transport, settings }: Place): Promise<void> {
  const own = join(folder, 'node');
  for (const each of ['data', 'logs', 'conf', 'tmp']) await mkdir(join(own, each), { recursive: true });
  for (const file of ['jvm.options', 'log4j2.properties'])
    await writeFile(join(own, 'conf', file), await readFile(join(home, 'config', file)));
  const all = {
    ...NODE_SETTINGS,
    'path.data': join(own, 'data'),
    'path.logs': join(own, 'logs'),
    'http.host': '127.0.0.1',
    'http.port': port,
    'transport.host': '127.0.0.1',
    'transport.port': transport,
    ...settings,
  };
  const yaml = Object.entries(all).map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`);
  await writeFile(join(own, 'conf', 'elasticsearch.yml'), yaml.join(''));
}

/** `GET /` answers 405 with core modules only: the health of the cluster is asked instead. */
async function answers(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/_cluster/health?wait_for_status=yellow&timeout=1s`, {
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  return response.ok;
}

async function javaHome(): Promise<string> {
  const given = process.env['ES_JAVA_HOME'] ?? process.env['JAVA_HOME'];
  if (given !== undefined && given !== '') return given;
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const java = await realpath(join(directory, 'java')).catch(() => undefined);
    if (java !== undefined) return dirname(dirname(java));
  }
  throw new Error('java is not on PATH');
}
