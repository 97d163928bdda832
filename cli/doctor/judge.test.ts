import { describe, expect, it } from 'vitest';
import { loadConfig, type ElasticsearchConfig, type KafkaConfig } from '@vong/platform/config';
import { templatesOf, type ElasticsearchFacts, type KafkaFacts, type PostgresFacts, type RedisFacts } from '@vong/platform/probes';
import { judgeCertificate } from './certificates.ts';
import { judgeSettings } from './checks.ts';
import { judgeClock } from './clock.ts';
import { isBeyond, judgeElasticsearch } from './elasticsearch.ts';
import { size } from './finding.ts';
import { judgeKafka } from './kafka.ts';
import { judgeDisk, judgeNode, judgeOpenFiles } from './machine.ts';
import { readableOnTheWay } from './plain.ts';
import { judgePostgres } from './postgres.ts';
import { unreachable } from './reach.ts';
import { judgeRedis } from './redis.ts';
import { wrong } from './test/doctor.ts';

const GB = 1e9;
const DAY = 86_400_000;

describe('a clock', () => {
  it('is right within a second, wrong beyond five', () => {
    const levels = [0, 1000, -1001, 5000, 5001, -90_000].map((offset) => judgeClock('c', offset).level);
    expect(levels).toEqual(['ok', 'ok', 'warning', 'warning', 'problem', 'problem']);
    expect(judgeClock('c', -90_000).found).toBe("its clock is 90 s behind this machine's");
  });
});

describe('this machine', () => {
  it('needs Node.js 24, open files and room on the disk', () => {
    expect([judgeNode('24.0.0'), judgeNode('26.1.0'), judgeNode('22.9.0')].map(({ level }) => level)).toEqual(['ok', 'ok', 'problem']);
    const files = (soft: string) => judgeOpenFiles(`Limit  Soft  Hard\nMax open files            ${soft}    524288  files\n`).level;
    expect([files('1024'), files('4096'), files('unlimited'), judgeOpenFiles(undefined).level]).toEqual(['warning', 'ok', 'ok', 'ok']);
    const disk = (free: number, more = {}) =>
      judgeDisk({ free, total: 100 * GB, noFiles: false, ...more }, { directory: '/d', minFreeBytes: GB }).level;
    expect([disk(50 * GB), disk(5 * GB), disk(4.9 * GB), disk(GB), disk(0.9 * GB)]).toEqual(['ok', 'ok', 'warning', 'warning', 'problem']);
    expect(disk(50 * GB, { noFiles: true })).toBe('problem');
    expect([size(0), size(999), size(1500), size(250 * GB), size(3e15)]).toEqual(['0 bytes', '999 bytes', '1.5 kB', '250 GB', '3.0 PB']);
  });

  it('is told which variables are none of ours, and what they may have meant', () => {
    const lines = wrong(judgeSettings(loadConfig({ VONG_LISTN: 'x', VONG_KAFKA_PASWORD: 'HEMLIG' })));
    expect(lines.join('\n')).toMatch(
      /VONG_LISTN is no setting.*VONG_LISTEN\?.*\n.*VONG_KAFKA_PASWORD is no setting.*VONG_KAFKA_PASSWORD\?/,
    );
    expect(lines.join('\n')).not.toContain('HEMLIG');
  });
});

describe('a certificate', () => {
  it('is judged by its days and by who signed it', () => {
    const server = { name: 'kafka', title: 'Kafka', address: 'k:1', setting: 'VONG_KAFKA' };
    const judge = (from: number, to: number, distrusted?: string) =>
      judgeCertificate({ subject: 'CN=k', validFrom: from * DAY, validTo: to * DAY, distrusted }, { server, now: 1000 * DAY }).level;
    expect([judge(0, 2000), judge(0, 1030), judge(0, 1000), judge(1001, 2000), judge(0, 2000, 'self-signed')]).toEqual([
      'ok',
      'warning',
      'problem',
      'problem',
      'problem',
    ]);
  });

  it('is asked for where a password would be readable on its way, unless it stays on this machine', () => {
    const at = (address: string, tls: boolean, password: boolean) =>
      readableOnTheWay({ name: 'redis', title: 'Redis', address, setting: 'VONG_REDIS' }, { tls, password }).length;
    expect([
      at('h:1', false, true),
      at('h:1', true, true),
      at('h:1', false, false),
      at('127.0.0.1:1', false, true),
      at('[::1]:1', false, true),
    ]).toEqual([1, 0, 0, 0, 0]);
  });
});

