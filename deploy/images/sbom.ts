/**
 * The bill of materials of what is shipped, CycloneDX 1.5, made of the lock file and the installed manifests. (`npm sbom --omit=dev`
 * leaves out every package that something of development needs as well: a third of ours.)
 */
import { createHash } from 'node:crypto';
import type { ProductionPackage } from './packages.ts';

export interface Component {
  readonly 'bom-ref': string;
  readonly type: 'application' | 'library' | 'platform';
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses?: readonly ({ license: { id: string } } | { expression: string })[];
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
}

export interface Sbom {
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: '1.5';
  readonly serialNumber: string;
  readonly version: 1;
  readonly metadata: { readonly timestamp: string; readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

export interface BillOf {
  readonly version: string;
  /** Of Node.js. */
  readonly node: string;
  /** ISO 8601. */
  readonly created: string;
  /** Folders of the packages the product itself needs. */
  readonly direct: readonly string[];
  readonly packages: readonly ProductionPackage[];
}

/** The same content gives the same bytes: the serial number is made of the content. */
export function makeSbom({ version, node, created, direct, packages }: BillOf): Sbom {
  const product: Component = {
    'bom-ref': 'vong-gac',
    type: 'application',
    name: 'vong-gac',
    version,
    purl: `pkg:npm/vong-gac@${version}`,
    licenses: [{ license: { id: 'Apache-2.0' } }],
  };
  const runtime: Component = {
    'bom-ref': 'node',
    type: 'platform',
    name: 'node',
    version: node,
    purl: `pkg:generic/node@${node}`,
    licenses: [{ license: { id: 'MIT' } }],
  };
  const body = {
    metadata: { timestamp: created, component: product },
    components: [runtime, ...packages.map(componentOf)],
    dependencies: [
      { ref: 'vong-gac', dependsOn: ['node', ...direct] },
      ...packages.map(({ folder, dependsOn }) => ({ ref: folder, dependsOn: [...new Set(dependsOn)] })),
    ],
  };
  return { bomFormat: 'CycloneDX', specVersion: '1.5', serialNumber: `urn:uuid:${uuidOf(JSON.stringify(body))}`, version: 1, ...body };
}

function componentOf({ folder, name, version, license, integrity }: ProductionPackage): Component {
  return {
    'bom-ref': folder,
    type: 'library',
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    ...(license === undefined ? {} : { licenses: [/[ (]/.test(license) ? { expression: license } : { license: { id: license } }] }),
    ...(integrity?.startsWith('sha512-') === true
      ? { hashes: [{ alg: 'SHA-512', content: Buffer.from(integrity.slice(7), 'base64').toString('hex') }] }
      : {}),
  };
}

/** A UUID (version 8: made our own way) of the text's SHA-256. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
