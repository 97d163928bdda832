import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { assert, constantFrom, letrec, oneof, property, string, uint8Array } from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { hasCode } from '../errors/index.ts';
import { CLUSTER_SETTINGS } from './cluster-settings.ts';
import { loadConfig, type Config } from './index.ts';
import { EXAMPLE_FILE } from './reference.ts';
import { SETTINGS } from './settings.ts';

const directory = mkdtempSync(join(tmpdir(), 'vong-config-'));
afterAll(() => rmSync(directory, { recursive: true }));
const path = join(directory, 'vong.yaml');

function write(text: string | Uint8Array, mode = 0o600): string {
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

function secret(text: string, mode = 0o600): string {
  const file = join(directory, `secret-${Math.random()}`);
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

const load = (text: string, env: Record<string, string> = {}): Config => loadConfig({ VONG_CONFIG: write(text), ...env });

function problems(text: string | Uint8Array, env: Record<string, string> = {}, mode = 0o600): string[] {
  try {
    loadConfig({ VONG_CONFIG: write(text, mode), ...env });
  } catch (error) {
    expect(hasCode(error, 'CONFIG_INVALID')).toBe(true);
    return String(error).replaceAll(path, 'FILE').split('\n').slice(1, -1);
  }
  return [];
}

describe('the configuration file', () => {
  it('gives settings and groups, in lists or in text with commas', () => {
    const config = load(`
data: /srv/vong
agent: false
rules: [/a, /b]
trust_proxy: 10.0.0.5, 10.1.0.0/16
events: { retention_days: 30 }
kafka:
  brokers: [k1:9092, '[::1]:9093']
  partitions: 24
`);
    expect(config).toMatchObject({
      data: '/srv/vong',
      agent: false,
      rules: ['/a', '/b'],
      trustProxy: ['10.0.0.5', '10.1.0.0/16'],
      eventsRetentionMs: 30 * 86_400_000,
      kafka: { brokers: ['k1:9092', '[::1]:9093'], tls: undefined, sasl: undefined, prefix: 'vong.', replicas: 3, partitions: 24 },
      elasticsearch: undefined,
      postgres: undefined,
      redis: undefined,
    });
  });

  it('comes after the environment and before the defaults', () => {
    const config = load('data: /from/file\nlog_level: debug\n', { VONG_DATA: '/from/env', VONG_LOG_LEVEL: '' });
    expect(config).toMatchObject({ data: '/from/env', logLevel: 'debug', agent: true });
  });

  it('takes texts as they are written, and nothing for empty ones', () => {
    const config = load('data: 007\ninstance: 0x10\npublic_url: ~\nkafka:\nrules: []\n');
    expect(config).toMatchObject({ data: '007', instance: '0x10', publicUrl: null, kafka: undefined, rules: [] });
  });

  it('names every problem at once with its line and column', () => {
    expect(problems('listen: 8080\nkafka:\n  brokers: [k1]\n  partitions: 0\n', { VONG_DETECTORS: '0' })).toEqual([
      '- listen (FILE:1:9) is "8080" and must be an address and a port, for example 127.0.0.1:8080 or [::1]:8080.',
      '- VONG_DETECTORS is "0" and must be a whole number from 1 to 64, or auto.',
      '- kafka.brokers (FILE:3:12) is "k1" and must be host:port, separated by commas, or none.',
      '- kafka.partitions (FILE:4:15) is "0" and must be a whole number from 1 to 4096.',
    ]);
  });

  it('refuses keys it does not know, and names the one that was meant', () => {
    expect(
      problems('dta: x\nbrokers: [a:1]\nkafka: { broker: [a:1], pasword_file: /x }\nVONG_DATA: x\n__proto__: { a: 1 }\nzzzzzzzz: 1\n'),
    ).toEqual([
      '- FILE:1:1: dta is no setting; do you mean data?',
      '- FILE:2:1: brokers is no setting; do you mean kafka.brokers?',
      '- FILE:3:10: kafka.broker is no setting; do you mean kafka.brokers?',
      '- FILE:3:25: kafka.pasword_file is no setting; do you mean kafka.password_file?',
      expect.stringContaining('- FILE:4:1: VONG_DATA is no setting'),
      '- FILE:5:1: __proto__ is no setting.',
      '- FILE:6:1: zzzzzzzz is no setting.',
    ]);
  });

  it('refuses twins, wrong shapes, second documents and what is no YAML', () => {
    expect(problems('data: a\ndata: b\n')).toEqual(['- FILE:2:1: data stands twice.']);
    expect(problems('data: [a]\nkafka: text\nlisten: { host: x }\n? [a]\n: b\n')).toHaveLength(4);
    expect(problems('- a\n')).toEqual(['- FILE:1:1: a configuration file must be a map, such as "data: ./data".']);
    expect(problems('data: a\n---\ndata: b\n')[0]).toContain('a second one');
    expect(problems('data: "a\n')[0]).toMatch(/FILE:\d+:\d+: this is not YAML/);
    expect(problems('rules: ["/a,b"]')[0]).toContain('rules must be a list');
  });

  it('follows aliases, up to a bound', () => {
    expect(load('data: &d /a\nrules: [*d, *d]\n').rules).toEqual(['/a', '/a']);
    expect(problems(`data: &a /a\nrules: [${'*a,'.repeat(100)}]\n`).join('\n')).toContain('more than 64 aliases');
    expect(problems('rules: &r [*r]\n').length).toBeGreaterThan(0);
  });

  it('refuses a file that is missing, too large, no text or no file', () => {
    for (const [file, reason] of [
      [join(directory, 'nowhere'), 'there is no such file'],
      [directory, 'no regular file'],
      ['/dev/zero', 'no regular file'],
    ] as const)
      expect(() => loadConfig({ VONG_CONFIG: file })).toThrow(reason);
    expect(problems(' '.repeat(70_000))[0]).toContain('65536 are allowed');
    expect(problems(new Uint8Array([0xff, 0xfe, 0x00]))[0]).toContain('not UTF-8');
  });

  it('its example is valid', () => {
    const text = readFileSync(EXAMPLE_FILE, 'utf8');
    const secrets = join(directory, 'secrets');
    mkdirSync(secrets);
    for (const name of ['kafka', 'elasticsearch', 'postgres', 'redis']) writeFileSync(join(secrets, name), 'bi mat\n', { mode: 0o600 });
    const ca = readFileSync(new URL('test/authority.pem', import.meta.url), 'utf8');
    writeFileSync(join(directory, 'ca.pem'), ca);
    const config = load(text.replaceAll('/etc/vong/secrets', secrets).replaceAll('/etc/vong/ca.pem', join(directory, 'ca.pem')), {
      VONG_ROLES: 'gateway',
    });
    expect(config.roles).toEqual(new Set(['gateway']));
    expect(config.kafka).toMatchObject({ tls: { ca }, sasl: { mechanism: 'SCRAM-SHA-512', user: 'vong', password: 'bi mat' } });
    expect(config.elasticsearch).toMatchObject({ auth: { apiKey: 'bi mat' }, tls: { ca }, shards: 2, replicas: 1 });
    expect(config.postgres).toEqual({ url: 'postgres://vong@db:5432/vong', password: 'bi mat', ca, tls: { ca } });
    expect(config.redis).toEqual({ url: 'rediss://cache:6379/0', password: 'bi mat', ca, tls: { ca } });
  });
});

describe('a secret', () => {
  const kafka = { VONG_KAFKA: 'k:1', VONG_KAFKA_USER: 'u' };

  it('comes from a file, without the newline at its end and with everything else', () => {
    const config = loadConfig({ ...kafka, VONG_KAFKA_PASSWORD_FILE: secret(' a b \r\n') });
    expect(config.kafka?.sasl?.password).toBe(' a b ');
    expect(loadConfig({ VONG_DATA_FILE: secret('/srv/x\n', 0o644) }).data).toBe('/srv/x');
  });

  it('is refused where everyone may read it, and nothing else is', () => {
    expect(() => loadConfig({ ...kafka, VONG_KAFKA_PASSWORD_FILE: secret('x', 0o644) })).toThrow(
      /everyone on this machine may read: run chmod o-r/,
    );
    expect(problems('redis: { url: "redis://h", password: x }', {}, 0o644)[0]).toContain('run chmod o-r');
    expect(problems('redis: { url: "redis://:pw@h" }', {}, 0o644)[0]).toContain('is a secret in a file');
    expect(problems('redis: { url: "redis://h" }', {}, 0o644)).toEqual([]);
  });

  it('is refused when its file is missing, empty, or given beside the value', () => {
    for (const [file, reason] of [
      [secret(''), 'which is empty'],
      [join(directory, 'nowhere'), 'there is no such file'],
    ] as const)
      expect(() => loadConfig({ ...kafka, VONG_KAFKA_PASSWORD_FILE: file })).toThrow(reason);
    expect(() => loadConfig({ ...kafka, VONG_KAFKA_PASSWORD: 'x', VONG_KAFKA_PASSWORD_FILE: secret('y') })).toThrow(
      'are both given: keep one',
    );
  });

  it('is in no message, wherever it was given', () => {
    const word = 'HEMLIG';
    const bad = `${word}\u0007`;
    const texts = [
      `kafka: { brokers: [k:1], user: u, password: "${word}\\u0007" }`,
      `postgres: { url: "postgres://u:${word}@h:x/y" }`,
      `postgres: { url: "postgres://u:${word}@h/y", password: ${word} }`,
      `redis: { url: "http://u:${word}@h" }`,
      `elasticsearch: { urls: ["https://u:${word}@h"] }`,
      `redis: { url: "redis://h", password: [${word}] }`,
      `redis: { url: "redis://h", password: *${word} }`,
      `redis: { url: "redis://h", password: @${word} }`,
      `redis: { url: "redis://h", password: "${word} }`,
      `redis: { url: "redis://h", password: !!${word} x\n  ${word}: ${word} }`,
    ];
    for (const text of texts) {
      const found = problems(text).join('\n');
      expect(found).not.toBe('');
      expect(found.replaceAll(/redis\.HEMLIG is no setting.*/g, '')).not.toContain(word);
    }
    const env = { VONG_ELASTICSEARCH: 'https://h', VONG_ELASTICSEARCH_API_KEY: bad, VONG_REDIS: `redis://:${word}@h:zz` };
    expect(() => loadConfig(env)).toThrow(expect.not.stringContaining(word) as string);
  });

  it('is in no log when a group is printed by accident', () => {
    const config = loadConfig({
      ...kafka,
      VONG_KAFKA_PASSWORD: 'HEMLIG',
      VONG_ELASTICSEARCH: 'https://h',
      VONG_ELASTICSEARCH_API_KEY: 'HEMLIG',
      VONG_POSTGRES: 'postgres://u:HEMLIG@h/d',
      VONG_REDIS: 'redis://h',
      VONG_REDIS_PASSWORD: 'HEMLIG',
    });
    expect(config.postgres?.password).toBe('HEMLIG');
    expect(JSON.stringify(config) + inspect(config, { depth: 9 })).not.toContain('HEMLIG');
  });
});

describe('any file', () => {
  const names = [...Object.values(SETTINGS), ...Object.values(CLUSTER_SETTINGS)].flatMap(({ key }) => [key, `${key}_file`]);
  const check = (text: string | Uint8Array): void => {
    const found = problems(text);
    for (const problem of found) expect(problem).toMatch(/^- .+[.?]$/);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  };

  it('of any bytes gives valid values or a clear refusal', () => {
    assert(property(oneof(uint8Array({ maxLength: 300 }), string({ unit: 'binary' })), check), {
      numRuns: 100,
      interruptAfterTimeLimit: 4000,
    });
  });

  it('of any YAML over the known names gives valid values or a clear refusal', () => {
    const { tree } = letrec<{ tree: unknown; leaf: unknown }>((tie) => ({
      leaf: oneof(string(), constantFrom<unknown>(null, true, 0, -1, 1e300, 'none', 'k:1', '__proto__', 'redis://h', '- x', '*a', '&a')),
      tree: oneof({ maxDepth: 4 }, tie('leaf'), constantFrom<unknown>([], {}, ['a']), tie('leaf')),
    }));
    assert(
      property(constantFrom(...names), tree, string(), (name, value, other) => {
        const [group, key] = name.split('.');
        check(stringify({ [group!]: key === undefined ? value : { [key]: value, [other]: value } }));
      }),
      { numRuns: 150, interruptAfterTimeLimit: 4000 },
    );
  });
});
