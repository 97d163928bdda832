/** Which installed packages a server needs: what the lock file does not mark as of development alone, as far as it is installed here. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface LockedPackage {
  readonly version?: string;
  readonly dev?: boolean;
  readonly link?: boolean;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface ProductionPackage {
  /** Folder inside the checkout: `node_modules/fastify`, or `platform` for our own. */
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  readonly license: string | undefined;
  /** As in the lock file, `sha512-` and base64; undefined for our own. */
  readonly integrity: string | undefined;
  /** Folders of the packages it depends on, of those that are installed. */
  readonly dependsOn: readonly string[];
}

/** Packages from the registry and our own, sorted by folder. Optional ones of other kinds of machine are not installed and not named. */
export function productionPackages(root: string): ProductionPackage[] {
  const packages = lockedPackages(root);
  const wanted = Object.entries(packages).filter(([folder, { dev, link }]) => folder !== '' && dev !== true && link !== true);
  const present = new Map(wanted.filter(([folder]) => existsSync(join(root, folder, 'package.json'))));
  return [...present]
    .map(([folder, { integrity }]) => ({
      folder,
      ...manifestOf(join(root, folder)),
      integrity,
      dependsOn: needsOf(packages, folder).filter((needed) => present.has(needed)),
    }))
    .toSorted((a, b) => (a.folder < b.folder ? -1 : 1));
}

/** Our own packages: the link in `node_modules` and the folder it leads to. */
export function workspaceLinks(root: string): { readonly link: string; readonly folder: string }[] {
  return Object.entries(lockedPackages(root)).flatMap(([link, { link: isLink, resolved }]) =>
    isLink === true && resolved !== undefined ? [{ link, folder: resolved }] : [],
  );
}

/** Folders of what the product's own manifest names for production. */
export function directNeeds(root: string): string[] {
  return needsOf(lockedPackages(root), '');
}

function needsOf(packages: Readonly<Record<string, LockedPackage>>, folder: string): string[] {
  const { dependencies, optionalDependencies } = packages[folder] ?? {};
  return Object.keys({ ...dependencies, ...optionalDependencies })
    .flatMap((name) => lookedUp(packages, folder, name) ?? [])
    .toSorted();
}

/** As Node.js looks a package up: in `node_modules` of the folder, then of the folders above it. */
function lookedUp(packages: Readonly<Record<string, LockedPackage>>, from: string, name: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
    const found = packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`];
    if (found !== undefined) return found.link === true ? found.resolved : `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    if (folder === '') return undefined;
  }
}

function manifestOf(folder: string): { name: string; version: string; license: string | undefined } {
  const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- npm installs nothing without name and version
  const { name, version, license, licenses } = manifest as { name: string; version: string; license?: unknown; licenses?: unknown };
  return { name, version, license: licenseOf(license) ?? licenseOf(Array.isArray(licenses) ? licenses[0] : undefined) };
}

/** An SPDX identifier or expression; older manifests wrap it in an object with `type`. */
function licenseOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string' ? value.type : undefined;
}

function lockedPackages(root: string): Record<string, LockedPackage> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- npm writes this file and checks it on `npm ci`
  return (JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, LockedPackage> }).packages;
}
