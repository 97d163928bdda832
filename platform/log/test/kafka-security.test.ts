import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startKafka, type KafkaServer } from '../../../deploy/testbed/kafka.ts';
import { systemClock } from '../../clock/index.ts';
import { connectKafka, type KafkaSource } from '../kafka/index.ts';
import type { TopicConfig } from '../index.ts';
import { readAll, records } from './conformance.ts';
import { missing, sourceOf, why } from './kafka-setup.ts';

const TOPICS: readonly TopicConfig[] = [{ name: 'signals', partitions: 1, retention: {} }];
const USER = { username: 'vong', password: 'correct-horse=1' };

describe.skipIf(missing !== undefined)(`Kafka behind TLS and SASL${why}`, () => {
  let kafka: KafkaServer;
  beforeAll(async () => void (kafka = await startKafka({ tls: true, sasl: USER })), 120_000);
  afterAll(async () => await kafka.stop());

  function source(prefix: string, changes: Partial<KafkaSource> = {}): KafkaSource {
    const { ca = '' } = kafka;
    const base = sourceOf(kafka, prefix, TOPICS);
    return { ...base, patienceMs: 3000, tls: { ca }, sasl: { mechanism: 'SCRAM-SHA-512', ...USER }, ...changes };
  }

  it.for(['SCRAM-SHA-256', 'SCRAM-SHA-512', 'PLAIN'] as const)('takes and gives records for a user known by %s', async (mechanism) => {
    const log = await connectKafka(source(`${mechanism}.`, { sasl: { mechanism, ...USER } }), { clock: systemClock });
    const assigned = Promise.withResolvers<readonly number[]>();
    const member = await log.join({
      group: 'alerter',
      topic: 'signals',
      onAssigned: (partitions) => {
        assigned.resolve(partitions);
        return Promise.resolve();
      },
      onRevoked: () => Promise.resolve(),
    });
    await log.append({ batches: [{ topic: 'signals', records: records(100) }], producer: { id: 'agent', sequence: 0 } });
    expect(await readAll(log, 'signals')).toHaveLength(100);
    expect(await assigned.promise).toEqual([0]);
    await member.leave();
    await log.close();
  });

  const connect = (wrong: KafkaSource): Promise<unknown> => connectKafka(wrong, { clock: systemClock }).catch((error: unknown) => error);

  it('refuses a wrong password at once, in words', async () => {
    const started = performance.now();
    const error = await connect(
      source('x.', { patienceMs: 60_000, sasl: { mechanism: 'SCRAM-SHA-256', username: 'vong', password: 'no' } }),
    );
    expect(error).toMatchObject({ code: 'LOG_DENIED' });
    expect(String(error)).toContain('VONG_KAFKA_PASSWORD');
    expect(String(error)).not.toContain('"no"');
    expect(performance.now() - started).toBeLessThan(30_000);
  });

  it('does not speak to a broker whose certificate nobody known has signed, nor without TLS, nor without a name', async () => {
    expect(await connect(source('x.', { tls: {} }))).toMatchObject({
      code: 'LOG_UNAVAILABLE',
      message: expect.stringMatching(/certificate/),
    });
    const { tls: _tls, ...plain } = source('x.');
    expect(await connect(plain)).toMatchObject({ code: expect.stringMatching(/LOG_UNAVAILABLE|LOG_DENIED/) });
    const { sasl: _sasl, ...nameless } = source('x.');
    expect(await connect(nameless)).toMatchObject({ code: expect.stringMatching(/LOG_UNAVAILABLE|LOG_DENIED/) });
  });
});
