/**
 * An image made of this machine's own servers, for where none can be pulled. It is used as the official ones are: `redis-server`,
 * `postgres` and `eswrapper` are commands, POSTGRES_… mean the same, Kafka's tools lie in `/opt/kafka/bin`.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, globSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestDocker } from '../docker.ts';
import { tryInstall } from '../native.ts';

export type Local = 'redis' | 'postgres' | 'kafka' | 'elasticsearch';

/** As scripts name them. */
const SHELLS = ['/bin/sh', '/bin/bash'];
const TOOLS = 'bash sh cat chmod chown cp mkdir rm ls id od wc dd env dirname basename expr uname sleep setpriv'.split(' ');
const BIN = 'usr/local/bin';
const KAFKA_BIN = 'opt/kafka/bin';
const KAFKA_TOOLS = ['storage', 'server-start', 'topics', 'delete-records', 'configs', 'reassign-partitions'];
const ACCOUNTS = 'root:x:0:0::/root:/bin/sh\npostgres:x:70:70::/tmp:/bin/sh\n';
/** Links are followed: a file lies where it is asked for. A link to what is not there is left out, as is PostgreSQL's compiler. */
const IMPORT = `tar -ch --hard-dereference --ignore-failed-read --exclude='*llvmjit*' --exclude='*/bitcode' -C / -T "$1/list" -C "$1/rootfs" . 2>/dev/null | "$2" import --change "$3" - "$4"`;
const ENTRYPOINT = 'ENTRYPOINT ["/usr/local/bin/docker-entrypoint.sh"]';

/** Why it cannot be made of these servers; undefined when it can. */
export async function localImageMissing(servers: readonly Local[]): Promise<string | undefined> {
  for (const name of ['docker', ...servers]) {
    const found = await tryInstall(name);
    if (!found.ok) return `${name}: ${found.why}`;
  }
  return undefined;
}

export async function makeLocalImage(docker: TestDocker, tag: string, servers: readonly Local[]): Promise<void> {
  const own = mkdtempSync(join(tmpdir(), 'vong-local-image-'));
  try {
    const homes = await homesOf(servers);
    makeRootfs(join(own, 'rootfs'), homes);
    writeFileSync(join(own, 'list'), filesOf(homes).join('\n'));
    execFileSync('bash', ['-c', IMPORT, 'import', own, docker.client, ENTRYPOINT, tag], { env: docker.env, stdio: 'pipe' });
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

/** Folders on this machine, and in the image as well. */
type Homes = ReadonlyMap<Local | 'java', string>;

async function homesOf(servers: readonly Local[]): Promise<Homes> {
  const homes = new Map<Local | 'java', string>();
  for (const name of servers) {
    const found = await tryInstall(name);
    if (!found.ok) throw new Error(`${name} cannot be had: ${found.why}`);
    homes.set(name, found.home);
  }
  if (homes.has('kafka') || homes.has('elasticsearch')) homes.set('java', dirname(dirname(realpathSync(whichOf('java')))));
  return homes;
}

function makeRootfs(rootfs: string, homes: Homes): void {
  for (const folder of ['etc', BIN, KAFKA_BIN]) mkdirSync(join(rootfs, folder), { recursive: true });
  for (const folder of ['tmp', 'data', 'var/tmp', 'var/run/postgresql']) {
    mkdirSync(join(rootfs, folder), { recursive: true });
    chmodSync(join(rootfs, folder), 0o1777);
  }
  writeFileSync(join(rootfs, 'etc/passwd'), ACCOUNTS);
  writeFileSync(join(rootfs, 'etc/group'), 'root:x:0:\npostgres:x:70:\n');
  writeFileSync(join(rootfs, 'etc/homes'), [...homes].map(([name, home]) => `${name}=${home}\n`).join(''));
  const script = (name: string): string => fileURLToPath(new URL(`rootfs/${name}`, import.meta.url));
  for (const name of ['docker-entrypoint.sh', 'redis-server']) copyFileSync(script(name), join(rootfs, BIN, name));
  for (const tool of KAFKA_TOOLS) copyFileSync(script('kafka.sh'), join(rootfs, KAFKA_BIN, `kafka-${tool}.sh`));
}

/** What goes into the image from this machine, from its root on. */
function filesOf(homes: Homes): string[] {
  const tools = [...SHELLS, ...TOOLS.map(whichOf)];
  const trees = [...homes].flatMap(([name, home]) =>
    name === 'java' ? ['bin', 'conf', 'lib', 'release'].map((part) => join(home, part)) : [home],
  );
  const programs = [...homes.values()].flatMap(programsOf);
  const libraries = spawnSync('ldd', [...tools, ...programs], { encoding: 'utf8' }).stdout.matchAll(/(?:=>\s*|^\s*)(\/\S+)\s+\(0x/gm);
  // Those within a home come with it, and twice is an error.
  const inside = (path: string): boolean => [...homes.values()].some((home) => path.startsWith(`${home}/`));
  const found = [...libraries].flatMap(([, path]) => (path === undefined || inside(path) ? [] : [path]));
  return [...new Set([...tools, ...trees, ...sharedOf(homes.get('postgres')), ...found])].map((path) => path.slice(1));
}

function programsOf(home: string): string[] {
  const found = globSync(['**/bin/*', '**/*.so*'], { cwd: home });
  return found.filter((path) => !path.includes('llvmjit')).map((path) => join(home, path));
}

/** Debian keeps PostgreSQL's own data, its time zones and locales beside its programs; unpacked in the cache the first are in its home. */
function sharedOf(home: string | undefined): string[] {
  if (home === undefined) return [];
  const own = /^\/usr\/lib\/postgresql\/\d+$/.test(home) ? [home.replace('/usr/lib/', '/usr/share/')] : [];
  return [...own, '/usr/share/zoneinfo', '/usr/lib/locale/C.utf8'];
}

function whichOf(program: string): string {
  return execFileSync('bash', ['-c', 'command -v "$1"', 'which', program], { encoding: 'utf8' }).trim();
}
