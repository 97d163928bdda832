/**
 * The partitions a member of a group reads now, each with the next offset to read. Work and changes of ownership exclude each
 * other: what is to be given up is given up between two rounds of work, when all that was read is stored.
 */
import { hasCode } from '../errors/index.ts';
import type { GroupRequest, Log, Membership } from './contract.ts';

export interface OwnedOptions extends Pick<GroupRequest, 'group' | 'topic' | 'share'> {
  /** Where reading goes on: the next offset of each partition; 0 where nothing is named. */
  readonly startAt: (partitions: readonly number[]) => Promise<ReadonlyMap<number, number>>;
  /** Before anything is given up: finishes what goes on between two rounds. */
  readonly settle?: () => Promise<void>;
  /** Partitions came, or begin again: what is kept in memory for them is not what their last reader left. */
  readonly onTaken?: () => void;
}

export class OwnedPartitions {
  /** Partition → the next offset to read; whoever works moves it on. */
  readonly next = new Map<number, number>();
  readonly #log: Log;
  readonly #options: OwnedOptions;
  #membership: Membership | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(log: Log, options: OwnedOptions) {
    this.#log = log;
    this.#options = options;
  }

  async join(): Promise<void> {
    const { group, topic, share } = this.#options;
    this.#membership = await this.#log.join({
      group,
      topic,
      ...(share === undefined ? {} : { share }),
      onAssigned: (partitions) => this.#exclusive(() => this.#take(partitions)),
      onRevoked: (partitions) => this.#exclusive(() => this.#give(partitions)),
    });
  }

  /**
   * Runs one round of work. Undefined when it was fenced off: another member has read on from where this one was, so that what it
   * did counts for nothing; it begins again where things stand.
   */
  async work<Result>(round: () => Promise<Result>): Promise<Result | undefined> {
    return await this.#exclusive(async () => {
      try {
        return await round();
      } catch (error) {
        if (!hasCode(error, 'LOG_FENCED')) throw error;
        await this.#take([...this.next.keys()]);
        return undefined;
      }
    });
  }

  /** Goes back to where `startAt` says each partition stands: what was read since may not have been stored. */
  async reload(): Promise<void> {
    await this.#exclusive(() => this.#take([...this.next.keys()]));
  }

  /** Waits until there is something to read, the time is over or the signal comes. */
  async wait(timeoutMs: number, signal: AbortSignal): Promise<void> {
    await this.#log.waitForData({ topic: this.#options.topic, next: new Map(this.next), timeoutMs, signal });
  }

  /** Gives everything up, after the round at hand. */
  async leave(): Promise<void> {
    await this.#membership?.leave();
    this.#membership = undefined;
  }

  async #take(partitions: readonly number[]): Promise<void> {
    if (partitions.length === 0) return;
    const start = await this.#options.startAt(partitions);
    for (const partition of partitions) this.next.set(partition, start.get(partition) ?? 0);
    this.#options.onTaken?.();
  }

  async #give(partitions: readonly number[]): Promise<void> {
    await this.#options.settle?.();
    for (const partition of partitions) this.next.delete(partition);
  }

  #exclusive<Result>(body: () => Promise<Result>): Promise<Result> {
    const mine = this.#last.then(body);
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}
