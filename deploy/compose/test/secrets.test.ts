/** What the compose file prepares at its first run: secrets made once, and settings that real servers take. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { topicsOf } from '@vong/engine/pipeline';
import { systemClock as clock } from '@vong/platform/clock';
import { connectLog } from '@vong/platform/log';
import { freePort, installed, spawnServer, type NativeServer } from '../../testbed/native.ts';
import { makeSecrets } from '../secrets.ts';

const home = mkdtempSync(join(tmpdir(), 'vong-secrets-'));
const [redis, kafka] = [await installed('redis'), await installed('kafka')];
const servers: NativeServer[] = [];
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(home, 'run-'));
});
afterAll(async () => {
  for (const server of servers) await server.stop();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
});

const own = process.getuid?.() === 0;
const make = (): string[] => makeSecrets({ directory, own });
const read = (path: string): string => readFileSync(join(directory, path), 'utf8');
const passwords = (): string[] => ['kafka', 'elasticsearch', 'postgres', 'redis'].map((server) => read(`vong/${server}-password`));

describe('secrets of the compose file', () => {
  it('are made at the first run, all different, and stay as they are at the next', () => {
    expect(make().length).toBeGreaterThan(8);
    const first = passwords();
    expect(new Set(first).size).toBe(4);
    expect(first.filter((password) => !/^[\w-]{43}$/.test(password))).toEqual([]);
    expect(make()).toEqual([]);
    expect(passwords()).toEqual(first);
  });

  it('can be read by their service alone', () => {
    make();
    const owners = { vong: 65_532, postgres: 999, redis: 999, elasticsearch: 1000, kafka: 1000 };
    for (const [service, owner] of Object.entries(owners))
      for (const file of readdirSync(join(directory, service))) {
        const { mode, uid } = statSync(join(directory, service, file));
        expect(mode & 0o777).toBe(0o400);
        if (own) expect(uid).toBe(owner);
      }
  });

  it('are the same on both sides, also when the copy of a server got lost', () => {
    make();
    const [ofKafka, ofElasticsearch, ofPostgres, ofRedis] = passwords();
    const hold = (): void => {
      expect(read('postgres/password')).toBe(ofPostgres);
      expect(read('elasticsearch/password')).toBe(ofElasticsearch);
      expect(read('redis/redis.conf')).toContain(`requirepass ${ofRedis}\n`);
      expect(read('kafka/scram')).toContain(`password=${ofKafka}]`);
    };
    hold();
    for (const service of ['postgres', 'redis', 'kafka']) rmSync(join(directory, service), { recursive: true });
    expect(make()).not.toEqual([]);
    hold();
  });
});

describe.skipIf(!redis.ok)(`Redis with these settings${redis.ok ? '' : ` (${redis.why})`}`, () => {
  it('asks for the password, keeps what it was told, and throws nothing away', async () => {
    make();
    const port = await freePort();
    const data = join(directory, 'data');
    mkdirSync(data);
    const server = await spawnServer({
      name: 'Redis',
      command: join(redis.ok ? redis.home : '', 'bin/redis-server'),
      args: [join(directory, 'redis/redis.conf'), '--port', String(port), '--bind', '127.0.0.1', '--dir', data],
      log: join(directory, 'redis.log'),
      ready: async () => (await said(port, 'PING')).startsWith('-NOAUTH'),
      timeoutMs: 30_000,
    });
    servers.push(server);
    const [, , , password = ''] = passwords();
    const settings = await said(port, `AUTH ${password}`, 'CONFIG GET maxmemory-policy', 'CONFIG GET appendonly');
    expect(settings).toMatch(/\+OK[\s\S]*noeviction[\s\S]*yes/);
    expect(await said(port, 'AUTH wrong')).toContain('WRONGPASS');
  });
});

/** Redis' answers to these commands. */
async function said(port: number, ...commands: readonly string[]): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.end([...commands, 'QUIT', ''].join('\r\n'));
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

describe.skipIf(!kafka.ok)(`Kafka with these settings${kafka.ok ? '' : ` (${kafka.why})`}`, () => {
  it('starts, starts again, and lets in who knows the password and nobody else', async () => {
    make();
    const [port, controller] = [await freePort(), await freePort()];
    placeKafka({ port, controller });
    const server = await spawnServer({
      name: 'Kafka',
      command: 'sh',
      args: [join(import.meta.dirname, '../kafka.sh')],
      env: {
        VONG_ETC: join(import.meta.dirname, '..'),
        VONG_GIVEN: join(directory, 'kafka'),
        KAFKA_BIN: join(directory, 'bin'),
      },
      log: join(directory, 'kafka.log'),
      ready: async () => await opens(port),
      timeoutMs: 120_000,
    });
    servers.push(server);
    const [password = ''] = passwords();
    expect(await partitions(port, password)).toBe(2);
    await expect(partitions(port, 'wrong')).rejects.toThrow('Kafka refuses this server');
    await server.restart();
    expect(await partitions(port, password)).toBe(2);
    expect(readFileSync(join(directory, 'kafka.log'), 'utf8')).not.toMatch(/ (ERROR|FATAL) /);
  });
});

/** The programs of Kafka's distribution, of its libraries; ports and folders of this test in the settings that were made. */
function placeKafka({ port, controller }: { port: number; controller: number }): void {
  const bin = join(directory, 'bin');
  mkdirSync(bin);
  const programs = { 'kafka-storage.sh': 'kafka.tools.StorageTool', 'kafka-server-start.sh': 'kafka.Kafka' };
  const java = `java -Xmx384m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 $KAFKA_LOG4J_OPTS -cp '${join(kafka.ok ? kafka.home : '', 'lib')}/*'`;
  for (const [name, main] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\nexec ${java} ${main} "$@"\n`);
    chmodSync(join(bin, name), 0o755);
  }
  // One made id in 64 begins like an option.
  const id = join(directory, 'kafka/cluster-id');
  chmodSync(id, 0o600);
  writeFileSync(id, `-${readFileSync(id, 'utf8').slice(1)}`);
  const file = join(directory, 'kafka/server.properties');
  const settings = readFileSync(file, 'utf8')
    .replaceAll('9093', String(controller))
    .replace('CLIENTS://:9092', `CLIENTS://127.0.0.1:${port}`)
    .replace('kafka:9092', `127.0.0.1:${port}`)
    .replace('/var/lib/kafka/data', join(directory, 'kafka-data'));
  chmodSync(file, 0o600);
  writeFileSync(file, settings);
}

/** Partitions of the topic events, which our log makes where it is missing. */
async function partitions(port: number, password: string): Promise<number> {
  const log = await connectLog(
    {
      kind: 'kafka',
      brokers: [`127.0.0.1:${port}`],
      prefix: 'vong.',
      replicas: 1,
      minInSync: 1,
      topics: topicsOf({ maxAgeMs: null, maxBytes: null, partitions: 2, alerts: true }),
      clientId: 'test',
      sasl: { mechanism: 'SCRAM-SHA-512', username: 'vong', password },
    },
    { clock },
  );
  try {
    return (await log.partitions('events')).length;
  } finally {
    await log.close();
  }
}

async function opens(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port });
  return await new Promise((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  }).then((open) => {
    socket.destroy();
    return open === true;
  });
}
