/** The image in a real container, where Docker can run: nothing is pulled, the root file system is this machine's own Node.js. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDocker, type TestDocker } from '../../testbed/docker.ts';
import { installed } from '../../testbed/native.ts';
import { buildLocalImage } from '../local/build.ts';
import { SHIPPED } from '../stage.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const here = await installed('docker');
const TAG = 'vong-gac:test';
/** Read-only root, no capability, a user without rights, one volume: as the compose file and the manifests run it. */
const HARDENED = ['--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges', '--tmpfs=/tmp', '--pids-limit=512'];

describe('the two Dockerfiles', () => {
  const text = (path: string): string => readFileSync(`${root}${path}`, 'utf8');
  const settings = (path: string): string => text(path).slice(text(path).indexOf('\nARG VERSION='));

  it('make the same image of their files', () => {
    expect(settings('deploy/images/local/Dockerfile')).toBe(settings('deploy/images/Dockerfile'));
    expect(settings('deploy/images/Dockerfile')).toMatch(/\nUSER 65532:65532\n[\s\S]*\nHEALTHCHECK /);
  });

  it('copies only what is there and what .dockerignore lets through', () => {
    const ignore = text('.dockerignore').split('\n');
    const sources = [...text('deploy/images/Dockerfile').matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, files = '']) =>
      files.split(' '),
    );
    expect(sources.length).toBeGreaterThan(8);
    for (const source of sources.filter((each) => each !== '.')) {
      expect(existsSync(`${root}${source}`) ? source : `${source} is missing`).toBe(source);
      expect(ignore).toContain(`!${source.split('/')[0]}`);
    }
    // What is shipped, and what the console is built with.
    const needed = [...SHIPPED, 'tsconfig.json'].map((path) => `!${path.split('/')[0]}`);
    expect(needed.filter((line) => !ignore.includes(line))).toEqual([]);
    expect(ignore.indexOf('*')).toBeLessThan(ignore.indexOf('!main.ts'));
    expect(ignore.indexOf('**/node_modules')).toBeGreaterThan(ignore.indexOf('!platform'));
  });
});

