import {
  ConfigResourceTypes,
  describeConfigsV4,
  incrementalAlterConfigsV1,
  IncrementalAlterConfigOperationTypes,
} from '@platformatic/kafka';
import type { GroupRequest, Membership, TopicName } from '../contract.ts';
import { logError } from '../errors.ts';
import type { Cluster } from './cluster.ts';
import { unavailable } from './failures.ts';
import { Member } from './member.ts';
import type { Committer } from './offsets.ts';

/** When a member counts as dead, and how often it says that it is not. Brokers have 45 s and 5 s unless told otherwise. */
const SETTINGS = { 'consumer.session.timeout.ms': '8000', 'consumer.heartbeat.interval.ms': '1000' };

/** The groups this log is a member of. */
export class Groups {
  readonly #cluster: Cluster;
  readonly #prefix: string;
  readonly #members = new Map<string, Member>();

  constructor(cluster: Cluster, prefix: string) {
    this.#cluster = cluster;
    this.#prefix = prefix;
  }

  member(group: string, topic: TopicName): Committer | undefined {
    return this.#members.get(keyOf(group, topic));
  }

  async join({ group, topic, onAssigned, onRevoked }: GroupRequest): Promise<Membership> {
    const key = keyOf(group, topic);
    if (this.#members.has(key)) throw logError('LOG_BAD_REQUEST', { reason: `it is a member of the group ${group} for ${topic} already` });
    const [name, topicName] = [`${this.#prefix}${group}`, `${this.#prefix}${topic}`];
    const found = await this.#cluster.persist(async () => await this.#cluster.topic(topicName));
    if (found === undefined) throw unavailable(`topic ${topicName} is gone`);
    const pool = this.#cluster.pool('control');
    const member = new Member({ cluster: this.#cluster, group: name, topic: topicName, topicId: found.id, pool, onAssigned, onRevoked });
    this.#members.set(key, member);
    await this.#quicken(name);
    try {
      await member.join();
    } catch (error) {
      this.#members.delete(key);
      throw error;
    }
    return {
      leave: async () => {
        await member.leave();
        if (this.#members.get(key) === member) this.#members.delete(key);
      },
    };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#members.values()].map(async (member) => await member.leave()));
  }

  /**
   * Brokers allow a session this short where `group.consumer.min.session.timeout.ms` does; where they do not, a dead member's
   * partitions stand still for as long as the brokers say.
   */
  async #quicken(group: string): Promise<void> {
    const resource = { resourceType: ConfigResourceTypes.GROUP, resourceName: group };
    try {
      const { results } = await this.#cluster.askAny(
        describeConfigsV4.api,
        [{ ...resource, configurationKeys: Object.keys(SETTINGS) }],
        false,
        false,
      );
      const current = new Map(results.flatMap(({ configs }) => configs).map(({ name, value }) => [name, value]));
      const wrong = Object.entries(SETTINGS).filter(([name, value]) => current.get(name) !== value);
      if (wrong.length === 0) return;
      const configs = wrong.map(([name, value]) => ({ name, value, configOperation: IncrementalAlterConfigOperationTypes.SET }));
      await this.#cluster.askAny(incrementalAlterConfigsV1.api, [{ ...resource, configs }], false);
    } catch {
      // It works without, only later.
    }
  }
}

function keyOf(group: string, topic: TopicName): string {
  return JSON.stringify([group, topic]);
}