describe('a failure to reach a server', () => {
  const server = { name: 'kafka', title: 'Kafka', address: 'k:9092', setting: 'VONG_KAFKA' };
  it('has advice for what is most likely its cause, the innermost message first', () => {
    const cases: [string, RegExp][] = [
      ['connect ECONNREFUSED 10.0.0.1:9092', /Nothing listens there.*nc -vz k 9092/],
      ['getaddrinfo ENOTFOUND k', /getent hosts k/],
      ['connect EHOSTUNREACH', /firewalls/],
      ['SASL_AUTHENTICATION_FAILED', /VONG_KAFKA_PASSWORD/],
      ['self-signed certificate in certificate chain', /VONG_KAFKA_CA/],
      ['SSL routines:ssl3_get_record:wrong version number', /speaks no TLS/],
      ['no answer within 5 s', /hangs/],
      ['read ECONNRESET', /cut the connection/],
      ['something new', /Look at the log of Kafka/],
    ];
    for (const [message, advice] of cases) {
      const finding = unreachable(server, new Error('outer', { cause: new AggregateError([new Error(message)]) }));
      expect(finding).toMatchObject({ level: 'problem', found: `cannot be used: ${message}` });
      expect(finding.advice).toMatch(advice);
    }
  });
});

describe('Kafka', () => {
  const kafka: KafkaConfig = { brokers: ['k:1'], tls: undefined, sasl: undefined, prefix: 'v.', replicas: 3, partitions: 2 };
  const partition = { leader: 1, replicas: 3, inSync: 3 };
  const settings = { 'min.insync.replicas': '2', 'retention.ms': '1000', 'cleanup.policy': 'delete' };
  const judge = (partitions: object[], configs: Record<string, string> = {}, more: Partial<KafkaFacts> = {}) => {
    const topic = { partitions, configs: new Map(Object.entries({ ...settings, ...configs })) } as never;
    const brokers = [1, 2, 3].map((id) => ({ id, address: `k:${id}` }));
    const facts = { brokers, metadataVersion: 25, topics: new Map([['v.events', topic]]), refused: new Map(), ...more };
    return wrong(judgeKafka(facts, { kafka, topics: [{ name: 'v.events', partitions: 2, settings }] }));
  };

  it('is well with enough of everything', () => {
    expect(judge([partition, partition])).toEqual([]);
  });

  it('is said to hold one copy only where it does, and which Kafka it works as', () => {
    const facts = { brokers: [{ id: 1, address: 'k:1' }], metadataVersion: 27, topics: new Map(), refused: new Map() };
    const findings = judgeKafka(facts, { kafka: { ...kafka, replicas: 1 }, topics: [] });
    expect(findings.map(({ level, found }) => `${level} ${found}`)).toEqual([
      'ok 1 brokers: k:1; works as Kafka 4.1 (metadata.version 27)',
      'warning each record lies on one broker only, and is lost with it (VONG_KAFKA_REPLICAS=1)',
    ]);
  });

  it('is not with partitions too few or many, without leaders, behind, or with settings that stop or lose', () => {
    const cases: [string[], RegExp][] = [
      [judge([partition]), /^problem .*1 partitions, 2 are asked for.*--alter --topic v.events --partitions 2/],
      [judge([partition, partition, partition]), /^problem .*partitions can only grow → Set VONG_PARTITIONS=3/],
      [judge([partition, { ...partition, leader: -1 }]), /^problem .*1 partitions have no leader/],
      [judge([partition, { ...partition, inSync: 2 }]), /^warning .*fewer copies/],
      [judge([partition, partition], { 'min.insync.replicas': '3' }), /^problem .*nothing can be written.*min.insync.replicas=2/],
      [
        judge([partition, partition], { 'min.insync.replicas': '1' }),
        /^problem .*min.insync.replicas is 1 instead of 2.*min.insync.replicas=2/,
      ],
      [
        judge([partition, partition], { 'retention.ms': '-1' }),
        /^problem .*retention.ms is -1 instead of 1000 → Run: kafka-configs.*retention.ms=1000/,
      ],
      [judge([partition, partition], {}, { metadataVersion: undefined }), /^problem .*before 4.0/],
      [
        judge([], {}, { refused: new Map([['v.events', 'TOPIC_AUTHORIZATION_FAILED']]) }),
        /^problem .*may not see it.*kafka-acls.sh .*--topic 'v.'/,
      ],
    ];
    for (const [lines, expected] of cases) expect(lines).toEqual([expect.stringMatching(expected)]);
  });
});

