import type { Config, KafkaConfig } from '@vong/platform/config';
import {
  brokerAnswers,
  probeKafka,
  satisfied,
  wantedTopics,
  type KafkaFacts,
  type TopicFacts,
  type WantedTopic,
} from '@vong/platform/probes';
import { logSourceOf } from '../../roles/parts.ts';
import { checkCertificate } from './certificates.ts';
import { LIMIT_MS, ok, problem, warning, type Check, type Finding } from './finding.ts';
import { readableOnTheWay } from './plain.ts';
import { unreachable, type Server } from './reach.ts';

/** The first level of `metadata.version` of each release (Kafka's `MetadataVersion`). */
const RELEASES: readonly (readonly [number, string])[] = [
  [22, '4.0'],
  [26, '4.1'],
  [28, '4.2'],
  [30, '4.3'],
];

function releaseOf(level: number | undefined): string | undefined {
  return RELEASES.findLast(([first]) => level !== undefined && level >= first)?.[1];
}

const serverAt = (address: string): Server => ({ name: 'kafka', title: 'Kafka', address, setting: 'VONG_KAFKA' });

export function kafka(config: Config, kafka: KafkaConfig): Check[] {
  return [
    ...kafka.brokers.map((broker) => ({ name: `kafka ${broker}`, run: async () => await checkBroker(kafka, broker) })),
    { name: 'kafka cluster', run: async () => await checkCluster(config, kafka) },
  ];
}

async function checkBroker(config: KafkaConfig, broker: string): Promise<Finding[]> {
  const server = serverAt(broker);
  const findings: Finding[] = [];
  if (config.tls !== undefined) {
    const split = broker.lastIndexOf(':');
    const peer = { host: broker.slice(0, split).replaceAll(/[[\]]/g, ''), port: Number(broker.slice(split + 1)), ca: config.tls.ca };
    const certificate = await checkCertificate(server, peer);
    if (certificate.level === 'problem') return [certificate];
    findings.push(certificate);
  }
  try {
    await brokerAnswers(config, { broker, limitMs: LIMIT_MS });
    findings.push(ok(`kafka ${broker}`, 'answers'));
  } catch (error) {
    return [...findings, unreachable(server, error)];
  }
  return [...findings, ...readableOnTheWay(server, { tls: config.tls !== undefined, password: config.sasl !== undefined })];
}

/** Asks whichever broker answers first. */
async function checkCluster(config: Config, kafka: KafkaConfig): Promise<Finding[]> {
  const source = logSourceOf(config);
  const topics = source.kind === 'kafka' ? wantedTopics(source) : [];
  const names = topics.map(({ name }) => name);
  try {
    const facts = await Promise.any(kafka.brokers.map((broker) => probeKafka(kafka, { broker, topics: names, limitMs: LIMIT_MS })));
    return judgeKafka(facts, { kafka, topics });
  } catch {
    return [problem('kafka cluster', 'not looked at: no broker answers', 'Do first what is said of the brokers.')];
  }
}

interface Wanted {
  readonly kafka: KafkaConfig;
  readonly topics: readonly WantedTopic[];
}

export function judgeKafka(facts: KafkaFacts, wanted: Wanted): Finding[] {
  const { kafka, topics } = wanted;
  const { brokers, metadataVersion } = facts;
  const check = 'kafka cluster';
  const findings: Finding[] = [];
  const addresses = brokers.map(({ address }) => address).join(', ');
  const release = releaseOf(metadataVersion);
  if (release === undefined)
    findings.push(
      problem(
        check,
        `works as Kafka before 4.0 (metadata.version ${metadataVersion ?? 'none'})`,
        'Upgrade the brokers to Kafka 4, then: kafka-features.sh --bootstrap-server … upgrade --release-version 4.0',
      ),
    );
  if (brokers.length < kafka.replicas)
    findings.push(
      problem(
        check,
        `${brokers.length} brokers (${addresses}), ${kafka.replicas} are to hold each record`,
        `Start ${kafka.replicas} brokers, or for a trial set VONG_KAFKA_REPLICAS=${brokers.length}.`,
      ),
    );
  else
    findings.push(
      ok(
        check,
        `${brokers.length} brokers: ${addresses}; works as Kafka ${release ?? '?'} (metadata.version ${metadataVersion ?? 'none'})`,
      ),
    );
  if (kafka.replicas === 1)
    findings.push(
      warning(
        check,
        'each record lies on one broker only, and is lost with it (VONG_KAFKA_REPLICAS=1)',
        'For service, run three brokers and set VONG_KAFKA_REPLICAS=3.',
      ),
    );
  return [
    ...findings,
    ...topics.flatMap((topic) => judgeAllowed(facts, topic, kafka) ?? judgeTopic(facts.topics.get(topic.name), topic, kafka)),
  ];
}

