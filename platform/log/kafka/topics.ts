/** Makes the topics that are missing and holds the others to what this deployment needs of them. */
import { ConfigResourceTypes, createTopicsV7, describeConfigsV4 } from '@platformatic/kafka';
import type { TopicConfig } from '../contract.ts';
import { logError } from '../errors.ts';
import { responseOf, type Api, type Cluster, type Topic } from './cluster.ts';
import { errorName, fromCode, unavailable } from './failures.ts';
import { PRODUCER_PARTITIONS, PRODUCERS } from './producers.ts';
import { MESSAGE_BYTES, type KafkaSource } from './source.ts';

const CREATE_MS = 10_000;
const EXISTS = 'TOPIC_ALREADY_EXISTS';
/** What brokers may compress with again and our reader still reads. */
const READABLE = new Set(['producer', 'zstd', 'gzip', 'uncompressed']);

/** A topic as this deployment needs it, under its full name. */
export interface Wanted {
  readonly name: string;
  readonly partitions: number;
  readonly settings: Readonly<Record<string, string>>;
  /** Given when it is made, and nobody's business afterwards. */
  readonly made?: Readonly<Record<string, string>>;
}

/** What is not compacted yet is read whole by each process that starts: short segments, cleaned soon. */
const PRODUCERS_MADE = { 'segment.bytes': String(32 * 1024 * 1024), 'min.cleanable.dirty.ratio': '0.2' };

interface Problem {
  readonly says: string;
  readonly command: string;
}

/** Rejects with LOG_TOPICS and the commands to run when topics are there and not as they must be; creates those that are not. */
export async function ensureTopics(cluster: Cluster, source: KafkaSource): Promise<void> {
  const wanted = wantedTopics(source);
  await cluster.persist(async () => {
    await cluster.refresh(wanted.map(({ name }) => name));
    const missing: Wanted[] = [];
    for (const each of wanted) if ((await cluster.topic(each.name)) === undefined) missing.push(each);
    if (missing.length > 0) await create(cluster, missing, source);
    for (const { name } of wanted) if ((await cluster.topic(name)) === undefined) throw unavailable(`topic ${name} is being made`);
  });
  const settings = await cluster.persist(async () => await describe(cluster, wanted));
  const problems: Problem[] = [];
  for (const each of wanted) {
    const topic = await cluster.topic(each.name);
    if (topic !== undefined)
      problems.push(...compare({ cluster, source }, each, { topic, settings: settings.get(each.name) ?? new Map<string, string>() }));
  }
  if (problems.length === 0) return;
  throw logError('LOG_TOPICS', {
    problems: problems.map(({ says }) => says).join('; '),
    commands: [...new Set(problems.map(({ command }) => command))].join(' && '),
  });
}

/** Every topic of a deployment, `producers` of our own with them. */
export function wantedTopics(source: KafkaSource): Wanted[] {
  const least = { 'min.insync.replicas': String(source.minInSync), 'max.message.bytes': String(MESSAGE_BYTES) };
  const log = source.topics.map((topic) => ({
    name: `${source.prefix}${topic.name}`,
    partitions: topic.partitions,
    settings: { ...least, ...retention(topic) },
  }));
  const producers = { ...least, 'cleanup.policy': 'compact' };
  return [...log, { name: `${source.prefix}${PRODUCERS}`, partitions: PRODUCER_PARTITIONS, settings: producers, made: PRODUCERS_MADE }];
}

/** Kafka counts bytes for each partition. `alerts` keeps the last record of each key. */
function retention({ name, partitions, retention: { maxAgeMs, maxBytes } }: TopicConfig): Record<string, string> {
  const bounded = maxAgeMs !== undefined || maxBytes !== undefined;
  return {
    'cleanup.policy': name !== 'alerts' ? 'delete' : bounded ? 'compact,delete' : 'compact',
    'retention.ms': String(maxAgeMs ?? -1),
    'retention.bytes': String(maxBytes === undefined ? -1 : Math.max(1, Math.floor(maxBytes / partitions))),
  };
}

/** Another process may be making the same ones. */
async function create(cluster: Cluster, missing: readonly Wanted[], { replicas }: KafkaSource): Promise<void> {
  const topics = missing.map(({ name, partitions, settings, made }) => ({
    name,
    numPartitions: partitions,
    replicationFactor: replicas,
    assignments: [],
    // A record's time is when the log took it, by the clock of the brokers.
    configs: Object.entries({ ...settings, ...made, 'message.timestamp.type': 'LogAppendTime' }).map(([key, value]) => ({
      name: key,
      value,
    })),
  }));
  const answer = await cluster.askAny(createTopics, topics, CREATE_MS, false);
  for (const { name, errorCode, errorMessage } of answer.topics) {
    const error = errorName(errorCode);
    if (errorCode === 0 || error === EXISTS) continue;
    if (error !== 'INVALID_REPLICATION_FACTOR' && error !== 'INVALID_CONFIG' && error !== 'POLICY_VIOLATION') throw fromCode(errorCode);
    throw logError('LOG_TOPICS', {
      problems: `${name} cannot be created: ${errorMessage ?? error}`,
      commands:
        error === 'INVALID_REPLICATION_FACTOR'
          ? fewer(cluster)
          : creation(
              cluster,
              topics.find((topic) => topic.name === name),
            ),
    });
  }
  await cluster.refresh(missing.map(({ name }) => name));
}

