/** The groups of a cluster in `Config`: what was given for each server, checked together. */
import { inspect } from 'node:util';
import type { Static } from 'typebox';
import { ROLES, type CLUSTER_SETTINGS, type KAFKA_MECHANISMS, type Role } from './cluster-settings.ts';
import type { ServerUrl } from './servers.ts';

/** Over TLS; `ca`: certificates in PEM to trust instead of those that Node.js knows. */
export interface TlsConfig {
  readonly ca: string | undefined;
}

export interface KafkaConfig {
  /** `host:port` */
  readonly brokers: readonly string[];
  readonly tls: TlsConfig | undefined;
  readonly sasl: { readonly mechanism: (typeof KAFKA_MECHANISMS)[number]; readonly user: string; readonly password: string } | undefined;
  readonly prefix: string;
  readonly replicas: number;
  readonly partitions: number;
}

export interface ElasticsearchConfig {
  /** All http or all https, without user, password and `/` at the end. */
  readonly urls: readonly string[];
  readonly auth: { readonly user: string; readonly password: string } | { readonly apiKey: string } | undefined;
  readonly tls: TlsConfig | undefined;
  readonly prefix: string;
  readonly replicas: number;
  readonly shards: number;
}

export interface PostgresConfig {
  /** With user, host, port, database and `sslmode` where given; without password. */
  readonly url: string;
  readonly password?: string;
  /** Certificates in PEM of the authorities to trust; the same as in `tls`. */
  readonly ca?: string;
  readonly tls: TlsConfig | undefined;
}

export interface RedisConfig {
  /** `redis://` or `rediss://`, with user and database where given; without password. */
  readonly url: string;
  readonly password?: string;
  /** Certificates in PEM of the authorities to trust; the same as in `tls`. */
  readonly ca?: string;
  readonly tls: TlsConfig | undefined;
}

export interface ClusterConfig {
  readonly roles: ReadonlySet<Role>;
  readonly instance: string;
  /** Undefined: this part is embedded. */
  readonly kafka: KafkaConfig | undefined;
  readonly elasticsearch: ElasticsearchConfig | undefined;
  readonly postgres: PostgresConfig | undefined;
  readonly redis: RedisConfig | undefined;
}

type Names = keyof typeof CLUSTER_SETTINGS;
export type ClusterValues = { readonly [Name in Names]: Static<(typeof CLUSTER_SETTINGS)[Name]['kind']> };

/** What is of no use without the server's address. */
const OF_GROUP = {
  kafka: ['kafkaTls', 'kafkaCa', 'kafkaUser', 'kafkaPassword', 'kafkaMechanism', 'kafkaPrefix', 'kafkaReplicas', 'kafkaPartitions'],
  elasticsearch: [
    'elasticsearchUser',
    'elasticsearchPassword',
    'elasticsearchApiKey',
    'elasticsearchCa',
    'elasticsearchPrefix',
    'elasticsearchReplicas',
    'elasticsearchShards',
  ],
  postgres: ['postgresPassword', 'postgresCa'],
  redis: ['redisPassword', 'redisCa'],
} as const satisfies Record<string, readonly Names[]>;

const GROUPS = ['kafka', 'elasticsearch', 'postgres', 'redis'] as const;

/** `given` says where a setting was given, undefined when it was not. */
interface Checking {
  readonly values: ClusterValues;
  readonly given: (name: Names) => string | undefined;
  readonly problems: string[];
}

type Group = keyof typeof OF_GROUP;

/** The groups; what does not go together is added to `problems`. Of a server with an `invalid` setting nothing more is said. */
export function clusterOf(options: Checking & { readonly invalid: ReadonlySet<string> }): ClusterConfig {
  const { values, problems, given } = options;
  const unsure = (group: Group): boolean => [...options.invalid].some((name) => name.startsWith(group));
  const checking = (group: Group): Checking => ({ values, given, problems: unsure(group) ? [] : problems });
  const roles = new Set<Role>(values.roles);
  const config: ClusterConfig = {
    roles,
    instance: values.instance,
    kafka: kafkaOf(checking('kafka')),
    elasticsearch: elasticsearchOf(checking('elasticsearch')),
    postgres: databaseOf(checking('postgres'), 'postgres'),
    redis: databaseOf(checking('redis'), 'redis'),
  };
  const missing = GROUPS.filter((group) => config[group] === undefined && !unsure(group)).map((group) => `VONG_${group.toUpperCase()}`);
  if (roles.size < ROLES.length && missing.length > 0)
    problems.push(
      `${given('roles') ?? 'VONG_ROLES'} asks for some roles only, which needs all four servers: give ${missing.join(', ')} too, or the role all.`,
    );
  return config;
}

