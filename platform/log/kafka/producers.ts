/**
 * Which batches have been stored, of every numbered producer: a compacted topic of their last sequences, read to its end before
 * each decision, because an agent may send to any gateway. A sequence is written after the records it stands for: between the two
 * a crash, or the same batch at two gateways in the same moment, has it stored twice. Never is one stored not at all; what consumes
 * a topic drops by id what it knows.
 */
import { partitionOf, type Producer } from '../contract.ts';
import type { Cluster } from './cluster.ts';
import type { Fetched, Fetcher } from './fetcher.ts';
import { decodeBatch } from './record-batch.ts';
import type { Sender } from './sender.ts';

export const PRODUCERS = 'producers';
export const PRODUCER_PARTITIONS = 8;

export class Producers {
  readonly #topic: string;
  readonly #fetcher: Fetcher;
  readonly #sender: Sender;
  readonly #cluster: Cluster;
  readonly #sequences = new Map<string, number>();
  readonly #positions = new Map<number, number>();
  /** Appends of one producer come one after the other: the second must know what became of the first. */
  readonly #lines = new Map<string, Promise<unknown>>();
  #reading: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(topic: string, { cluster, fetcher, sender }: { cluster: Cluster; fetcher: Fetcher; sender: Sender }) {
    this.#topic = topic;
    this.#cluster = cluster;
    this.#fetcher = fetcher;
    this.#sender = sender;
    for (let partition = 0; partition < PRODUCER_PARTITIONS; partition++) this.#positions.set(partition, 0);
  }

  /** The last stored sequence, or -1; sees what any process had written before this call. */
  async last(id: string): Promise<number> {
    await this.#catchUp();
    return this.#sequences.get(id) ?? -1;
  }

  /** Runs `store` unless the batch is stored already, and remembers that it is. True when it was. */
  async once(producer: Producer, store: () => Promise<void>): Promise<boolean> {
    const { id, sequence } = producer;
    const before = this.#lines.get(id);
    const mine = (async () => {
      await before?.catch(() => undefined);
      if (sequence <= (await this.last(id))) return true;
      await store();
      await this.#sender.append(this.#topic, partitionOf(id, PRODUCER_PARTITIONS), [{ key: id, value: Buffer.from(String(sequence)) }]);
      this.#learn(id, sequence);
      return false;
    })();
    this.#lines.set(id, mine);
    try {
      return await mine;
    } finally {
      if (this.#lines.get(id) === mine) this.#lines.delete(id);
    }
  }

  /** A reading begun before a question was asked may miss what was written in between: who asks waits for one begun after. */
  #catchUp(): Promise<void> {
    if (this.#reading === undefined) {
      this.#reading = this.#read().finally(() => (this.#reading = undefined));
      return this.#reading;
    }
    this.#next ??= this.#reading
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.#catchUp();
      });
    return this.#next;
  }

  async #read(): Promise<void> {
    if ((await this.#cluster.topic(this.#topic)) === undefined)
      await this.#cluster.persist(async () => await this.#cluster.refresh([this.#topic]));
    let behind = [...this.#positions.keys()];
    while (behind.length > 0) {
      const wanted = behind.map((partition) => ({ partition, offset: this.#positions.get(partition) ?? 0 }));
      const fetched = await this.#fetcher.now(this.#topic, wanted);
      const further = await Promise.all(fetched.map(async (each) => await this.#take(each)));
      behind = behind.filter((_, index) => further[index]);
    }
  }

  /** True when there is more to read. */
  async #take({ partition, chunk, highWatermark, outOfRange }: Fetched): Promise<boolean> {
    if (outOfRange) {
      const [bounds] = await this.#fetcher.bounds(this.#topic, [partition]);
      this.#positions.set(partition, bounds?.startOffset ?? 0);
      return (bounds?.endOffset ?? 0) > (bounds?.startOffset ?? 0);
    }
    for (const batch of chunk?.batches ?? []) {
      for (const { key, value } of decodeBatch(batch)) this.#learn(key, Number(Buffer.from(value).toString('latin1')));
      this.#positions.set(partition, batch.last + 1);
    }
    return highWatermark > (this.#positions.get(partition) ?? 0);
  }

  #learn(id: string, sequence: number): void {
    if (Number.isSafeInteger(sequence) && sequence > (this.#sequences.get(id) ?? -1)) this.#sequences.set(id, sequence);
  }
}
