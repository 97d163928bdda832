/**
 * Puts together what a server needs to run, and nothing else: `node deploy/images/stage.ts --out DIR`. The container image and the
 * archive for sites without internet are both made of this folder. Wants an installed checkout with a built console.
 */
import {
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { directNeeds, productionPackages, workspaceLinks } from './packages.ts';
import { makeSbom } from './sbom.ts';
import { walk } from './walk.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Files and folders of the checkout; of folders everything but what `leftOut` names. */
export const SHIPPED = [
  'package.json',
  'package-lock.json',
  'main.ts',
  'roles',
  'cli',
  'platform',
  'collector',
  'engine',
  'range',
  'rules',
  'console/package.json',
  'console/web/dist',
  'deploy/compose/secrets.ts',
  'deploy/images/health.ts',
  'deploy/testbed',
  'docs/reference',
  'README.md',
] as const;

/** Sources of the checkout that run nowhere but in tests. */
const TESTS = /\.test\.tsx?$|(^|\/)(test|node_modules|\.vite|\.cache)(\/|$)/;
/** Of packages: declarations, source maps, native code of other systems and of other C libraries. */
const UNUSED = /\.d\.[cm]?ts$|\.map$|\.musl\.node$|(^|\/)prebuilds\/(?!linux-)/;

export interface Release {
  readonly version: string;
  /** Of Node.js, for example 24.21.0. */
  readonly node: string;
  /** ISO 8601. */
  readonly created: string;
}

/** `SOURCE_DATE_EPOCH` when given, so that a build can be repeated byte for byte. */
export function releaseNow(): Release {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own manifest
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const epoch = Number(process.env['SOURCE_DATE_EPOCH'] ?? Date.now() / 1000);
  return { version, node: process.versions.node, created: new Date(Math.floor(epoch) * 1000).toISOString() };
}

/** Fills `out`, which is emptied first. Throws when the console is not built. */
export function stageApplication(out: string, release: Release): void {
  if (!existsSync(join(root, 'console/web/dist/.stamp'))) throw new Error('the console is not built: run npm run build first');
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  for (const path of SHIPPED) copy(path, out, (inside) => !TESTS.test(inside));
  const packages = productionPackages(root);
  for (const { folder } of packages) if (folder.startsWith('node_modules/')) copyPackage(folder, out);
  for (const { link, folder } of workspaceLinks(root)) {
    if (!existsSync(join(out, folder))) continue;
    mkdirSync(dirname(join(out, link)), { recursive: true });
    symlinkSync(relative(dirname(join(root, link)), join(root, folder)), join(out, link));
  }
  writeFileSync(join(out, 'release.json'), `${JSON.stringify(release)}\n`);
  const shipped = packages.filter(({ folder }) => existsSync(join(out, folder)));
  const sbom = makeSbom({ ...release, direct: directNeeds(root), packages: shipped });
  writeFileSync(join(out, 'sbom.cdx.json'), `${JSON.stringify(sbom, undefined, 1)}\n`);
}

/** Packages as hard links where the file system allows: nobody changes those. Sources may be edited while this runs. */
function copy(path: string, out: string, wanted: (inside: string) => boolean): void {
  const linked = (inside: string): boolean => {
    try {
      linkSync(join(root, inside), join(out, inside));
      return true;
    } catch {
      return false;
    }
  };
  const place = (inside: string): void => {
    mkdirSync(dirname(join(out, inside)), { recursive: true });
    if (inside.startsWith('node_modules/') && linked(inside)) return;
    copyFileSync(join(root, inside), join(out, inside));
  };
  if (statSync(join(root, path)).isFile()) return place(path);
  for (const found of walk(join(root, path))) {
    const inside = relative(root, found.path);
    if (found.entry.isFile() && wanted(inside)) place(inside);
  }
}

/** Packages inside a package are named by the lock file on their own. */
function copyPackage(folder: string, out: string): void {
  copy(folder, out, (inside) => !inside.slice(folder.length).includes('/node_modules') && !UNUSED.test(inside));
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { out: { type: 'string' } } });
  if (values.out === undefined) throw new Error('--out DIR is missing');
  stageApplication(values.out, releaseNow());
  const bytes = [...walk(values.out)].reduce((sum, { path }) => sum + lstatSync(path).size, 0);
  console.log(`staged in ${values.out}: ${Math.round(bytes / 1e6)} MB`);
}
