/** The four servers of a cluster, real ones, and the settings with which a process of this product uses them. */
import { elasticsearchMissing, startElasticsearch, type ElasticsearchServer } from './elasticsearch.ts';
import { kafkaMissing, startKafka, type KafkaOptions, type KafkaServer } from './kafka.ts';
import { postgresMissing, startPostgres, type PostgresServer } from './postgres.ts';
import { startRedis, type RedisServer } from './redis.ts';
import { missing } from './servers.ts';

export interface Servers {
  readonly kafka: KafkaServer;
  readonly elasticsearch: ElasticsearchServer;
  readonly postgres: PostgresServer;
  readonly redis: RedisServer;
  /** Settings of every process. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

export interface ServersOptions {
  readonly kafka?: KafkaOptions;
  /** Of the topics `events` and `signals`; default 8. */
  readonly partitions?: number;
}

/** Why a cluster cannot run here, by server; empty when it can. */
export async function clusterMissing(): Promise<string> {
  const reasons = [
    ['Kafka', await kafkaMissing()],
    ['Elasticsearch', await elasticsearchMissing()],
    ['PostgreSQL', await postgresMissing()],
    ['Redis', await missing('redis')],
  ] as const;
  return reasons.flatMap(([name, why]) => (why === undefined ? [] : [`${name}: ${why}`])).join('; ');
}

export async function startServers(options: ServersOptions = {}): Promise<Servers> {
  const [kafka, elasticsearch, postgres, redis] = await Promise.all([
    startKafka(options.kafka),
    startElasticsearch(),
    startPostgres(),
    startRedis(),
  ]);
  const brokers = options.kafka?.brokers ?? 1;
  return {
    kafka,
    elasticsearch,
    postgres,
    redis,
    env: {
      VONG_KAFKA: kafka.brokers.join(','),
      VONG_KAFKA_REPLICAS: String(brokers),
      VONG_PARTITIONS: String(options.partitions ?? 8),
      VONG_ELASTICSEARCH: elasticsearch.url,
      VONG_ELASTICSEARCH_REPLICAS: '0',
      VONG_POSTGRES: postgres.url,
      VONG_REDIS: redis.url,
    },
    stop: async () => {
      for (const server of [kafka, elasticsearch, postgres, redis]) await server.stop();
    },
  };
}
