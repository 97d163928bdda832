/**
 * The log on Apache Kafka 4. What it promises beyond or beside `contract.ts`: an append is stored when `min.insync.replicas`
 * replicas have it; one whose answer never came may have been stored all the same, and a batch of a producer may then be stored
 * twice (`producers.ts`); age and size are the brokers' to watch, whoever has read or not.
 */
import type { Clock } from '../../clock/index.ts';
import {
  partitionOf,
  type AppendRequest,
  type AppendResult,
  type GroupRequest,
  type Log,
  type LogRecord,
  type Membership,
  type OffsetCommit,
  type PartitionState,
  type Producer,
  type TopicBatch,
  type TopicName,
} from '../contract.ts';
import { logError } from '../errors.ts';
import { Cluster } from './cluster.ts';
import { Fetcher } from './fetcher.ts';
import { Groups } from './groups.ts';
import { Offsets } from './offsets.ts';
import { Producers, PRODUCERS } from './producers.ts';
import { KafkaReader } from './reader.ts';
import { Sender } from './sender.ts';
import { partitionBytes } from './sizes.ts';
import { RECORD_BYTES, type KafkaSource } from './source.ts';
import { ensureTopics } from './topics.ts';
import { checkVersions } from './versions.ts';
import { Waiter } from './waiter.ts';

export type { KafkaSource } from './source.ts';

/** Rejects with LOG_UNAVAILABLE, LOG_DENIED, LOG_TOO_OLD, LOG_TOPICS or LOG_PARTITIONS. */
export async function connectKafka(source: KafkaSource, { clock }: { readonly clock: Clock }): Promise<Log> {
  const cluster = new Cluster(source);
  try {
    await checkVersions(cluster);
    await ensureTopics(cluster, source);
  } catch (error) {
    await cluster.close();
    throw error;
  }
  return new KafkaLog(source, cluster, clock).asLog();
}

class KafkaLog {
  readonly #prefix: string;
  readonly #partitions: ReadonlyMap<TopicName, number>;
  readonly #cluster: Cluster;
  readonly #fetcher: Fetcher;
  readonly #reader: KafkaReader;
  readonly #waiter: Waiter;
  readonly #sender: Sender;
  readonly #producers: Producers;
  readonly #groups: Groups;
  readonly #offsets: Offsets;
  /** Where each partition began when it was last looked at. */
  readonly #starts = new Map<string, number>();
  #closed = false;

  constructor(source: KafkaSource, cluster: Cluster, clock: Clock) {
    this.#prefix = source.prefix;
    this.#partitions = new Map(source.topics.map(({ name, partitions }) => [name, partitions]));
    this.#cluster = cluster;
    this.#fetcher = new Fetcher(cluster);
    this.#reader = new KafkaReader(this.#fetcher);
    this.#waiter = new Waiter(cluster, this.#fetcher, this.#reader);
    this.#sender = new Sender(cluster, clock);
    this.#producers = new Producers(`${source.prefix}${PRODUCERS}`, { cluster, fetcher: this.#fetcher, sender: this.#sender });
    this.#groups = new Groups(cluster, source.prefix);
    this.#offsets = new Offsets({ cluster, prefix: source.prefix, member: (group, topic) => this.#groups.member(group, topic) });
  }

  asLog(): Log {
    return {
      append: (request) => this.#open(() => this.#append(request)),
      read: (request) => this.#open(() => this.#reader.read(this.#name(request.topic, request.partition), request)),
      waitForData: ({ topic, next, ...how }) => this.#open(() => this.#waiter.wait(this.#name(topic), next, how)),
      commit: (commits) => this.#open(() => this.#commit(commits)),
      join: (request) => this.#open(() => this.#join(request)),
      committed: (group, topic) => this.#open(() => this.#offsets.committed(group, topic, this.#count(topic))),
      partitions: (topic) => this.#open(() => this.#states(topic)),
      lastSequence: (id) => this.#open(() => this.#producers.last(id)),
      retain: () => this.#open(() => this.#retain()),
      close: () => this.#close(),
    };
  }