function judgeAllowed({ refused }: KafkaFacts, { name }: WantedTopic, { brokers, sasl, prefix }: KafkaConfig): Finding[] | undefined {
  const error = refused.get(name);
  if (error === undefined) return undefined;
  const who = `--add --allow-principal User:${sasl?.user ?? 'ANONYMOUS'}`;
  const what = `--operation All --resource-pattern-type prefixed --topic '${prefix}' --group '${prefix}'`;
  return [
    problem(
      `kafka topic ${name}`,
      `this user may not see it: ${error}`,
      `Run: kafka-acls.sh --bootstrap-server ${brokers.join(',')} ${who} ${what}`,
    ),
  ];
}

function judgeTopic(facts: TopicFacts | undefined, wanted: WantedTopic, kafka: KafkaConfig): Finding[] {
  const { name, partitions } = wanted;
  const check = `kafka topic ${name}`;
  const at = `--bootstrap-server ${kafka.brokers.join(',')}`;
  if (facts === undefined) return [ok(check, 'not there yet; the first process to start makes it')];
  const findings: Finding[] = [];
  const there = facts.partitions.length;
  if (there < partitions) {
    const more = `kafka-topics.sh ${at} --alter --topic ${name} --partitions ${partitions}`;
    findings.push(problem(check, `${there} partitions, ${partitions} are asked for (VONG_PARTITIONS)`, `Run: ${more}`));
  } else if (there > partitions)
    findings.push(
      problem(check, `${there} partitions, ${partitions} are asked for; partitions can only grow`, `Set VONG_PARTITIONS=${there}.`),
    );
  const replicas = Math.min(...facts.partitions.map((each) => each.replicas));
  if (replicas < kafka.replicas)
    findings.push(
      problem(
        check,
        `${replicas} replicas, ${kafka.replicas} are asked for (VONG_KAFKA_REPLICAS)`,
        `Move them with kafka-reassign-partitions.sh ${at}, or set VONG_KAFKA_REPLICAS=${replicas}.`,
      ),
    );
  findings.push(
    ...judgeCopies(facts, { check, at }),
    ...judgeInSync(facts, { check, name, at, replicas }),
    ...judgeSettings(facts, { check, at, wanted }),
  );
  if (findings.length > 0) return findings;
  const { configs } = facts;
  return [
    ok(
      check,
      `${there} partitions, ${replicas} replicas, min.insync.replicas ${configs.get('min.insync.replicas') ?? '?'}, retention.ms ${configs.get('retention.ms') ?? '?'}`,
    ),
  ];
}

function judgeCopies({ partitions }: TopicFacts, { check, at }: { check: string; at: string }): Finding[] {
  const leaderless = partitions.filter(({ leader }) => leader < 0).length;
  const behind = partitions.filter(({ inSync, replicas }) => inSync < replicas).length;
  if (leaderless > 0)
    return [
      problem(
        check,
        `${leaderless} partitions have no leader: nothing can be written to them`,
        `Start the brokers that are away. See: kafka-topics.sh ${at} --describe --unavailable-partitions`,
      ),
    ];
  if (behind === 0) return [];
  return [
    warning(
      check,
      `${behind} partitions have fewer copies than they should`,
      `A broker is away or behind. See: kafka-topics.sh ${at} --describe --under-replicated-partitions`,
    ),
  ];
}

/** What could lose or stop records although every setting is as it is asked for. */
function judgeInSync(
  { configs }: TopicFacts,
  { check, name, at, replicas }: { check: string; name: string; at: string; replicas: number },
): Finding[] {
  const least = Number(configs.get('min.insync.replicas') ?? 1);
  const set = (setting: string): string =>
    `Run: kafka-configs.sh ${at} --alter --entity-type topics --entity-name ${name} --add-config ${setting}`;
  const findings: Finding[] = [];
  if (replicas > 1 && least >= replicas)
    findings.push(
      problem(
        check,
        `min.insync.replicas ${least} of ${replicas}: with one broker away nothing can be written`,
        set(`min.insync.replicas=${replicas - 1}`),
      ),
    );
  if (configs.get('unclean.leader.election.enable') === 'true')
    findings.push(
      warning(
        check,
        'unclean.leader.election.enable is on: a broker that is behind may lead and lose records',
        set('unclean.leader.election.enable=false'),
      ),
    );
  return findings;
}

/** What the server refuses to start with. */
function judgeSettings({ configs }: TopicFacts, { check, at, wanted }: { check: string; at: string; wanted: WantedTopic }): Finding[] {
  const wrong = Object.entries(wanted.settings).filter(([key, value]) => !satisfied(key, value, configs.get(key) ?? ''));
  if (wrong.length === 0) return [];
  const says = wrong.map(([key, value]) => `${key} is ${configs.get(key) ?? 'not set'} instead of ${value}`).join(', ');
  // A value with commas is put in brackets.
  const config = wrong.map(([key, value]) => `${key}=${value.includes(',') ? `[${value}]` : value}`).join(',');
  const run = `kafka-configs.sh ${at} --alter --entity-type topics --entity-name ${wanted.name} --add-config ${config}`;
  return [problem(check, says, `Run: ${run}`)];
}
