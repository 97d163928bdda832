import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startKafka, type KafkaServer } from '../../../deploy/testbed/kafka.ts';
import { systemClock } from '../../clock/index.ts';
import { VongError } from '../../errors/index.ts';
import { connectKafka, type KafkaSource } from '../kafka/index.ts';
import type { TopicConfig } from '../index.ts';
import { records } from './conformance.ts';
import { missing, sourceOf, why } from './kafka-setup.ts';

const TOPICS: readonly TopicConfig[] = [
  { name: 'events', partitions: 4, retention: { maxAgeMs: 86_400_000, maxBytes: 4_000_000_000 } },
  { name: 'alerts', partitions: 2, retention: {} },
];

describe.skipIf(missing !== undefined)(`topics of Kafka at start${why}`, () => {
  let kafka: KafkaServer;
  beforeAll(async () => void (kafka = await startKafka({ brokers: 3 })), 180_000);
  afterAll(async () => await kafka.stop());
  const tool = (name: string) => `${name} --bootstrap-server ${kafka.brokers.join(',')}`;
  const open = async (source: KafkaSource) => await (await connectKafka(source, { clock: systemClock })).close();
  const refusal = (source: KafkaSource): Promise<unknown> =>
    open(source).then(
      () => 'opened',
      (error: unknown) => error,
    );

  it('are made as they must be, also by several processes at once, and found right afterwards', { timeout: 60_000 }, async () => {
    const source = sourceOf(kafka, 'fresh.', TOPICS);
    await Promise.all([open(source), open(source), open(source)]);
    await open(source);
    await open({ ...source, replicas: 2, minInSync: 1 });
  });

  it(
    'with a wrong setting, too few partitions or replicas stop the start, and the commands it names set them right',
    { timeout: 120_000 },
    async () => {
      const source = sourceOf(kafka, 'wrong.', TOPICS);
      await kafka.run(
        `${tool('kafka-topics.sh')} --create --topic wrong.events --partitions 1 --replication-factor 1 --config retention.ms=1000`,
      );
      await kafka.run(
        `${tool('kafka-topics.sh')} --create --topic wrong.alerts --partitions 2 --replication-factor 3 --config compression.type=lz4`,
      );
      const error = await refusal(source);
      expect(error).toBeInstanceOf(VongError);
      const { code, details } = error as VongError;
      expect(code).toBe('LOG_TOPICS');
      const problems = String(details['problems']);
      expect(problems).toContain('wrong.events has 1 partitions instead of 4');
      expect(problems).toContain('wrong.events has 1 replicas instead of 3');
      expect(problems).toContain('wrong.events has retention.ms=1000 instead of 86400000');
      expect(problems).toContain('wrong.events has retention.bytes=-1 instead of 1000000000');
      expect(problems).toContain('wrong.alerts has cleanup.policy=delete instead of compact');
      expect(problems).toContain('wrong.alerts has compression.type=lz4 instead of producer');
      expect(String(details['commands'])).toContain(`${tool('kafka-topics.sh')} --alter --topic wrong.events --partitions 4`);
      await kafka.run(String(details['commands']));
      // New partitions come with as many replicas as the topic had: they are named by a second start.
      const second = await refusal(source);
      if (second instanceof VongError) await kafka.run(String(second.details['commands']));
      await expect.poll(() => refusal(source), { timeout: 30_000, interval: 500 }).toBe('opened');
    },
  );

  it('with more partitions than wanted are refused: keys would change their places', { timeout: 60_000 }, async () => {
    const source = sourceOf(kafka, 'many.', TOPICS);
    await open(source);
    const fewer = { ...source, topics: TOPICS.map((topic) => ({ ...topic, partitions: 1 })) };
    expect(await refusal(fewer)).toMatchObject({ code: 'LOG_PARTITIONS', details: { topic: 'many.events', stored: 4, wanted: 1 } });
  });

  it('that need more brokers than there are say so', { timeout: 60_000 }, async () => {
    expect(await refusal({ ...sourceOf(kafka, 'five.', TOPICS), replicas: 5 })).toMatchObject({
      code: 'LOG_TOPICS',
      message: expect.stringContaining('VONG_KAFKA_REPLICAS=3 (there are 3 brokers)'),
    });
  });

  it('count what the brokers have removed, and reading goes on at the first record kept', { timeout: 60_000 }, async () => {
    const topics: TopicConfig[] = [{ name: 'events', partitions: 1, retention: {} }];
    const log = await connectKafka(sourceOf(kafka, 'old.', topics), { clock: systemClock });
    await log.append({ batches: [{ topic: 'events', records: records(10) }] });
    expect(await log.retain()).toEqual({ deletedRecords: 0 });
    const json = JSON.stringify({ partitions: [{ topic: 'old.events', partition: 0, offset: 7 }], version: 1 });
    await kafka.run(`echo '${json}' > old.json && ${tool('kafka-delete-records.sh')} --offset-json-file old.json`);
    expect(await log.retain()).toEqual({ deletedRecords: 7 });
    expect(await log.retain()).toEqual({ deletedRecords: 0 });
    const page = await log.read({ topic: 'events', partition: 0, offset: 2, maxRecords: 100 });
    expect(page.records.map(({ offset }) => offset)).toEqual([7, 8, 9]);
    expect(page.nextOffset).toBe(10);
    expect(await log.waitForData({ topic: 'events', next: new Map([[0, 2]]), timeoutMs: 20_000 })).toBe(true);
    // Beyond the end (the topic was made anew): back to the end.
    expect(await log.read({ topic: 'events', partition: 0, offset: 99, maxRecords: 5 })).toEqual({ records: [], nextOffset: 10 });
    expect(await log.waitForData({ topic: 'events', next: new Map([[0, 99]]), timeoutMs: 300 })).toBe(false);
    expect((await log.partitions('events'))[0]).toMatchObject({ startOffset: 7, endOffset: 10 });
    expect((await log.partitions('events'))[0]!.bytes).toBeGreaterThan(0);
    await log.close();
  });
});