  async #open<Result>(body: () => Promise<Result>): Promise<Result> {
    if (this.#closed) throw logError('LOG_CLOSED');
    return await body();
  }

  #count(topic: TopicName): number {
    const count = this.#partitions.get(topic);
    if (count === undefined) throw logError('LOG_UNKNOWN_TOPIC', { topic, partition: 0 });
    return count;
  }

  /** The topic's name in the cluster. */
  #name(topic: TopicName, partition = 0): string {
    const count = this.#count(topic);
    if (!Number.isInteger(partition) || partition < 0 || partition >= count) throw logError('LOG_UNKNOWN_TOPIC', { topic, partition });
    return `${this.#prefix}${topic}`;
  }

  async #append({ batches, producer, commits = [] }: AppendRequest): Promise<AppendResult> {
    const runs = batches.flatMap((batch) => this.#spread(batch));
    this.#check(commits, producer);
    const store = async (): Promise<void> => {
      const stored = await Promise.allSettled(
        runs.map(async ({ name, partition, records }) => await this.#sender.append(name, partition, records)),
      );
      this.#reader.appended();
      for (const each of stored) if (each.status === 'rejected') throw each.reason;
    };
    const duplicate = producer === undefined ? await store() : await this.#producers.once(producer, store);
    if (duplicate === true) return { duplicate };
    if (commits.length > 0) await this.#offsets.commit(commits);
    return { duplicate: false };
  }

  async #join(request: GroupRequest): Promise<Membership> {
    this.#count(request.topic);
    return await this.#groups.join(request);
  }

  async #commit(commits: readonly OffsetCommit[]): Promise<void> {
    this.#check(commits);
    await this.#offsets.commit(commits);
  }

  #check(commits: readonly OffsetCommit[], producer?: Producer): void {
    for (const { topic, partition } of commits) this.#name(topic, partition);
    this.#offsets.check(commits);
    if (producer !== undefined && !(Number.isSafeInteger(producer.sequence) && producer.sequence >= 0)) {
      throw logError('LOG_BAD_REQUEST', { reason: `producer sequence ${producer.sequence} is not a whole number from 0` });
    }
  }

  #spread({ topic, records }: TopicBatch): { name: string; partition: number; records: LogRecord[] }[] {
    const name = this.#name(topic);
    const count = this.#count(topic);
    for (const { value } of records) {
      if (value.byteLength > RECORD_BYTES) throw logError('LOG_RECORD_TOO_LARGE', { bytes: value.byteLength, limit: RECORD_BYTES });
    }
    const runs = Map.groupBy(records, ({ key }) => (count === 1 ? 0 : partitionOf(key, count)));
    return [...runs].map(([partition, run]) => ({ name, partition, records: run }));
  }

  async #states(topic: TopicName): Promise<PartitionState[]> {
    const partitions = Array.from({ length: this.#count(topic) }, (_, partition) => partition);
    const name = this.#name(topic);
    const [bounds, bytes] = await Promise.all([this.#fetcher.bounds(name, partitions), partitionBytes(this.#cluster, name, partitions)]);
    return bounds.map((each) => ({ ...each, bytes: bytes.get(each.partition) ?? 0 }));
  }

  /** The brokers delete by themselves: says how many records they have deleted since this log looked last, 0 the first time. */
  async #retain(): Promise<{ deletedRecords: number }> {
    let deletedRecords = 0;
    for (const topic of this.#partitions.keys()) {
      for (const { partition, startOffset } of await this.#states(topic)) {
        const key = `${topic}/${partition}`;
        deletedRecords += Math.max(0, startOffset - (this.#starts.get(key) ?? startOffset));
        this.#starts.set(key, startOffset);
      }
    }
    return { deletedRecords };
  }

  async #close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#waiter.close();
    await this.#groups.close();
    this.#sender.close();
    await this.#cluster.close();
  }
}
