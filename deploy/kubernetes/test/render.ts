/** What kustomize makes of the manifests, and whether Kubernetes knows each field of it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as apps from 'kubernetes-models/apps/v1';
import * as autoscaling from 'kubernetes-models/autoscaling/v2';
import * as networking from 'kubernetes-models/networking.k8s.io/v1';
import * as policy from 'kubernetes-models/policy/v1';
import * as core from 'kubernetes-models/v1';
import { parseAllDocuments } from 'yaml';

const root = fileURLToPath(new URL('../../..', import.meta.url));

export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  // oxlint-disable-next-line typescript/no-explicit-any -- each kind has a shape of its own, which the schemas hold
  readonly [more: string]: any;
}

export function render(kustomize: string, folder: 'base' | 'example'): Resource[] {
  const text = execFileSync(join(kustomize, 'bin/kustomize'), ['build', join(root, 'deploy/kubernetes', folder)], { encoding: 'utf8' });
  return parseAllDocuments(text).map((document) => document.toJS() as Resource);
}

const APIS: Readonly<Record<string, object>> = {
  v1: core,
  'apps/v1': apps,
  'autoscaling/v2': autoscaling,
  'networking.k8s.io/v1': networking,
  'policy/v1': policy,
};

/** What is wrong by the schema of the API, `kind/name: message`: missing fields, wrong types and formats. */
export function invalid(resources: readonly Resource[]): string[] {
  return resources.flatMap((resource) => {
    const models = APIS[resource.apiVersion] as Readonly<Record<string, new (data: Resource) => { validate: () => void }>> | undefined;
    try {
      const Model = models?.[resource.kind];
      if (Model === undefined) throw new Error(`no such kind in ${resource.apiVersion}`);
      new Model(resource).validate();
      return [];
    } catch (error) {
      return [`${resource.kind}/${resource.metadata.name}: ${String(error)}`];
    }
  });
}

/** Fields that Kubernetes does not know (its schemas let them pass): what TypeScript says of the resources as literals of their types. */
export function unknownFields(resources: readonly Resource[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'vong-kubernetes-'));
  try {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const kinds = new Map(resources.map(({ apiVersion, kind }) => [kind, apiVersion]));
    const imports = [...kinds].map(([kind, version]) => `import type { I${kind} } from 'kubernetes-models/${version}/${kind}';\n`);
    const literals = resources.map((resource, i) => `export const r${i}: I${resource.kind} = ${JSON.stringify(resource, undefined, 1)};\n`);
    writeFileSync(join(folder, 'resources.ts'), [...imports, ...literals].join(''));
    writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2024', '--types', ''];
    const { stdout } = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...options, 'resources.ts'], {
      cwd: folder,
      encoding: 'utf8',
    });
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
