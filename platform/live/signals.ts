/**
 * "This has changed; look again", across nodes: rules, values, processing files, tokens. Each topic is a number in the state that
 * grows with every change; who subscribes is called when the number has grown. With Redis the word is there in milliseconds; a look
 * at the numbers every two seconds makes up for a word that was lost.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { sql, type Kysely, type Transaction } from 'kysely';
import type { Logger } from '../logger/index.ts';
import type { RedisSettings } from '../redis/index.ts';
import type { State, StateModule } from '../state/contract.ts';

interface SignalTables {
  signals: { topic: string; version: number };
}

export interface SignalsOptions {
  readonly state: State;
  /** Given where several nodes share the state. */
  readonly redis?: RedisSettings;
  readonly logger?: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** How often the numbers are looked at; default 2 s. */
  readonly pollMs?: number;
}

export interface Signals {
  /** Says that the topic has changed, on every node. Resolves when it is stored. */
  publish(topic: string): Promise<void>;
  /** The same in the transaction of what changed; who subscribes is called after its commit, and not after a rollback. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- a transaction in the words of any domain's tables
  bump<Tables>(trx: Transaction<Tables>, topic: string): Promise<void>;
  /**
   * Calls the listener after each change, own and others'; changes close together may be one call, and there may be a call without a
   * change: one soon after subscribing, so that nothing between an earlier look and now is missed. Returns how to stop.
   */
  subscribe(topic: string, listener: () => void | Promise<void>): () => void;
  /** Resolves when no listener runs any more. */
  close(): Promise<void>;
}

export const signalsModule: StateModule = {
  name: 'signals',
  scoped: [],
  migrations: {
    '2026-11-22-signals-01': {
      async up(db: Kysely<SignalTables>): Promise<void> {
        await db.schema
          .createTable('signals')
          .addColumn('topic', 'text', (column) => column.primaryKey())
          .addColumn('version', 'bigint', (column) => column.notNull())
          .execute();
      },
    },
  },
};

export function createSignals(options: SignalsOptions): Signals {
  const { state } = options;
  const watch = new Watch(options);
  const { redis } = options;
  // Its package is loaded only where it is used.
  const channel = redis && import('./channel.ts').then((it) => it.openChannel(redis, { ...options, onWord: () => watch.look() }));
  const poll = setInterval(() => watch.look(), options.pollMs ?? 2000);
  poll.unref();
  // What is done after a transaction is done outside of it, also when it is asked for inside.
  const outside = AsyncLocalStorage.snapshot();

  const tell = (): void => {
    watch.look();
    void channel?.then((others) => others.tell());
  };
  async function afterTransaction(): Promise<void> {
    try {
      // Transactions take turns: this one begins when the caller's has ended.
      await state.transaction<SignalTables, void>('system', async () => undefined);
    } catch {
      // A state that cannot be asked now is looked at by the poll.
    }
    tell();
  }
  return {
    async publish(topic) {
      await state.transaction<SignalTables, void>('system', (trx) => grow(trx, topic));
      tell();
    },
    // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- a transaction in the words of any domain's tables
    async bump<Tables>(trx: Transaction<Tables>, topic: string) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one database holds every domain's tables
      await grow(trx as unknown as Transaction<SignalTables>, topic);
      void outside(afterTransaction);
    },
    subscribe: (topic, listener) => watch.add(topic, listener),
    async close() {
      clearInterval(poll);
      (await channel)?.close();
      await watch.close();
    },
  };
}

async function grow(trx: Transaction<SignalTables>, topic: string): Promise<void> {
  await trx
    .insertInto('signals')
    .values({ topic, version: 1 })
    .onConflict((conflict) => conflict.column('topic').doUpdateSet({ version: sql<number>`signals.version + 1` }))
    .execute();
}

interface Subscription {
  readonly topic: string;
  readonly listener: () => void | Promise<void>;
  /** The number the listener was last called for; undefined when it is to be called whatever the number is. */
  seen: number | undefined;
  calling: boolean;
}

/** Compares the numbers with those seen, and calls whose has grown. */
class Watch {
  readonly #options: SignalsOptions;
  readonly #subscriptions = new Set<Subscription>();
  readonly #calls = new Set<Promise<void>>();
  #looking: Promise<void> | undefined;
  #again = false;
  #closed = false;

  constructor(options: SignalsOptions) {
    this.#options = options;
  }

  add(topic: string, listener: Subscription['listener']): () => void {
    const subscription: Subscription = { topic, listener, seen: undefined, calling: false };
    this.#subscriptions.add(subscription);
    this.look();
    return () => void this.#subscriptions.delete(subscription);
  }

  look(): void {
    this.#again = true;
    this.#looking ??= this.#run().finally(() => {
      this.#looking = undefined;
      // Asked for when the last look had already ended.
      if (this.#again && !this.#idle) this.look();
    });
  }

  get #idle(): boolean {
    return this.#closed || this.#subscriptions.size === 0;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#looking;
    await Promise.all(this.#calls);
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#idle) {
      this.#again = false;
      try {
        await this.#compare();
      } catch {
        // The state cannot be read; who else uses it says so, and the next look comes.
        return;
      }
    }
  }

  async #compare(): Promise<void> {
    const topics = [...new Set([...this.#subscriptions].map(({ topic }) => topic))];
    const known = [...this.#subscriptions];
    const rows = await this.#options.state.system<SignalTables>().selectFrom('signals').selectAll().where('topic', 'in', topics).execute();
    const versions = new Map(rows.map(({ topic, version }) => [topic, version]));
    for (const subscription of known) {
      const version = versions.get(subscription.topic) ?? 0;
      if (version === subscription.seen || subscription.calling || !this.#subscriptions.has(subscription)) continue;
      subscription.seen = version;
      subscription.calling = true;
      const call = this.#call(subscription);
      this.#calls.add(call);
      void call.finally(() => this.#calls.delete(call));
    }
  }

  /** One call at a time; what changes meanwhile is another call. */
  async #call(subscription: Subscription): Promise<void> {
    const { topic, listener } = subscription;
    try {
      await listener();
      subscription.calling = false;
      this.look();
    } catch (error) {
      this.#options.logger?.error({ topic, error: String(error) }, 'signals: a listener failed; it is called again at the next look');
      subscription.calling = false;
      subscription.seen = undefined;
    }
  }
}
