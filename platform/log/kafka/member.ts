/**
 * A member of a consumer group under the protocol in which the group's coordinator shares partitions out (KIP-848): heartbeats say
 * what the member owns, their answers what it shall own. What it shall no longer own it goes on owning until `onRevoked` has
 * resolved; only then does the coordinator give it to another.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { consumerGroupHeartbeatV1 } from '@platformatic/kafka';
import type { GroupRequest, Membership } from '../contract.ts';
import type { Cluster, Pool } from './cluster.ts';
import { errorName, kafkaCodes, passes } from './failures.ts';
import type { Committer } from './offsets.ts';

/** For giving partitions up: who takes longer is turned out. */
const REBALANCE_MS = 60_000;
const RETRY_MS = 500;
const LEAVE_MS = 3000;
const LEAVING = -1;
const JOINING = 0;
/** The coordinator has given this member's partitions to others. */
const TURNED_OUT = new Set(['FENCED_MEMBER_EPOCH', 'UNKNOWN_MEMBER_ID']);

export interface MemberOptions extends Pick<GroupRequest, 'onAssigned' | 'onRevoked'> {
  readonly cluster: Cluster;
  /** Names in the cluster. */
  readonly group: string;
  readonly topic: string;
  readonly topicId: string;
  readonly pool: Pool;
}

export class Member implements Committer, Membership {
  readonly memberId = randomUUID();
  readonly #options: MemberOptions;
  readonly #owned = new Set<number>();
  #epoch = JOINING;
  #wanted: ReadonlySet<number> | undefined;
  #reconciling: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> | undefined;
  #again = false;
  /** Leaving: nothing is taken any more, and heartbeats go on until what is in hand is given up. */
  #state: 'member' | 'leaving' | 'left' = 'member';
  #leaving: Promise<void> | undefined;
  /** What `onRevoked` is running for. */
  #revoking: readonly number[] = [];

  constructor(options: MemberOptions) {
    this.#options = options;
  }

  get epoch(): number {
    return this.#epoch;
  }

  owns(partition: number): boolean {
    return this.#owned.has(partition);
  }

  async heard(): Promise<void> {
    await this.#beat();
  }

  /** Resolves once the coordinator has taken this member in. */
  async join(): Promise<void> {
    await this.#options.cluster.persist(async () => await this.#heartbeat());
  }

  leave(): Promise<void> {
    this.#leaving ??= this.#leave();
    return this.#leaving;
  }

  async #leave(): Promise<void> {
    this.#state = 'leaving';
    await this.#reconciling;
    await this.#giveUp([...this.#owned]);
    this.#state = 'left';
    clearTimeout(this.#timer);
    await this.#beating;
    // One that cannot say so is missed after a while.
    await this.#options.cluster.persist(async () => await this.#ask(LEAVING), LEAVE_MS).catch(() => undefined);
  }

  /** One heartbeat at a time; asked for during one, another follows. */
  async #beat(): Promise<void> {
    this.#again = true;
    this.#beating ??= (async () => {
      while (this.#again && this.#state !== 'left') {
        this.#again = false;
        await this.#heartbeat().catch((error: unknown) => this.#missed(error));
      }
      this.#beating = undefined;
    })();
    await this.#beating;
  }

  async #heartbeat(): Promise<void> {
    clearTimeout(this.#timer);
    const { memberEpoch, heartbeatIntervalMs, assignment } = await this.#ask(this.#epoch);
    this.#epoch = memberEpoch;
    this.#plan(heartbeatIntervalMs);
    if (assignment === null) return;
    this.#wanted = new Set(
      assignment.topicPartitions.filter(({ topicId }) => topicId === this.#options.topicId).flatMap((each) => each.partitions),
    );
    this.#reconcile();
  }

  async #ask(epoch: number): Promise<consumerGroupHeartbeatV1.ConsumerGroupHeartbeatResponse> {
    const { cluster, group, topic, topicId, pool } = this.#options;
    const owned = this.#owned.size === 0 ? [] : [{ topicId, partitions: [...this.#owned] }];
    return await cluster.askCoordinator(group, {
      pool,
      api: consumerGroupHeartbeatV1.api,
      args: [group, this.memberId, epoch, null, null, REBALANCE_MS, [topic], null, null, owned],
    });
  }

  #plan(delayMs: number): void {
    clearTimeout(this.#timer);
    if (this.#state !== 'left') this.#timer = setTimeout(() => void this.#beat(), delayMs).unref();
  }

  #missed(error: unknown): void {
    const names = kafkaCodes(error).map(errorName);
    if (names.some((name) => TURNED_OUT.has(name))) {
      this.#epoch = JOINING;
      this.#wanted = new Set();
      const lost = [...this.#owned].filter((partition) => !this.#revoking.includes(partition));
      // No longer its own from this moment: commits made meanwhile are refused.
      this.#owned.clear();
      this.#lose(lost);
      if (this.#state === 'leaving') return;
    }
    if (!passes(error)) this.#options.cluster.forget(this.#options.group);
    this.#plan(RETRY_MS);
  }

  #lose(partitions: readonly number[]): void {
    const before = this.#reconciling;
    const lost = (async () => {
      await before;
      if (partitions.length > 0) await this.#options.onRevoked(partitions);
    })();
    this.#reconciling = lost.catch(() => undefined).then(() => this.#settled());
  }

  #settled(tell = false): void {
    this.#reconciling = undefined;
    if (tell) void this.#beat();
    this.#reconcile();
  }

  /** Brings what is owned to what shall be owned, a step at a time, as often as that changes. */
  #reconcile(): void {
    if (this.#reconciling !== undefined || this.#state !== 'member' || this.#step() === undefined) return;
    this.#reconciling = this.#change().then(() => this.#settled(true));
  }

  #step(): { revoke: number[]; assign: number[] } | undefined {
    const wanted = this.#wanted;
    if (wanted === undefined) return undefined;
    const revoke = [...this.#owned].filter((partition) => !wanted.has(partition));
    const assign = [...wanted].filter((partition) => !this.#owned.has(partition));
    return revoke.length + assign.length === 0 ? undefined : { revoke, assign };
  }

  async #change(): Promise<void> {
    const step = this.#step();
    if (step === undefined) return;
    if (step.revoke.length > 0) return await this.#giveUp(step.revoke);
    for (const partition of step.assign) this.#owned.add(partition);
    try {
      await this.#options.onAssigned(step.assign);
    } catch {
      // Who was to read on could not begin: it is told again.
      for (const partition of step.assign) this.#owned.delete(partition);
      await pause(RETRY_MS);
    }
  }

  async #giveUp(partitions: readonly number[]): Promise<void> {
    if (partitions.length === 0) return;
    this.#revoking = partitions;
    await this.#options.onRevoked(partitions).catch(() => undefined);
    this.#revoking = [];
    for (const partition of partitions) this.#owned.delete(partition);
  }
}
