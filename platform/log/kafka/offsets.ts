/** Offsets of consumer groups: committed at the group's coordinator, by a member under its epoch, so that it can be refused. */
import { offsetCommitV9, offsetFetchV8 } from '@platformatic/kafka';
import type { OffsetCommit, TopicName } from '../contract.ts';
import { logError } from '../errors.ts';
import { responseOf, type Api, type Cluster } from './cluster.ts';
import { errorName, fromCode, kafkaCodes, unavailable } from './failures.ts';

/** What a commit must know of the member on whose behalf it is made. */
export interface Committer {
  readonly memberId: string;
  readonly epoch: number;
  owns(partition: number): boolean;
  /** Resolves after the group has been heard of again. */
  heard(): Promise<void>;
}

const STANDALONE = { memberId: '', epoch: -1 };
/** The group has turned this member out, or has members of which this is none. */
const FENCED = new Set(['UNKNOWN_MEMBER_ID', 'FENCED_MEMBER_EPOCH', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID']);
/** The group is ahead of what the member has heard of it. */
const STALE = 'STALE_MEMBER_EPOCH';

export interface OffsetsOptions {
  readonly cluster: Cluster;
  readonly prefix: string;
  /** The member this log is of the group, if it is one. */
  readonly member: (group: string, topic: TopicName) => Committer | undefined;
}

export class Offsets {
  readonly #options: OffsetsOptions;

  constructor(options: OffsetsOptions) {
    this.#options = options;
  }

  /** Throws LOG_FENCED for a partition that this log, a member, does not own. */
  check(commits: readonly OffsetCommit[]): void {
    for (const { group, topic, partition } of commits) {
      const member = this.#options.member(group, topic);
      if (member !== undefined && !member.owns(partition)) throw logError('LOG_FENCED', { group, topic, partition });
    }
  }

  async commit(commits: readonly OffsetCommit[]): Promise<void> {
    const parts = Map.groupBy(commits, ({ group, topic }) => JSON.stringify([group, topic]));
    await Promise.all([...parts.values()].map(async (part) => await this.#options.cluster.persist(async () => await this.#commit(part))));
  }

  async committed(group: string, topic: TopicName, partitions: number): Promise<Map<number, number>> {
    const { cluster, prefix } = this.#options;
    const name = `${prefix}${group}`;
    const topics = [{ name: `${prefix}${topic}`, partitionIndexes: Array.from({ length: partitions }, (_, partition) => partition) }];
    const groups = [{ groupId: name, memberEpoch: -1, memberId: null, topics }];
    const answer = await cluster.persist(async () => await cluster.askCoordinator(name, { api: offsetFetchV8.api, args: [groups, false] }));
    const found = answer.groups.flatMap((each) => each.topics).flatMap((each) => each.partitions);
    return new Map(
      found.filter(({ committedOffset }) => committedOffset >= 0n).map((each) => [each.partitionIndex, Number(each.committedOffset)]),
    );
  }

  /** Of one group and topic. */
  async #commit(commits: readonly OffsetCommit[]): Promise<void> {
    const [first] = commits;
    if (first === undefined) return;
    this.check(commits);
    const { cluster, prefix } = this.#options;
    const name = `${prefix}${first.group}`;
    const member = this.#options.member(first.group, first.topic);
    const { memberId, epoch } = member ?? STANDALONE;
    const partitions = commits.map(({ partition, offset }) => ({
      partitionIndex: partition,
      committedOffset: BigInt(offset),
      committedLeaderEpoch: -1,
      committedMetadata: null,
    }));
    const topics = [{ name: `${prefix}${first.topic}`, partitions }];
    const answer = await cluster.askCoordinator(name, { api: commitOffsets, args: [name, epoch, memberId, null, topics] });
    for (const { partitionIndex, errorCode } of answer.topics.flatMap((each) => each.partitions)) {
      if (errorCode === 0) continue;
      const error = errorName(errorCode);
      if (FENCED.has(error)) throw logError('LOG_FENCED', { group: first.group, topic: first.topic, partition: partitionIndex });
      if (error !== STALE) {
        cluster.forget(name);
        throw fromCode(errorCode);
      }
      await member?.heard();
      throw unavailable(error);
    }
  }
}

const commitOffsets: Api<Parameters<typeof offsetCommitV9.createRequest>, offsetCommitV9.OffsetCommitResponse> = {
  async: async (connection, ...args) => {
    try {
      return await offsetCommitV9.api.async(connection, ...args);
    } catch (error) {
      if (kafkaCodes(error).length === 0) throw error;
      return responseOf<offsetCommitV9.OffsetCommitResponse>(error);
    }
  },
};
