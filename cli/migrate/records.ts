/**
 * What the node's consumers had not read of its log, into Kafka, and up to which batch each agent's were stored. Nobody else writes to
 * the topics meanwhile, so they say themselves how much of it is there: each partition holds a beginning of what it is to hold.
 */
import { createHash, type Hash } from 'node:crypto';
import { numberedProducers, partitionOf, type Log, type LogRecord, type TopicName } from '@vong/platform/log';

type Places = readonly (readonly [partition: number, offset: number])[];

export interface TopicPlan {
  readonly topic: TopicName;
  /** Where the node's consumer stood, and where the log ends. */
  readonly from: Places;
  readonly end: Places;
  /** Where the topic of the cluster begins. */
  readonly base: Places;
}

export type Plan = readonly TopicPlan[];

const CHUNK = { maxRecords: 500, maxBytes: 8 * 1024 * 1024 };

/** The unread part of a topic: `next` names the next offset to read of partitions that were read. */
export async function planTopic(
  topic: TopicName,
  logs: { source: Log; target: Log },
  next: ReadonlyMap<number, number>,
): Promise<TopicPlan> {
  const [states, base] = [await logs.source.partitions(topic), await logs.target.partitions(topic)];
  return {
    topic,
    from: states.map(({ partition, startOffset }) => [partition, Math.max(startOffset, next.get(partition) ?? 0)]),
    end: states.map(({ partition, endOffset }) => [partition, endOffset]),
    base: base.map(({ partition, endOffset }) => [partition, endOffset]),
  };
}

/** Records of the plan in the same order each time: a piece of each partition in turn, as consumers read them. */
async function* unread(source: Log, plan: TopicPlan): AsyncGenerator<readonly LogRecord[]> {
  const next = new Map(plan.from);
  for (let left = true; left;) {
    left = false;
    for (const [partition, end] of plan.end) {
      const offset = next.get(partition) ?? end;
      if (offset >= end) continue;
      const { records, nextOffset } = await source.read({ topic: plan.topic, partition, offset, ...CHUNK });
      next.set(partition, nextOffset);
      left = true;
      const some = records.filter((record) => record.offset < end);
      if (some.length > 0) yield some.map(({ key, value }) => ({ key, value }));
    }
  }
}

/** Appends what the topic does not hold yet; how many records there are to hold. */
export async function appendRest(logs: { source: Log; target: Log }, plan: TopicPlan, onRecords: (count: number) => void): Promise<void> {
  const base = new Map(plan.base);
  const states = await logs.target.partitions(plan.topic);
  const there = new Map(states.map(({ partition, endOffset }) => [partition, endOffset - (base.get(partition) ?? 0)]));
  for await (const records of unread(logs.source, plan)) {
    const missing = records.filter(({ key }) => {
      const partition = partitionOf(key, plan.base.length);
      const left = there.get(partition) ?? 0;
      there.set(partition, left - 1);
      return left <= 0;
    });
    if (missing.length > 0) await logs.target.append({ batches: [{ topic: plan.topic, records: missing }] });
    onRecords(records.length);
  }
}

/** The last sequence of every numbered producer: an agent that sends a batch again is told so. */
export async function carryProducers(logPath: string, target: Log): Promise<number> {
  let count = 0;
  for (const page of numberedProducers(logPath)) {
    await Promise.all(page.map(async (producer) => await target.append({ batches: [], producer })));
    count += page.length;
  }
  return count;
}

export interface RecordsCompared {
  readonly topic: string;
  /** Records, and a digest over their contents and order. */
  readonly source: { readonly count: number; readonly checksum: string };
  readonly target: { readonly count: number; readonly checksum: string };
  readonly equal: boolean;
}

/** Each partition of the cluster's topic against what it is to hold, record by record, in order. */
export async function compareRecords(logs: { source: Log; target: Log }, plan: TopicPlan): Promise<RecordsCompared> {
  const source = new Ordered();
  for await (const records of unread(logs.source, plan))
    for (const record of records) source.add(partitionOf(record.key, plan.base.length), record);
  const target = new Ordered();
  for (const { partition, endOffset } of await logs.target.partitions(plan.topic)) {
    for (let offset = new Map(plan.base).get(partition) ?? 0; offset < endOffset;) {
      const { records, nextOffset } = await logs.target.read({ topic: plan.topic, partition, offset, ...CHUNK });
      for (const record of records) target.add(partition, record);
      if (nextOffset === offset) break;
      offset = nextOffset;
    }
  }
  const [left, right] = [source.sum(), target.sum()];
  const equal = left.count === right.count && left.checksum === right.checksum;
  return { topic: plan.topic, source: left, target: right, equal };
}

/** `unequal`: ids of agents; at most ten. */
export async function compareProducers(logPath: string, target: Log): Promise<{ count: number; unequal: readonly string[] }> {
  let count = 0;
  const unequal: string[] = [];
  for (const page of numberedProducers(logPath)) {
    const found = await Promise.all(page.map(async ({ id }) => await target.lastSequence(id)));
    count += page.length;
    for (const [at, { id, sequence }] of page.entries()) if (found[at] !== sequence && unequal.length < 10) unequal.push(id);
  }
  return { count, unequal };
}

/** A digest of each partition's records in their order. */
class Ordered {
  readonly #partitions = new Map<number, Hash>();
  #records = 0;

  add(partition: number, { key, value }: LogRecord): void {
    const hash = this.#partitions.get(partition) ?? createHash('sha256');
    this.#partitions.set(partition, hash);
    hash.update(`${Buffer.byteLength(key)} ${value.byteLength} ${key}`).update(value);
    this.#records++;
  }

  sum(): RecordsCompared['source'] {
    const all = createHash('sha256');
    for (const [partition, hash] of [...this.#partitions].sort(([left], [right]) => left - right))
      all.update(`${partition} ${hash.digest('hex')} `);
    return { count: this.#records, checksum: all.digest('hex').slice(0, 32) };
  }
}
