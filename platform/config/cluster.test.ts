import { describe, expect, it } from 'vitest';
import { fileURLToPath } from 'node:url';
import { loadConfig } from './index.ts';

const CA = fileURLToPath(new URL('test/authority.pem', import.meta.url));
const ALL = { VONG_KAFKA: 'k:1', VONG_ELASTICSEARCH: 'http://e:9200', VONG_POSTGRES: 'postgres://u@p/d', VONG_REDIS: 'redis://r' };

function problems(env: Record<string, string>): string[] {
  try {
    loadConfig(env);
  } catch (error) {
    return String(error).split('\n').slice(1, -1);
  }
  return [];
}

describe('the servers of a cluster', () => {
  it('are chosen one by one; without any, everything is embedded and this process does everything', () => {
    const config = loadConfig({});
    expect([config.kafka, config.elasticsearch, config.postgres, config.redis]).toEqual([undefined, undefined, undefined, undefined]);
    expect(config.roles).toEqual(new Set(['gateway', 'detector', 'alerter', 'indexer', 'console', 'jobs']));
    expect(config.instance).toMatch(/^[\w.-]+-\d+$/);
    expect(loadConfig({ VONG_REDIS: 'redis://r' })).toMatchObject({ kafka: undefined, redis: { url: 'redis://r', tls: undefined } });
  });

  it('are all needed by a process with some roles', () => {
    expect(problems({ VONG_ROLES: 'gateway', VONG_KAFKA: 'k:1' })).toEqual([
      '- VONG_ROLES asks for some roles only, which needs all four servers: give VONG_ELASTICSEARCH, VONG_POSTGRES, VONG_REDIS too, or the role all.',
    ]);
    expect(loadConfig({ ...ALL, VONG_ROLES: 'alerter, Indexer,alerter' }).roles).toEqual(new Set(['alerter', 'indexer']));
    expect(problems({ VONG_ROLES: 'gateway,detector,alerter,indexer,console,jobs' })).toEqual([]);
    expect(problems({ ...ALL, VONG_ROLES: 'web' })[0]).toContain('must be all, or some of gateway, detector');
  });

  it('say what does not go together', () => {
    const cases: [Record<string, string>, string][] = [
      [{ ...ALL, VONG_KAFKA_USER: 'u' }, 'VONG_KAFKA_USER is a user without a password'],
      [{ ...ALL, VONG_KAFKA_PASSWORD: 'p' }, 'VONG_KAFKA_PASSWORD is a password without a user'],
      [{ ...ALL, VONG_KAFKA_MECHANISM: 'plain' }, 'VONG_KAFKA_MECHANISM is given without'],
      [{ ...ALL, VONG_KAFKA_TLS: 'off', VONG_KAFKA_CA: CA }, 'VONG_KAFKA_CA is of no use while VONG_KAFKA_TLS is off'],
      [{ VONG_KAFKA_USER: 'u' }, 'VONG_KAFKA_USER is given without VONG_KAFKA.'],
      [{ VONG_PARTITIONS: '3' }, 'VONG_PARTITIONS is given without VONG_KAFKA.'],
      [{ ...ALL, VONG_ELASTICSEARCH: 'http://a,https://b' }, 'mixes http and https'],
      [{ ...ALL, VONG_ELASTICSEARCH_CA: CA }, 'VONG_ELASTICSEARCH_CA is of no use'],
      [{ ...ALL, VONG_ELASTICSEARCH_USER: 'u' }, 'give VONG_ELASTICSEARCH_PASSWORD or VONG_ELASTICSEARCH_PASSWORD_FILE'],
      [
        { ...ALL, VONG_ELASTICSEARCH_API_KEY: 'k', VONG_ELASTICSEARCH_USER: 'u', VONG_ELASTICSEARCH_PASSWORD: 'p' },
        'keep one way to sign in',
      ],
      [{ VONG_POSTGRES: 'postgres://u:a@p/d', VONG_POSTGRES_PASSWORD: 'b' }, 'holds a password too'],
      [{ VONG_POSTGRES: 'postgres://p/d', VONG_POSTGRES_PASSWORD: 'b' }, 'VONG_POSTGRES must be an address'],
      [{ VONG_POSTGRES: 'postgres://u@p/d?sslmode=disable', VONG_POSTGRES_CA: CA }, 'has sslmode=disable'],
      [{ VONG_POSTGRES: 'postgres://u@p/d?sslmode=prefer' }, 'VONG_POSTGRES must be an address'],
      [{ VONG_POSTGRES: 'postgres://u@p/d?sslkey=/etc/x' }, 'VONG_POSTGRES must be an address'],
      [{ VONG_POSTGRES: 'postgres://u@p' }, 'VONG_POSTGRES must be an address'],
      [{ VONG_REDIS: 'redis://r', VONG_REDIS_CA: CA }, 'is not rediss://'],
      [{ VONG_REDIS: 'rediss://r', VONG_REDIS_CA: '/nowhere' }, 'VONG_REDIS_CA is "/nowhere" and must be certificates in PEM'],
      [{ VONG_REDIS_PASSWORD: 'x' }, 'VONG_REDIS_PASSWORD is given without VONG_REDIS.'],
      [{ VONG_KAFKA: 'k1' }, 'must be host:port'],
      [{ VONG_KAFKA: 'k1:99999' }, 'must be host:port'],
    ];
    for (const [env, sentence] of cases) {
      const found = problems(env);
      expect({ env, found }).toEqual({ env, found: [expect.stringContaining(sentence)] });
    }
  });

  it('of a server whose address is wrong nothing more is said', () => {
    expect(problems({ VONG_ROLES: 'jobs', ...ALL, VONG_KAFKA: 'k', VONG_KAFKA_USER: 'u' })).toHaveLength(1);
  });

  it('speak TLS when an authority, an address or a mode says so', () => {
    expect(loadConfig({ VONG_KAFKA: 'k:1', VONG_KAFKA_TLS: 'on' }).kafka?.tls).toEqual({ ca: undefined });
    expect(loadConfig({ VONG_KAFKA: 'k:1', VONG_KAFKA_CA: CA }).kafka?.tls?.ca).toContain('BEGIN CERTIFICATE');
    expect(loadConfig({ VONG_ELASTICSEARCH: 'https://e/, https://f/' }).elasticsearch).toMatchObject({
      urls: ['https://e', 'https://f'],
      tls: { ca: undefined },
    });
    expect(loadConfig({ VONG_POSTGRES: 'postgres://u@p/d?sslmode=verify-full' }).postgres).toMatchObject({
      url: 'postgres://u@p/d?sslmode=verify-full',
      tls: { ca: undefined },
    });
    expect(loadConfig({ VONG_POSTGRES: 'postgres://u:p%40ss@p/d', VONG_POSTGRES_CA: CA }).postgres).toMatchObject({
      url: 'postgres://u@p/d',
      password: 'p@ss',
    });
    expect(loadConfig({ VONG_POSTGRES: 'postgres://u@p/d' }).postgres?.tls).toBeUndefined();
    expect(loadConfig({ VONG_REDIS: 'rediss://r:6380/3' }).redis).toEqual({
      url: 'rediss://r:6380/3',
      tls: { ca: undefined },
    });
  });
});
