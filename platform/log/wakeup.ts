/**
 * Tells readers, in every thread of the process, that a topic has grown: a BroadcastChannel named after the file. A slow poll
 * of the offsets catches what a channel cannot carry (another process, a thread that died before it could tell).
 */
import { BroadcastChannel } from 'node:worker_threads';
import type { TopicName } from './contract.ts';

const POLL_MS = 250;

interface Waiter {
  readonly topic: TopicName;
  readonly grown: () => boolean;
  readonly done: (result: boolean) => void;
}

export class Wakeup {
  readonly #channel: BroadcastChannel;
  readonly #waiters = new Set<Waiter>();
  #poll: NodeJS.Timeout | undefined;

  constructor(path: string) {
    this.#channel = new BroadcastChannel(`vong-log:${path}`);
    this.#channel.onmessage = ({ data }: { data: unknown }) => {
      if (Array.isArray(data)) this.#wake(data);
    };
    // The channel alone must not keep a process or worker alive.
    this.#channel.unref();
  }

  /** Wakes the waiters of these topics here and in the other threads. */
  grown(topics: readonly TopicName[]): void {
    this.#wake(topics);
    this.#channel.postMessage(topics);
  }

  /** Resolves true once `grown()` holds, false after the time or when aborted or closed. */
  wait(topic: TopicName, grown: () => boolean, options: { timeoutMs: number; signal?: AbortSignal | undefined }): Promise<boolean> {
    const { timeoutMs, signal } = options;
    if (signal?.aborted === true) return Promise.resolve(false);
    return new Promise((resolve) => {
      const waiter: Waiter = { topic, grown, done: finish };
      const timer = setTimeout(finish, timeoutMs, false);
      const abort = (): void => finish(false);
      const waiters = this.#waiters;
      const stopPolling = (): void => this.#stopPolling();
      function finish(result: boolean): void {
        if (!waiters.delete(waiter)) return;
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        stopPolling();
        resolve(result);
      }
      signal?.addEventListener('abort', abort, { once: true });
      waiters.add(waiter);
      this.#startPolling();
    });
  }

  close(): void {
    for (const waiter of this.#waiters) waiter.done(false);
    this.#channel.close();
  }

  #wake(topics: readonly unknown[]): void {
    for (const waiter of this.#waiters) if (topics.includes(waiter.topic)) waiter.done(true);
  }

  #startPolling(): void {
    this.#poll ??= setInterval(() => {
      for (const waiter of this.#waiters) if (waiter.grown()) waiter.done(true);
    }, POLL_MS).unref();
  }

  #stopPolling(): void {
    if (this.#waiters.size > 0) return;
    clearInterval(this.#poll);
    this.#poll = undefined;
  }
}