describe.skipIf(!here.ok)(`the image in a container${here.ok ? '' : ` (${here.why})`}`, () => {
  let docker: TestDocker;
  const call = async (...args: readonly string[]): Promise<string> => await docker.docker(...args);

  beforeAll(async () => {
    docker = await startDocker();
    buildLocalImage({ tag: TAG, docker: docker.client, env: docker.env });
  }, 300_000);
  afterAll(async () => await docker?.stop());

  it('belongs to nobody with rights, says what it is and holds its bill of materials', async () => {
    const [image] = JSON.parse(await call('image', 'inspect', TAG)) as {
      Config: { User: string; Labels: Record<string, string>; Healthcheck: { Test: string[] } };
    }[];
    expect(image?.Config.User).toBe('65532:65532');
    expect(image?.Config.Labels).toMatchObject({
      'org.opencontainers.image.title': 'Vọng Gác',
      'org.opencontainers.image.version': '0.1.0',
    });
    expect(image?.Config.Healthcheck.Test.at(-1)).toBe('/healthz');
    const program = `process.stdout.write(JSON.parse(require('node:fs').readFileSync('/app/sbom.cdx.json')).bomFormat)`;
    expect(await call('run', '--rm', ...HARDENED, '--entrypoint=/nodejs/bin/node', TAG, '-e', program)).toBe('CycloneDX');
  });

  it('answers on a published port with a read-only root and no rights, and ends within 10 s of SIGTERM', async () => {
    await call('volume', 'create', 'data');
    const args = [...HARDENED, '--publish=127.0.0.1:0:8080', '--volume=data:/var/lib/vong', '--name=vong'];
    await call('run', '--detach', ...args, '--health-interval=1s', TAG);
    const address = (await call('port', 'vong', '8080/tcp')).split('\n')[0];
    const says = async (path: string): Promise<unknown> =>
      await fetch(`http://${address}${path}`).then(
        async (answer) => await answer.text(),
        () => 'nothing',
      );
    await expect.poll(async () => await says('/readyz'), { timeout: 60_000 }).toBe('{"status":"ready","reasons":[]}');
    expect(await says('/healthz')).toBe('{"status":"live"}');
    await expect.poll(async () => await call('inspect', '--format={{.State.Health.Status}}', 'vong')).toBe('healthy');
    expect(await says('/')).toContain('<div id="root">');
    expect((await call('top', 'vong', '-o', 'pid,uid')).split('\n').slice(1).join()).toMatch(/^\d+\s+65532$/);
    const written = (await call('diff', 'vong')).split('\n').filter((line) => line !== '');
    expect(written.filter((line) => !/^[AC] \/(tmp|var|var\/lib|var\/lib\/vong)$/.test(line))).toEqual([]);
    const asked = performance.now();
    await call('stop', '--time=30', 'vong');
    expect(performance.now() - asked).toBeLessThan(10_000);
    expect(await call('inspect', '--format={{.State.ExitCode}} {{.State.OOMKilled}}', 'vong')).toBe('0 false');
    expect(await call('logs', 'vong')).toContain('Vọng Gác is running');
  });

  it('makes the secrets of the compose file with the rights that it has there, for the eyes of their services alone', async () => {
    const { prepare, detector } = composeServices();
    const made = await call('run', '--rm', ...rightsOf(prepare), TAG, ...(prepare.entrypoint ?? []).slice(1));
    expect(made).toContain('vong/kafka-password');
    expect(await call('run', '--rm', ...rightsOf(prepare), TAG, ...(prepare.entrypoint ?? []).slice(1))).toBe('secrets: all there');
    const read = `process.stdout.write(String(require('node:fs').readFileSync('/run/secrets/vong/redis-password').length))`;
    const node = ['--entrypoint=/nodejs/bin/node'];
    expect(await call('run', '--rm', ...rightsOf(detector), ...node, TAG, '-e', read)).toBe('43');
    const other = { ...detector, user: '999:999' };
    await expect(call('run', '--rm', ...rightsOf(other), ...node, TAG, '-e', read)).rejects.toThrow('EACCES');
  });

  it.each(SERVERS)('lets the user of %s write where its service has file systems in memory, and nowhere else', async (server) => {
    const service = composeServices()[server];
    const folders = service.tmpfs.map((each) => each.split(':')[0]);
    const write = `for (const folder of ${JSON.stringify([...folders, '/', '/app'])})
      try { require('node:fs').writeFileSync(folder + '/file', ''); console.log(folder) } catch {}`;
    const rights = rightsOf({ ...service, volumes: [], entrypoint: ['/nodejs/bin/node'] });
    expect((await call('run', '--rm', ...rights, TAG, '-e', write)).split('\n')).toEqual(folders);
  });
});

interface ComposeService {
  readonly user: string;
  readonly cap_drop: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt: readonly string[];
  readonly tmpfs: readonly string[];
  readonly volumes: readonly string[];
  readonly entrypoint?: readonly string[];
}

const SERVERS = ['kafka', 'elasticsearch', 'postgres', 'redis'] as const;

function composeServices(): Record<'prepare' | 'detector' | (typeof SERVERS)[number], ComposeService> {
  const text = readFileSync(`${root}docker-compose.yml`, 'utf8');
  return (parse(text, { merge: true }) as { services: ReturnType<typeof composeServices> }).services;
}

/** Arguments of `docker run` for what Compose does with the service. */
function rightsOf({ user, cap_drop, cap_add = [], security_opt, tmpfs, volumes, entrypoint = [] }: ComposeService): string[] {
  const each = (flag: string, values: readonly string[]): string[] => values.map((value) => `--${flag}=${value}`);
  const rights = [...each('cap-drop', cap_drop), ...each('cap-add', cap_add), ...each('security-opt', security_opt)];
  const places = [...each('tmpfs', tmpfs), ...each('volume', volumes)];
  return ['--read-only', '--network=none', `--user=${user}`, ...rights, ...places, ...each('entrypoint', entrypoint.slice(0, 1))];
}
