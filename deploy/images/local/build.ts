/**
 * Builds the image from this machine's own files, pulling nothing: `node deploy/images/local/build.ts --tag vong-gac:local`.
 * Docker is found as its own client finds it (DOCKER_HOST).
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { releaseNow, stageApplication } from '../stage.ts';
import { buildRootfs } from './rootfs.ts';

export interface LocalImage {
  readonly tag: string;
  /** The Docker client. Default `docker`, looked for in PATH. */
  readonly docker?: string;
  /** For the client. Default: this process' own. */
  readonly env?: NodeJS.ProcessEnv;
}

export function buildLocalImage({ tag, docker = 'docker', env = process.env }: LocalImage): void {
  const context = mkdtempSync(join(tmpdir(), 'vong-image-'));
  try {
    const release = releaseNow();
    stageApplication(join(context, 'app'), release);
    buildRootfs(join(context, 'rootfs'), join(context, 'app'));
    mkdirSync(join(context, 'data'));
    copyFileSync(join(import.meta.dirname, 'Dockerfile'), join(context, 'Dockerfile'));
    const labels = ['--build-arg', `VERSION=${release.version}`, '--build-arg', `CREATED=${release.created}`];
    execFileSync(docker, ['build', '--quiet', '--tag', tag, ...labels, context], {
      env: { ...env, DOCKER_BUILDKIT: '0' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { tag: { type: 'string', default: 'vong-gac:local' } } });
  buildLocalImage({ tag: values.tag });
  console.log(`built ${values.tag}`);
}
