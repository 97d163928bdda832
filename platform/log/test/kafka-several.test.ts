import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startKafka, type KafkaServer } from '../../../deploy/testbed/kafka.ts';
import { systemClock } from '../../clock/index.ts';
import { hasCode } from '../../errors/index.ts';
import { connectLog, type Log, type TopicConfig } from '../index.ts';
import { atEnd, readAll, records } from './conformance.ts';
import { missing, sourceOf, why } from './kafka-setup.ts';

const TOPICS: readonly TopicConfig[] = [
  { name: 'events', partitions: 3, retention: {} },
  { name: 'signals', partitions: 1, retention: {} },
];

describe.skipIf(missing !== undefined)(`several processes on the log of one Kafka${why}`, () => {
  let kafka: KafkaServer;
  // What brokers allow by themselves: a session of 45 s.
  const settings = { 'group.consumer.min.session.timeout.ms': 45_000, 'group.consumer.min.heartbeat.interval.ms': 5000 };
  beforeAll(async () => void (kafka = await startKafka({ settings })), 120_000);
  afterAll(async () => await kafka.stop());
  const connect = (prefix: string): Promise<Log> => connectLog(sourceOf(kafka, prefix, TOPICS), { clock: systemClock });

  it('store a batch once, whichever of them the producer sends it to and sends it again', { timeout: 60_000 }, async () => {
    const logs = [await connect('once.'), await connect('once.'), await connect('once.')];
    const send = async (gateway: number, agent: number, sequence: number) =>
      await logs[gateway % 3]!.append({
        batches: [{ topic: 'events', records: records(5, () => `host-${agent}`) }],
        producer: { id: `agent-${agent}`, sequence },
      });
    for (let sequence = 0; sequence < 10; sequence++) {
      const all = Array.from({ length: 20 }, (_, agent) => agent);
      const first = await Promise.all(all.map((agent) => send(agent + sequence, agent, sequence)));
      expect(first.every(({ duplicate }) => !duplicate)).toBe(true);
      const again = await Promise.all(all.map((agent) => send(agent + sequence + 1, agent, sequence)));
      expect(again.every(({ duplicate }) => duplicate)).toBe(true);
    }
    const counts = await Promise.all([0, 1, 2].map(async (partition) => (await readAll(logs[0]!, 'events', partition)).length));
    expect(counts.reduce((sum, count) => sum + count)).toBe(20 * 10 * 5);
    for (const log of logs) expect(await log.lastSequence('agent-7')).toBe(9);
    const late = await connect('once.');
    expect(await late.lastSequence('agent-7')).toBe(9);
    expect(await late.lastSequence('nobody')).toBe(-1);
    await Promise.all([...logs, late].map((log) => log.close()));
  });

  it('take values of up to 16 MiB, together with small ones, and refuse larger ones alone', { timeout: 60_000 }, async () => {
    const log = await connect('large.');
    const value = randomBytes(16 * 1024 * 1024);
    const large = log.append({ batches: [{ topic: 'signals', records: [{ key: 'large', value }] }] });
    const small = log.append({ batches: [{ topic: 'signals', records: records(3) }] });
    await Promise.all([large, small]);
    const tooLarge = log.append({ batches: [{ topic: 'signals', records: [{ key: 'large', value: Buffer.alloc(value.length + 1) }] }] });
    await expect(tooLarge).rejects.toSatisfy((error) => hasCode(error, 'LOG_RECORD_TOO_LARGE'));
    const longKey = log.append({ batches: [{ topic: 'signals', records: [{ key: randomBytes(1024 * 1024).toString('hex'), value }] }] });
    await expect(longKey).rejects.toSatisfy((error) => hasCode(error, 'LOG_RECORD_TOO_LARGE'));
    await log.append({ batches: [{ topic: 'signals', records: records(1) }] });
    const all = await readAll(log, 'signals');
    expect(all.map((record) => record.key)).toEqual(['large', 'k', 'k', 'k', 'k']);
    expect(Buffer.compare(all[0]!.value, value)).toBe(0);
    await log.close();
  });

  it('wake each other', async () => {
    const [reader, writer] = [await connect('wake.'), await connect('wake.')];
    await writer.append({ batches: [{ topic: 'signals', records: records(1) }] });
    const waiting = reader.waitForData({ ...(await atEnd(reader)), timeoutMs: 20_000 });
    await writer.append({ batches: [{ topic: 'signals', records: records(1) }] });
    expect(await waiting).toBe(true);
    expect(await readAll(reader, 'signals')).toHaveLength(2);
    await Promise.all([reader.close(), writer.close()]);
  });

  it('join groups also where brokers allow no short session', { timeout: 60_000 }, async () => {
    const log = await connect('slow.');
    const assigned = Promise.withResolvers<readonly number[]>();
    const member = await log.join({
      group: 'indexer',
      topic: 'events',
      onAssigned: (partitions) => {
        assigned.resolve(partitions);
        return Promise.resolve();
      },
      onRevoked: () => Promise.resolve(),
    });
    expect([...(await assigned.promise)].toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
    await member.leave();
    await log.close();
  });

  it('are told of a batch that the disk has damaged, and read on behind it', { timeout: 60_000 }, async () => {
    const log = await connect('damaged.');
    for (let i = 0; i < 3; i++) await log.append({ batches: [{ topic: 'signals', records: records(10, undefined, i * 10) }] });
    await log.close();
    const folder = join(kafka.data[0] ?? '', 'damaged.signals-0');
    // Of the second of three batches of one size, its last byte.
    await kafka.run(`set -e
      segment=$(echo ${folder}/*.log)
      at=$(($(wc -c < "$segment") * 2 / 3 - 4))
      byte=$(od -An -tu1 -j$at -N1 "$segment")
      printf "\\\\$(printf %o $((byte ^ 255)))" | dd of="$segment" bs=1 seek=$at conv=notrunc`);
    const reader = await connect('damaged.');
    const first = await reader.read({ topic: 'signals', partition: 0, offset: 5, maxRecords: 100 });
    expect(first).toMatchObject({ nextOffset: 10, records: { length: 5 } });
    const passed = await reader.read({ topic: 'signals', partition: 0, offset: 12, maxRecords: 10 });
    expect(passed).toEqual({ records: [], nextOffset: 20, damaged: { reason: 'checksum mismatch' } });
    expect((await reader.read({ topic: 'signals', partition: 0, offset: 20, maxRecords: 100 })).records).toHaveLength(10);
    await reader.close();
  });
});
