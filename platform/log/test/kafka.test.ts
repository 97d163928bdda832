import { afterAll, beforeAll, describe } from 'vitest';
import { startKafka, type KafkaServer } from '../../../deploy/testbed/kafka.ts';
import { connectLog } from '../index.ts';
import { logConformance } from './conformance.ts';
import { missing, sourceOf, why } from './kafka-setup.ts';

describe.skipIf(missing !== undefined)(`the log on Kafka conforms${why}`, () => {
  let kafka: KafkaServer;
  beforeAll(async () => {
    // Retention looks for the first time when the tests are over.
    kafka = await startKafka({ settings: { 'log.initial.task.delay.ms': 3_600_000 } });
  }, 120_000);
  afterAll(async () => await kafka.stop());
  logConformance(async ({ name, topics, clock }) => await connectLog(sourceOf(kafka, `${name}.`, topics), { clock }), { retains: false });
});