describe('Elasticsearch', () => {
  const config: ElasticsearchConfig = { urls: ['http://e:9200'], auth: undefined, tls: undefined, prefix: 'v', replicas: 1, shards: 1 };
  const node = { name: 'n1', version: '8.19.2', clockMs: 3, disk: { free: 50 * GB, total: 100 * GB } };
  const { names: NAMES, version: VERSION } = templatesOf(config);
  const facts: ElasticsearchFacts = {
    status: 'green',
    unassignedShards: 0,
    nodes: [node, { ...node, name: 'n2' }],
    watermarks: { enabled: true, low: '85%', high: '90%', flood: '95%' },
    templates: NAMES.map((name) => ({ name, version: VERSION })),
    blocked: [],
  };
  const judge = (more: Partial<ElasticsearchFacts>) => wrong(judgeElasticsearch({ ...facts, ...more }, config));
  const disk = (free: number) => [{ ...node, disk: { free: free * GB, total: 100 * GB } }];

  it('is judged by health, versions, clocks and disks', () => {
    expect(judge({})).toEqual([]);
    expect(judge({ nodes: [{ ...node, version: '9.2.0', disk: undefined, clockMs: undefined }] })).toEqual([]);
    const cases: [Partial<ElasticsearchFacts>, RegExp][] = [
      [{ status: 'red' }, /^problem .*cannot be searched/],
      [{ status: 'yellow' }, /^warning .*only once/],
      [{ nodes: [{ ...node, version: '8.18.0' }] }, /^problem .*8.19 or newer/],
      [{ nodes: [node, { ...node, version: '9.0.0' }] }, /^warning .*nodes differ/],
      [{ nodes: [{ ...node, clockMs: 9000 }] }, /^problem .*9.0 s ahead/],
      [{ nodes: disk(14) }, /^warning .*no more shards/],
      [{ nodes: disk(9) }, /^problem .*moved away/],
      [{ nodes: disk(4) }, /^problem .*closed for writing/],
      [{ blocked: ['v-1'] }, /^problem .*v-1/],
      [{ templates: facts.templates.slice(1) }, /^problem .*missing: v-.*without their mapping/],
      [{ templates: facts.templates.map((each) => ({ ...each, version: VERSION + 1 })) }, /^warning .*newer version/],
      [{ templates: facts.templates.map((each) => ({ ...each, version: VERSION - 1 })) }, /^warning .*Restart one indexer/],
    ];
    for (const [more, expected] of cases) expect(judge(more)).toEqual([expect.stringMatching(expected)]);
  });

  it('is said to hold one copy only where it does', () => {
    expect(wrong(judgeElasticsearch(facts, { ...config, replicas: 0 }))).toEqual([expect.stringMatching(/^warning .*one node only/)]);
  });

  it('writes watermarks as shares or as room that must stay', () => {
    const half = { free: 50, total: 100 };
    expect(['40%', '60%', '0.4', '0.6', '51b', '49b', '1kb', 'nonsense'].map((mark) => isBeyond(half, mark, 85))).toEqual([
      true,
      false,
      true,
      false,
      true,
      false,
      true,
      false,
    ]);
  });
});

describe('PostgreSQL', () => {
  const facts: PostgresFacts = {
    version: 150_013,
    encoding: 'UTF8',
    collation: 'C.UTF-8',
    collationChanged: false,
    timeZone: 'UTC',
    standby: false,
    creates: true,
    reads: true,
    unsafe: [],
    connections: { used: 5, most: 100 },
    migrations: ['a', 'b'],
    clockMs: 0,
  };
  const judge = (more: Partial<PostgresFacts>) =>
    wrong(judgePostgres({ ...facts, ...more }, { user: 'Vong Gac', database: 'vong', migrations: ['a', 'b'] }));

  it('is judged by version, encoding, collation, rights, durability, connections and migrations', () => {
    expect(judge({})).toEqual([]);
    const cases: [Partial<PostgresFacts>, RegExp][] = [
      [{ version: 140_009 }, /^problem .*14.9, 15 or newer/],
      [{ encoding: 'LATIN1' }, /^problem .*owner "Vong Gac" encoding 'UTF8'/],
      [{ collationChanged: true }, /^warning .*reindex database vong/],
      [{ standby: true }, /^problem .*standby/],
      [{ creates: false }, /^problem .*grant create on schema public to "Vong Gac"/],
      [{ reads: false, migrations: undefined }, /^problem .*another user made them/],
      [{ unsafe: ['fsync'] }, /^problem .*alter system set fsync = on/],
      [{ connections: { used: 90, most: 100 } }, /^warning .*max_connections/],
      [{ migrations: ['a'] }, /^warning .*1 pending: b/],
      [{ migrations: ['a', 'b', 'c'] }, /^warning .*does not know \(c\)/],
    ];
    for (const [more, expected] of cases) expect(judge(more)).toEqual([expect.stringMatching(expected)]);
  });
});

describe('Redis', () => {
  const facts: RedisFacts = {
    version: '7.2.4',
    role: 'master',
    appendOnly: true,
    lastWriteOk: true,
    evictionPolicy: 'noeviction',
    memory: { used: 1, most: 0 },
    clockMs: 0,
  };
  const judge = (more: Partial<RedisFacts>) => wrong(judgeRedis({ ...facts, ...more }, { command: 'redis-cli -h r -p 1' }));

  it('is judged by version, role, what it keeps and what it drops', () => {
    expect(judge({})).toEqual([]);
    const cases: [Partial<RedisFacts>, RegExp][] = [
      [{ version: '6.0.16' }, /^problem .*6.2 or newer/],
      [{ role: 'slave' }, /^problem .*only reads/],
      [{ appendOnly: false }, /^warning .*redis-cli -h r -p 1 config set appendonly yes/],
      [{ lastWriteOk: false }, /^problem .*last write/],
      [{ evictionPolicy: 'volatile-lru' }, /^problem .*maxmemory-policy noeviction/],
      [{ evictionPolicy: undefined }, /^warning .*does not tell/],
      [{ memory: { used: 95, most: 100 } }, /^warning .*maxmemory 200/],
    ];
    for (const [more, expected] of cases) expect(judge(more)).toEqual([expect.stringMatching(expected)]);
  });
});
