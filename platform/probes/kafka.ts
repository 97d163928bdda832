import {
  apiVersionsV4,
  Connection,
  describeConfigsV4,
  ConfigResourceTypes,
  metadataV12,
  protocolErrorsCodesById,
  ResponseError,
} from '@platformatic/kafka';
import { isIP } from 'node:net';
import type { KafkaConfig } from '../config/index.ts';
import { within } from './reason.ts';

export interface TopicFacts {
  readonly partitions: readonly { readonly leader: number; readonly replicas: number; readonly inSync: number }[];
  /** Kafka's own names: `min.insync.replicas`, `retention.ms`. */
  readonly configs: ReadonlyMap<string, string>;
}

export interface KafkaFacts {
  readonly brokers: readonly { readonly id: number; readonly address: string }[];
  /** Level of `metadata.version`: which Kafka the cluster agreed to be; undefined before KRaft. */
  readonly metadataVersion: number | undefined;
  /** The topics asked for that are there. */
  readonly topics: ReadonlyMap<string, TopicFacts>;
  /** Topics and their settings that this user may not see, with Kafka's name of the refusal. */
  readonly refused: ReadonlyMap<string, string>;
}

interface At {
  /** `host:port` */
  readonly broker: string;
  readonly limitMs: number;
}

/** Resolves when the broker takes a connection with these credentials and answers. */
export async function brokerAnswers(config: KafkaConfig, at: At): Promise<void> {
  await connected(config, at, async (connection) => void (await apiVersionsV4.api.async(connection, 'vong', '1')));
}

/** Asks one broker about the cluster and these topics. */
export async function probeKafka(config: KafkaConfig, options: At & { readonly topics: readonly string[] }): Promise<KafkaFacts> {
  return await connected(config, options, async (connection) => {
    const versions = await apiVersionsV4.api.async(connection, 'vong', '1');
    const answer = await metadataV12.api
      .async(connection, [...options.topics], false, false)
      .catch(responseOf<metadataV12.MetadataResponse>);
    const there = answer.topics.filter(
      ({ name, errorCode, partitions }) => typeof name === 'string' && (errorCode === 0 || partitions.length > 0),
    );
    const { configs, refused } = await configsOf(
      connection,
      there.map(({ name }) => String(name)),
    );
    for (const { name, errorCode } of answer.topics) if (DENIED.has(errorCode)) refused.set(String(name), nameOf(errorCode));
    return {
      refused,
      brokers: answer.brokers.map(({ nodeId, host, port }) => ({ id: nodeId, address: `${host}:${port}` })),
      metadataVersion: versions.finalizedFeatures?.find(({ name }) => name === 'metadata.version')?.maxVersionLevel,
      topics: new Map(
        there.map(({ name, partitions }) => {
          const facts = partitions.map(({ leaderId, replicaNodes, isrNodes }) => ({
            leader: leaderId,
            replicas: replicaNodes.length,
            inSync: isrNodes.length,
          }));
          return [String(name), { partitions: facts, configs: configs.get(String(name)) ?? new Map<string, string>() }];
        }),
      ),
    };
  });
}

async function configsOf(connection: Connection, names: readonly string[]) {
  const refused = new Map<string, string>();
  if (names.length === 0) return { configs: new Map<string, ReadonlyMap<string, string>>(), refused };
  const resources = names.map((resourceName) => ({ resourceType: ConfigResourceTypes.TOPIC, resourceName }));
  const { results } = await describeConfigsV4.api
    .async(connection, resources, false, false)
    .catch(responseOf<describeConfigsV4.DescribeConfigsResponse>);
  for (const { resourceName, errorCode } of results) if (errorCode !== 0) refused.set(resourceName, nameOf(errorCode));
  const settings = results.map(({ resourceName, configs }) => {
    const named = configs.map(({ name, value }) => [name, value ?? ''] as const);
    return [resourceName, new Map(named)] as const;
  });
  return { configs: new Map<string, ReadonlyMap<string, string>>(settings), refused };
}

/** TOPIC_AUTHORIZATION_FAILED, CLUSTER_AUTHORIZATION_FAILED */
const DENIED: ReadonlySet<number> = new Set([29, 31]);

function nameOf(code: number): string {
  return protocolErrorsCodesById[code] ?? `error ${code}`;
}

/** One missing topic is an error to the client; the answer about the others stands in it. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller knows which request it sent
function responseOf<Response>(error: unknown): Response {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the client attaches what it parsed
  if (error instanceof ResponseError && 'response' in error) return error.response as Response;
  throw error;
}

async function connected<Value>(
  config: KafkaConfig,
  { broker, limitMs }: At,
  work: (connection: Connection) => Promise<Value>,
): Promise<Value> {
  const split = broker.lastIndexOf(':');
  const host = broker.slice(0, split).replaceAll(/[[\]]/g, '');
  const { tls, sasl } = config;
  const connection = new Connection('vong-doctor', {
    connectTimeout: limitMs,
    requestTimeout: limitMs,
    ...(tls === undefined ? {} : { tls: tls.ca === undefined ? {} : { ca: tls.ca }, ...(isIP(host) === 0 ? { tlsServerName: true } : {}) }),
    ...(sasl === undefined ? {} : { sasl: { mechanism: sasl.mechanism, username: sasl.user, password: sasl.password } }),
  });
  connection.on('error', () => undefined);
  try {
    return await within(
      limitMs,
      (async () => {
        await connection.connect(host, Number(broker.slice(split + 1)));
        return await work(connection);
      })(),
    );
  } finally {
    void Promise.resolve(connection.close()).catch(() => undefined);
  }
}
