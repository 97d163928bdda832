/** What the tests on real brokers share. */
import { kafkaMissing, type KafkaServer } from '../../../deploy/testbed/kafka.ts';
import type { TopicConfig } from '../contract.ts';
import type { KafkaSource } from '../kafka/index.ts';

/** Why there is no Kafka here, as the end of a test's name; undefined where there is. */
export const missing = await kafkaMissing();
export const why = missing === undefined ? '' : ` (skipped: ${missing})`;

export function sourceOf(kafka: KafkaServer, prefix: string, topics: readonly TopicConfig[]): KafkaSource {
  const replicas = kafka.brokers.length;
  return { kind: 'kafka', brokers: kafka.brokers, clientId: 'test', prefix, replicas, minInSync: replicas === 1 ? 1 : 2, topics };
}
