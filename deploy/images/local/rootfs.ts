/** A root file system with Node.js and what it needs, copied from this machine: like a distroless image, where none can be pulled. */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, globSync, mkdirSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Where systems keep the bundle of certificate authorities. */
const CA_BUNDLES = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/cert.pem'];
const ZONES = '/usr/share/zoneinfo/Asia/Ho_Chi_Minh';

/** Fills `out` for the user 65532; `app` is looked through for native modules, whose libraries come along. */
export function buildRootfs(out: string, app: string): void {
  const node = realpathSync(process.execPath);
  place(node, join(out, 'nodejs/bin/node'));
  chmodSync(join(out, 'nodejs/bin/node'), 0o755);
  const native = globSync(['node_modules/**/*.node', 'node_modules/**/*.so*'], { cwd: app }).map((path) => join(app, path));
  for (const library of librariesOf([node, ...native])) place(realpathSync(library), join(out, library));
  // Names of hosts are looked up by modules that the C library loads at run time.
  const c = librariesOf([node]).find((library) => basename(library) === 'libc.so.6');
  for (const name of ['libnss_dns.so.2', 'libnss_files.so.2', 'libresolv.so.2']) {
    const library = c === undefined ? '' : join(dirname(c), name);
    if (existsSync(library)) place(realpathSync(library), join(out, library));
  }
  const bundle = CA_BUNDLES.find((path) => existsSync(path));
  if (bundle !== undefined) place(realpathSync(bundle), join(out, 'etc/ssl/certs/ca-certificates.crt'));
  if (existsSync(ZONES)) place(realpathSync(ZONES), join(out, ZONES));
  writeAccounts(out);
}

function writeAccounts(out: string): void {
  mkdirSync(join(out, 'etc'), { recursive: true });
  writeFileSync(
    join(out, 'etc/passwd'),
    'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n',
  );
  writeFileSync(join(out, 'etc/group'), 'root:x:0:\nnonroot:x:65532:\n');
  writeFileSync(join(out, 'etc/nsswitch.conf'), 'hosts: files dns\n');
  mkdirSync(join(out, 'tmp'), { recursive: true });
  chmodSync(join(out, 'tmp'), 0o1777);
}

/** Paths of the shared libraries these files name, and those they name in turn. What a package brings itself is not among them. */
function librariesOf(files: readonly string[]): string[] {
  const found = new Set<string>();
  for (const file of files) {
    const printed = execFileSync('ldd', [file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    for (const [, path] of printed.matchAll(/(?:=>\s*|^\s*)(\/\S+)\s+\(0x/gm)) if (path !== undefined) found.add(path);
  }
  return [...found].filter((path) => !files.some((file) => dirname(file) === dirname(path) && file !== path));
}

function place(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
  chmodSync(to, statSync(from).mode & 0o777);
}