function fewer(cluster: Cluster): string {
  const brokers = cluster.nodes.length;
  return `./vong serve with VONG_KAFKA_REPLICAS=${brokers} (there are ${brokers} brokers), or start more brokers`;
}

function creation(cluster: Cluster, topic: createTopicsV7.CreateTopicsRequestTopic | undefined): string {
  if (topic === undefined) return '';
  const configs = topic.configs.map(({ name, value }) => ` --config ${name}=${value}`).join('');
  const counts = `--partitions ${topic.numPartitions} --replication-factor ${topic.replicationFactor}`;
  return `kafka-topics.sh --bootstrap-server ${cluster.bootstrap} --create --topic ${topic.name} ${counts}${configs}`;
}

const createTopics: Api<Parameters<typeof createTopicsV7.createRequest>, createTopicsV7.CreateTopicsResponse> = {
  async: async (connection, ...args) => {
    try {
      return await createTopicsV7.api.async(connection, ...args);
    } catch (error) {
      return responseOf<createTopicsV7.CreateTopicsResponse>(error);
    }
  },
};

async function describe(cluster: Cluster, wanted: readonly Wanted[]): Promise<Map<string, Map<string, string>>> {
  const resources = wanted.map(({ name, settings }) => ({
    resourceType: ConfigResourceTypes.TOPIC,
    resourceName: name,
    configurationKeys: [...Object.keys(settings), 'compression.type'],
  }));
  const { results } = await cluster.askAny(describeConfigsV4.api, resources, false, false);
  return new Map(
    results.map(({ resourceName, configs }) => [resourceName, new Map(configs.map(({ name, value }) => [name, value ?? '']))]),
  );
}

function compare(
  { cluster, source }: { cluster: Cluster; source: KafkaSource },
  { name, partitions, settings }: Wanted,
  found: { topic: Topic; settings: ReadonlyMap<string, string> },
): Problem[] {
  const topics = `kafka-topics.sh --bootstrap-server ${cluster.bootstrap} --alter --topic ${name}`;
  const there = found.topic.partitions.length;
  if (there > partitions) {
    throw logError('LOG_PARTITIONS', { topic: name, stored: there, wanted: partitions });
  }
  const problems: Problem[] = [];
  if (there < partitions)
    problems.push({ says: `${name} has ${there} partitions instead of ${partitions}`, command: `${topics} --partitions ${partitions}` });
  const copies = Math.min(...found.topic.partitions.map(({ replicas }) => replicas.length));
  if (copies < source.replicas) {
    const says = `${name} has ${copies} replicas instead of ${source.replicas}`;
    problems.push({ says, command: reassign(cluster, { name, topic: found.topic, replicas: source.replicas }) });
  }
  const wrong = Object.entries(settings).filter(([key, value]) => !satisfied(key, value, found.settings.get(key) ?? ''));
  if (!READABLE.has(found.settings.get('compression.type') ?? 'producer')) wrong.push(['compression.type', 'producer']);
  if (wrong.length === 0) return problems;
  const says = wrong.map(([key, value]) => `${name} has ${key}=${found.settings.get(key) ?? ''} instead of ${value}`).join(', ');
  // A value with commas is put in brackets.
  const config = wrong.map(([key, value]) => `${key}=${value.includes(',') ? `[${value}]` : value}`).join(',');
  const configs = `kafka-configs.sh --bootstrap-server ${cluster.bootstrap} --entity-type topics --entity-name ${name}`;
  return [...problems, { says, command: `${configs} --alter --add-config ${config}` }];
}

/** `max.message.bytes` and `min.insync.replicas` may be more; policies may stand in any order. */
export function satisfied(key: string, wanted: string, found: string): boolean {
  if (key === 'max.message.bytes' || key === 'min.insync.replicas') return Number(found) >= Number(wanted);
  if (key === 'cleanup.policy') return found.split(',').toSorted().join() === wanted.split(',').toSorted().join();
  return found === wanted;
}

/** Every partition stays where it is and gets the missing replicas on the brokers that follow. */
function reassign(cluster: Cluster, { name, topic, replicas }: { name: string; topic: Topic; replicas: number }): string {
  const nodes = cluster.nodes.toSorted((a, b) => a - b);
  const partitions = topic.partitions.map(({ partition, replicas: there }) => {
    const others = nodes.filter((node) => !there.includes(node));
    const more = others.map((_, index) => others[(index + partition) % others.length]);
    return { topic: name, partition, replicas: [...there, ...more].slice(0, replicas) };
  });
  const file = `${name}-replicas.json`;
  const tool = `kafka-reassign-partitions.sh --bootstrap-server ${cluster.bootstrap} --reassignment-json-file ${file} --execute`;
  return `echo '${JSON.stringify({ version: 1, partitions })}' > ${file} && ${tool}`;
}
