/** Settings of a cluster: what this process does, and the servers it uses. `cluster.ts` makes the groups of `Config` of them. */
import { hostname } from 'node:os';
import { Type } from 'typebox';
import { isHostPort, readAuthorities, readHttpUrl, readPostgresUrl, readRedisUrl } from './servers.ts';
import { readList, readSwitch, readTimes, setting } from './setting.ts';

/** The work a process may do. */
export const ROLES = ['gateway', 'detector', 'alerter', 'indexer', 'console', 'jobs'] as const;
export type Role = (typeof ROLES)[number];

export const KAFKA_MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;

/** Printable, without control characters: it goes into protocols of others. */
const Word = Type.Refine(Type.String({ minLength: 1, maxLength: 256 }), (text) => !/\p{Cc}/u.test(text));
const Secret = Type.Refine(Type.String({ minLength: 1, maxLength: 4096 }), (text) => !/\p{Cc}/u.test(text));
const Url = Type.Object({
  url: Type.String({ maxLength: 2048 }),
  password: Type.Union([Secret, Type.Undefined()]),
  sslmode: Type.Union([Type.String(), Type.Undefined()]),
});
const Optional = <Kind extends Parameters<typeof Type.Union>[0][number]>(kind: Kind) => Type.Union([kind, Type.Null()]);
const orNone =
  <Value>(read: (text: string) => Value | undefined) =>
  (text: string): Value | null | undefined =>
    text === '' ? null : read(text);
const asIs = (text: string): string => text;

function count(minimum: number, maximum: number) {
  return { form: `a whole number from ${minimum} to ${maximum}`, read: readTimes(1), kind: Type.Integer({ minimum, maximum }) };
}
const user = { fallback: '', form: 'a name of at most 256 characters', read: orNone(asIs), kind: Optional(Word) };
const secret = {
  fallback: '',
  form: 'at most 4096 characters without control characters',
  read: orNone(asIs),
  kind: Optional(Secret),
  secret: 'always',
} as const;
const authorities = {
  fallback: '',
  form: 'certificates in PEM, or a file that holds them and that this user may read',
  read: orNone(readAuthorities),
  kind: Optional(Type.String()),
};
const CA_ABOUT = 'Certificates of the authorities that signed the certificate of the server. Without it, those that Node.js knows.';