function kafkaOf({ values, given, problems }: Checking): KafkaConfig | undefined {
  const { kafkaBrokers: brokers, kafkaTls, kafkaCa, kafkaUser: user, kafkaPassword: password } = values;
  if (brokers.length === 0) {
    refuseWithout('VONG_KAFKA', { given, problems, group: 'kafka' });
    return undefined;
  }
  if (kafkaTls === false && kafkaCa !== null) problems.push(`${given('kafkaCa')} is of no use while ${given('kafkaTls')} is off.`);
  if (user === null && password === null && given('kafkaMechanism') !== undefined)
    problems.push(`${given('kafkaMechanism')} is given without VONG_KAFKA_USER and VONG_KAFKA_PASSWORD.`);
  const login = together({ user, password, given, problems }, 'kafka');
  const tls = kafkaTls ?? kafkaCa !== null;
  return {
    brokers,
    tls: tls ? { ca: kafkaCa ?? undefined } : undefined,
    sasl: login && guarded({ mechanism: values.kafkaMechanism, ...login }),
    prefix: values.kafkaPrefix,
    replicas: values.kafkaReplicas,
    partitions: values.kafkaPartitions,
  };
}

function elasticsearchOf({ values, given, problems }: Checking): ElasticsearchConfig | undefined {
  const { elasticsearchUrls: urls, elasticsearchUser: user, elasticsearchPassword: password, elasticsearchApiKey: apiKey } = values;
  if (urls.length === 0) {
    refuseWithout('VONG_ELASTICSEARCH', { given, problems, group: 'elasticsearch' });
    return undefined;
  }
  const https = urls.filter((url) => url.startsWith('https:')).length;
  if (https > 0 && https < urls.length) problems.push(`${given('elasticsearchUrls')} mixes http and https: use one for all.`);
  if (https === 0 && values.elasticsearchCa !== null)
    problems.push(`${given('elasticsearchCa')} is of no use: ${given('elasticsearchUrls')} is not https.`);
  if (apiKey !== null && (user !== null || password !== null))
    problems.push(
      `${given('elasticsearchApiKey')} and ${given('elasticsearchUser') ?? given('elasticsearchPassword')} are both given: keep one way to sign in.`,
    );
  const login = together({ user, password, given, problems }, 'elasticsearch');
  return {
    urls,
    auth: apiKey === null ? login && guarded(login) : guarded({ apiKey }),
    tls: https > 0 ? { ca: values.elasticsearchCa ?? undefined } : undefined,
    prefix: values.elasticsearchPrefix,
    replicas: values.elasticsearchReplicas,
    shards: values.elasticsearchShards,
  };
}

function databaseOf({ values, given, problems }: Checking, group: 'postgres' | 'redis'): PostgresConfig | undefined {
  const server: ServerUrl | null = values[`${group}Url`];
  const [password, ca] = [values[`${group}Password`], values[`${group}Ca`]];
  if (server === null) {
    refuseWithout(group === 'postgres' ? 'VONG_POSTGRES' : 'VONG_REDIS', { given, problems, group });
    return undefined;
  }
  const where = given(`${group}Url`);
  if (password !== null && server.password !== undefined)
    problems.push(`${given(`${group}Password`)} is given, and ${where} holds a password too: keep one.`);
  const plain = group === 'redis' ? !server.url.startsWith('rediss:') : server.sslmode === 'disable';
  if (plain && ca !== null)
    problems.push(`${given(`${group}Ca`)} is of no use: ${where} ${group === 'redis' ? 'is not rediss://' : 'has sslmode=disable'}.`);
  const tls = !plain && (group === 'redis' || ca !== null || server.sslmode !== undefined);
  const secret = password ?? server.password;
  return guarded({
    url: server.url,
    ...(secret === undefined ? {} : { password: secret }),
    ...(ca === null ? {} : { ca }),
    tls: tls ? { ca: ca ?? undefined } : undefined,
  });
}

/** A user and a password are both given, or neither. */
function together(
  { user, password, given, problems }: Omit<Checking, 'values'> & { user: string | null; password: string | null },
  group: 'kafka' | 'elasticsearch',
): { user: string; password: string } | undefined {
  const variable = `VONG_${group.toUpperCase()}`;
  if (user !== null && password !== null) return { user, password };
  if (user !== null)
    problems.push(`${given(`${group}User`)} is a user without a password: give ${variable}_PASSWORD or ${variable}_PASSWORD_FILE.`);
  if (password !== null) problems.push(`${given(`${group}Password`)} is a password without a user: give ${variable}_USER.`);
  return undefined;
}

/** Settings of a server that is not given: most likely its address was forgotten. */
function refuseWithout(variable: string, { given, problems, group }: Omit<Checking, 'values'> & { group: Group }): void {
  for (const name of OF_GROUP[group]) {
    const where = given(name);
    if (where !== undefined) problems.push(`${where} is given without ${variable}.`);
  }
}

const HIDDEN: ReadonlySet<string> = new Set(['password', 'apiKey']);

/** The same values; printed or logged by accident, its secrets are left out. */
function guarded<Group extends object>(group: Group): Group {
  const shown = (): object =>
    Object.fromEntries(
      Object.entries(group).map(([name, value]) => [name, HIDDEN.has(name) && value !== undefined ? '(secret)' : (value as unknown)]),
    );
  for (const name of ['toJSON', inspect.custom]) Object.defineProperty(group, name, { value: shown, enumerable: false });
  return group;
}
