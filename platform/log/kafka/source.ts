import type { TopicConfig } from '../contract.ts';

/** A Kafka cluster and what this deployment has in it: plain data, so that every thread and process opens connections of its own. */
export interface KafkaSource {
  readonly kind: 'kafka';
  /** `host:port` of some brokers; the others are learned from them. */
  readonly brokers: readonly string[];
  /** How this process is named in the brokers' logs and quotas. */
  readonly clientId: string;
  /** TLS to the brokers. `ca`: PEM of the authorities to trust instead of the machine's. */
  readonly tls?: { readonly ca?: string };
  readonly sasl?: {
    readonly mechanism: 'SCRAM-SHA-256' | 'SCRAM-SHA-512' | 'PLAIN';
    readonly username: string;
    readonly password: string;
  };
  /** Before the name of every topic and group, so that deployments can share a cluster; may be empty. */
  readonly prefix: string;
  /** Replicas of every partition, for topics that are made here and as the least for those that are there. */
  readonly replicas: number;
  /** Replicas that must have a record before it counts as stored (`min.insync.replicas`). */
  readonly minInSync: number;
  readonly topics: readonly TopicConfig[];
  /** How long an append, a read or a commit goes on trying while brokers cannot be reached; ms, default 25,000. */
  readonly patienceMs?: number;
}

export const PATIENCE_MS = 25_000;

/** Largest record value. `max.message.bytes` of our topics leaves room for its key and the batch around it. */
export const RECORD_BYTES = 16 * 1024 * 1024;
export const MESSAGE_BYTES = RECORD_BYTES + 1024 * 1024;