export const CLUSTER_SETTINGS = {
  roles: setting({
    variable: 'VONG_ROLES',
    key: 'roles',
    fallback: 'all',
    about: `What this process does. Roles other than all need all four servers: Kafka, Elasticsearch, PostgreSQL and Redis.`,
    form: `all, or some of ${ROLES.join(', ')}, separated by commas`,
    read: (text) => (text.toLowerCase() === 'all' ? [...ROLES] : readList(text.toLowerCase())),
    kind: Type.Array(Type.Enum([...ROLES]), { minItems: 1, maxItems: 32 }),
    list: true,
  }),
  instance: setting({
    variable: 'VONG_INSTANCE',
    key: 'instance',
    fallback: 'auto',
    about: 'Name of this process among those of the cluster, in logs, groups and leases. auto: the name of the machine and the process id.',
    form: 'at most 100 letters, digits, points, hyphens and underscores, or auto',
    read: (text) =>
      text.toLowerCase() === 'auto'
        ? `${
            hostname()
              .replaceAll(/[^\w.-]/g, '-')
              .slice(0, 64) || 'vong'
          }-${process.pid}`
        : text,
    kind: Type.Refine(Type.String(), (text) => /^[A-Za-z0-9][\w.-]{0,99}$/.test(text)),
  }),
  kafkaBrokers: setting({
    variable: 'VONG_KAFKA',
    key: 'kafka.brokers',
    fallback: 'none',
    about: 'Brokers of Apache Kafka to begin with, separated by commas: the durable log is there instead of in the data directory.',
    form: 'host:port, separated by commas, or none',
    read: readList,
    kind: Type.Array(Type.Refine(Type.String(), isHostPort), { maxItems: 64 }),
    list: true,
  }),
  kafkaTls: setting({
    variable: 'VONG_KAFKA_TLS',
    key: 'kafka.tls',
    fallback: 'auto',
    about: 'Whether the brokers are spoken to over TLS. auto: when VONG_KAFKA_CA is given.',
    form: 'on, off or auto',
    read: (text) => (text.toLowerCase() === 'auto' ? null : readSwitch(text)),
    kind: Optional(Type.Boolean()),
  }),
  kafkaCa: setting({ ...authorities, variable: 'VONG_KAFKA_CA', key: 'kafka.ca', about: CA_ABOUT }),
  kafkaUser: setting({ ...user, variable: 'VONG_KAFKA_USER', key: 'kafka.user', about: 'User of SASL.' }),
  kafkaPassword: setting({ ...secret, variable: 'VONG_KAFKA_PASSWORD', key: 'kafka.password', about: 'Password of SASL.' }),
  kafkaMechanism: setting({
    variable: 'VONG_KAFKA_MECHANISM',
    key: 'kafka.mechanism',
    fallback: 'SCRAM-SHA-512',
    about: 'How SASL proves the password. PLAIN sends it as it is: only over TLS.',
    form: `one of ${KAFKA_MECHANISMS.join(', ')}`,
    read: (text) => text.toUpperCase(),
    kind: Type.Enum([...KAFKA_MECHANISMS]),
  }),
  kafkaPrefix: setting({
    variable: 'VONG_KAFKA_PREFIX',
    key: 'kafka.prefix',
    fallback: 'vong.',
    about: 'What the names of topics and groups begin with, so that two systems can share a cluster.',
    form: 'at most 40 small letters, digits, points, hyphens and underscores',
    read: asIs,
    kind: Type.Refine(Type.String(), (text) => /^[a-z0-9][a-z0-9._-]{0,39}$/.test(text)),
  }),
  kafkaReplicas: setting({
    variable: 'VONG_KAFKA_REPLICAS',
    key: 'kafka.replicas',
    fallback: '3',
    about: 'Brokers that hold each record when a topic is made. With 3, one broker may be lost; 1 is for trials.',
    ...count(1, 16),
  }),
  kafkaPartitions: setting({
    variable: 'VONG_PARTITIONS',
    key: 'kafka.partitions',
    fallback: '12',
    about: 'Partitions of the topics events and signals when they are made: as many processes can share the work.',
    ...count(1, 4096),
  }),
  elasticsearchUrls: setting({
    variable: 'VONG_ELASTICSEARCH',
    key: 'elasticsearch.urls',
    fallback: 'none',
    about: 'Addresses of Elasticsearch, separated by commas: the searchable events are there instead of in the data directory.',
    form: 'addresses such as https://search1:9200 without user and password, separated by commas, or none',
    read: (text) => {
      const urls = readList(text).map(readHttpUrl);
      return urls.includes(undefined) ? undefined : urls;
    },
    kind: Type.Array(Type.String({ maxLength: 2048 }), { maxItems: 64 }),
    list: true,
    secret: 'in-url',
  }),
  elasticsearchUser: setting({ ...user, variable: 'VONG_ELASTICSEARCH_USER', key: 'elasticsearch.user', about: 'User of Elasticsearch.' }),
  elasticsearchPassword: setting({
    ...secret,
    variable: 'VONG_ELASTICSEARCH_PASSWORD',
    key: 'elasticsearch.password',
    about: 'Password of that user.',
  }),
  elasticsearchApiKey: setting({
    ...secret,
    variable: 'VONG_ELASTICSEARCH_API_KEY',
    key: 'elasticsearch.api_key',
    about: 'API key, in the encoded form Elasticsearch shows, instead of user and password.',
  }),
  elasticsearchCa: setting({ ...authorities, variable: 'VONG_ELASTICSEARCH_CA', key: 'elasticsearch.ca', about: CA_ABOUT }),
  elasticsearchPrefix: setting({
    variable: 'VONG_ELASTICSEARCH_PREFIX',
    key: 'elasticsearch.prefix',
    fallback: 'vong',
    about: 'What the names of indices and templates begin with.',
    form: 'at most 40 small letters, digits, hyphens and underscores',
    read: asIs,
    kind: Type.Refine(Type.String(), (text) => /^[a-z0-9][a-z0-9_-]{0,39}$/.test(text)),
  }),
  elasticsearchReplicas: setting({
    variable: 'VONG_ELASTICSEARCH_REPLICAS',
    key: 'elasticsearch.replicas',
    fallback: '1',
    about: 'Copies of each shard besides the first; 0 with a single data node.',
    ...count(0, 8),
  }),
  elasticsearchShards: setting({
    variable: 'VONG_ELASTICSEARCH_SHARDS',
    key: 'elasticsearch.shards',
    fallback: '1',
    about: 'Shards of each index: data nodes that share its writing.',
    ...count(1, 64),
  }),
  postgresUrl: setting({
    variable: 'VONG_POSTGRES',
    key: 'postgres.url',
    fallback: '',
    about:
      'Database of PostgreSQL for the state (alerts, people, rules, audit), instead of a file in the data directory. `sslmode` is verify-full (TLS, checked), require (the same here) or disable; on when VONG_POSTGRES_CA is given.',
    form: 'an address such as postgres://vong@db:5432/vong, with a user, a database and sslmode as its only parameter',
    read: orNone(readPostgresUrl),
    kind: Optional(Url),
    secret: 'in-url',
  }),
  postgresPassword: setting({ ...secret, variable: 'VONG_POSTGRES_PASSWORD', key: 'postgres.password', about: 'Password of the user.' }),
  postgresCa: setting({ ...authorities, variable: 'VONG_POSTGRES_CA', key: 'postgres.ca', about: CA_ABOUT }),
  redisUrl: setting({
    variable: 'VONG_REDIS',
    key: 'redis.url',
    fallback: '',
    about: 'Redis for durable jobs and live push between processes. rediss:// is TLS.',
    form: 'an address such as redis://cache:6379/0 or rediss://user@cache:6380/0',
    read: orNone(readRedisUrl),
    kind: Optional(Url),
    secret: 'in-url',
  }),
  redisPassword: setting({ ...secret, variable: 'VONG_REDIS_PASSWORD', key: 'redis.password', about: 'Password of Redis.' }),
  redisCa: setting({ ...authorities, variable: 'VONG_REDIS_CA', key: 'redis.ca', about: CA_ABOUT }),
} as const;
