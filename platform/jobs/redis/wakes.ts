/**
 * Wakes: jobs of BullMQ that say "look at this row of the state at this time", and hold nothing else. One queue for each kind of
 * job, so that a node is only woken for what it has a handler for. A wake too many finds nothing to do; one that is lost is made up
 * for by the sweep (`jobs.ts`).
 */
import { once } from 'node:events';
import { Queue } from 'bullmq';
import type { Clock } from '../../clock/index.ts';
import type { Redis, RedisConnections } from '../../redis/index.ts';
import type { PlannedJob } from '../store.ts';

export interface Wake {
  readonly id: string;
  /** When the row is due, by the clock of who wakes. */
  readonly runAt: number;
}

export type WakeQueue = Queue<Wake, void>;

const KEEP_NOTHING = { removeOnComplete: true, removeOnFail: true } as const;
/** BullMQ tells of every step in a stream, which nobody here reads. */
const EVENTS_KEPT = 100;
const CONNECTING_MS = 1000;

export class Wakes {
  readonly #redis: RedisConnections;
  readonly #clock: Clock;
  readonly #client: Redis;
  readonly #queues = new Map<string, WakeQueue>();

  #connecting: Promise<unknown> | undefined;

  constructor(redis: RedisConnections, clock: Clock) {
    this.#redis = redis;
    this.#clock = clock;
    this.#client = redis.connect('fail');
  }

  /** Calls whenever Redis can be reached again, also the first time. */
  onReachable(listener: () => void): void {
    this.#client.on('ready', listener);
    if (this.#client.status === 'ready') listener();
  }

  /**
   * One wake for each job, at its time. A wake that waits already is not added again; `again` adds a second one, for a job that is
   * due and has not been woken. False when Redis does not take them.
   */
  async send(jobs: readonly PlannedJob[], again = false): Promise<boolean> {
    if (!(await this.#reachable())) return false;
    const byKind = Map.groupBy(jobs, (job) => job.kind);
    const sent = await Promise.all([...byKind].map(([kind, some]) => this.#sendTo(kind, some, again)));
    return sent.every(Boolean);
  }

  /** True when connected; a connection that is just being made is waited for. */
  async #reachable(): Promise<boolean> {
    if (['connecting', 'connect'].includes(this.#client.status)) {
      this.#connecting ??= once(this.#client, 'ready', { signal: AbortSignal.timeout(CONNECTING_MS) })
        .catch(() => undefined)
        .finally(() => (this.#connecting = undefined));
      await this.#connecting;
    }
    return this.#client.status === 'ready';
  }

  async #sendTo(kind: string, jobs: readonly PlannedJob[], again: boolean): Promise<boolean> {
    const now = this.#clock.now();
    const queue = this.#queueOf(kind);
    try {
      await queue.addBulk(
        jobs.map((job) => ({
          name: kind,
          data: { id: job.id, runAt: job.run_at },
          opts: { ...KEEP_NOTHING, jobId: `${job.id}-${job.run_at}${again ? '-again' : ''}`, delay: Math.max(0, job.run_at - now) },
        })),
      );
      return true;
    } catch (error) {
      this.#redis.report(error);
      // A queue whose beginning failed stays broken: the next one starts anew.
      if (this.#queues.get(kind) === queue) this.#queues.delete(kind);
      void queue.close().catch(() => undefined);
      return false;
    }
  }

  #queueOf(kind: string): WakeQueue {
    const known = this.#queues.get(kind);
    if (known !== undefined) return known;
    const queue: WakeQueue = new Queue(queueName(kind), {
      connection: this.#client,
      prefix: this.#redis.prefix,
      streams: { events: { maxLen: EVENTS_KEPT } },
    });
    queue.on('error', (error) => this.#redis.report(error));
    this.#queues.set(kind, queue);
    return queue;
  }
}

/** BullMQ's names may hold anything but colons. */
export function queueName(kind: string): string {
  return encodeURIComponent(kind);
}
