/**
 * Makes one archive with everything for a site without internet: `node deploy/airgap/build.ts --out vong-gac.tar.gz`. In it: Node.js,
 * the application with its packages, console and rules, systemd units, documents, the bill of materials, checksums and `install.sh`.
 * For machines of the kind it is built on (Linux with glibc, x64 or arm64). The same checkout with the same SOURCE_DATE_EPOCH gives
 * the same bytes. `FILE.sha256` is written beside it: bring that another way, it is what the archive is checked against.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  createWriteStream,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createGzip } from 'node:zlib';
import { releaseNow, stageApplication, type Release } from '../images/stage.ts';
import { walk } from '../images/walk.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const machine = `${process.platform}-${process.arch}`;

/** Writes `out` and `out.sha256`. Returns the name of the one folder in the archive and the archive's SHA-256. */
export async function buildArchive(out: string): Promise<{ folder: string; sha256: string }> {
  const release = releaseNow();
  const folder = `vong-gac-${release.version}-${machine}`;
  const home = mkdtempSync(join(tmpdir(), 'vong-airgap-'));
  try {
    fill(join(home, folder), release);
    mkdirSync(dirname(out), { recursive: true });
    const sha256 = await pack({ home, folder, out, created: release.created });
    writeFileSync(`${out}.sha256`, `${sha256}  ${basename(out)}\n`);
    return { folder, sha256 };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function fill(target: string, release: Release): void {
  stageApplication(join(target, 'app'), release);
  placeNode(join(target, 'node'));
  cpSync(join(import.meta.dirname, 'files'), target, { recursive: true });
  mkdirSync(join(target, 'units'));
  const units = join(root, 'deploy/systemd');
  for (const name of readdirSync(units))
    if (/\.(service|env|json)$/.test(name)) copyFileSync(join(units, name), join(target, 'units', name));
  cpSync(join(root, 'docs'), join(target, 'docs'), { recursive: true });
  copyFileSync(join(target, 'app/sbom.cdx.json'), join(target, 'sbom.cdx.json'));
  writeFileSync(join(target, 'VERSION'), `${release.version}\n`);
  writeFileSync(join(target, 'MACHINE'), `${machine}\n`);
  writeSums(target);
}

/** The runtime this build runs under, with its licence where it lies beside it. */
function placeNode(target: string): void {
  mkdirSync(join(target, 'bin'), { recursive: true });
  const node = realpathSync(process.execPath);
  try {
    linkSync(node, join(target, 'bin/node'));
  } catch {
    copyFileSync(node, join(target, 'bin/node'));
    chmodSync(join(target, 'bin/node'), 0o755);
  }
  const license = join(dirname(node), '../LICENSE');
  if (existsSync(license)) copyFileSync(license, join(target, 'LICENSE'));
}

/** `SHA256SUMS` as sha256sum reads it, of every file; `LINKS`, every symbolic link with where it leads. */
export function writeSums(target: string): void {
  const entries = [...walk(target)];
  const paths = (kind: 'isFile' | 'isSymbolicLink'): string[] =>
    entries.filter(({ entry }) => entry[kind]()).map(({ path }) => relative(target, path));
  const links = paths('isSymbolicLink').map((path) => `./${path} -> ${readlinkSync(join(target, path))}`);
  writeFileSync(join(target, 'LINKS'), `${links.toSorted(byBytes).join('\n')}\n`);
  const sums = [...paths('isFile'), 'LINKS'].toSorted(byBytes).map((path) => {
    if (/[\\\n\r]/.test(path)) throw new Error(`${JSON.stringify(path)} cannot stand in a list of checksums`);
    return `${createHash('sha256')
      .update(readFileSync(join(target, path)))
      .digest('hex')}  ${path}\n`;
  });
  writeFileSync(join(target, 'SHA256SUMS'), sums.join(''));
}

/** As `sort` does with LC_ALL=C. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

async function pack(archive: { home: string; folder: string; out: string; created: string }): Promise<string> {
  const fixed = ['--sort=name', `--mtime=${archive.created}`, '--owner=0', '--group=0', '--numeric-owner', '--mode=u=rwX,go=rX'];
  const tar = spawn('tar', ['--format=gnu', ...fixed, '--hard-dereference', '-cf', '-', '-C', archive.home, archive.folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => tar.once('close', resolve));
  const hash = createHash('sha256');
  const gzip = createGzip({ level: 6 });
  gzip.on('data', (chunk: Buffer) => hash.update(chunk));
  await pipeline(tar.stdout, gzip, createWriteStream(archive.out));
  const code = await ended;
  if (code !== 0) throw new Error(`tar ended with ${code}`);
  return hash.digest('hex');
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { out: { type: 'string', default: `vong-gac-${machine}.tar.gz` } } });
  const { sha256 } = await buildArchive(values.out);
  console.log(`${values.out}\nSHA-256 ${sha256}`);
}
