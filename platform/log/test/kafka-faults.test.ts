import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startKafka, type KafkaServer } from '../../../deploy/testbed/kafka.ts';
import { systemClock } from '../../clock/index.ts';
import { connectKafka } from '../kafka/index.ts';
import type { Log, TopicConfig } from '../index.ts';
import { atEnd, readAll, records } from './conformance.ts';
import { missing, sourceOf, why } from './kafka-setup.ts';

const TOPICS: readonly TopicConfig[] = [
  { name: 'events', partitions: 3, retention: {} },
  { name: 'signals', partitions: 1, retention: {} },
];
const KEYS = 7;

/** Appends numbered records every few milliseconds, many at a time under way, until ended. */
function stream(log: Log): { end: () => Promise<void>; readonly stored: Set<number>; readonly refused: Set<number> } {
  const stored = new Set<number>();
  const refused = new Set<number>();
  const under: Promise<unknown>[] = [];
  let next = 0;
  const timer = setInterval(() => {
    for (let i = 0; i < 5; i++) {
      const number = next++;
      const record = { key: `host-${number % KEYS}`, value: Buffer.from(String(number)) };
      under.push(
        log.append({ batches: [{ topic: 'events', records: [record] }] }).then(
          () => stored.add(number),
          () => refused.add(number),
        ),
      );
    }
  }, 4);
  return {
    stored,
    refused,
    end: async () => {
      clearInterval(timer);
      await Promise.all(under);
    },
  };
}

/** The numbers in the topic: of each key in the order of their offsets, which have no gaps. */
async function numbers(log: Log): Promise<number[]> {
  const all: number[] = [];
  for (let partition = 0; partition < 3; partition++) {
    const found = await readAll(log, 'events', partition);
    expect(found.map(({ offset }) => offset)).toEqual(found.map((_, index) => index));
    for (const key of new Set(found.map((record) => record.key))) {
      const own = found.filter((record) => record.key === key).map(({ value }) => Number(Buffer.from(value).toString()));
      expect(own).toEqual(own.toSorted((a, b) => a - b));
    }
    all.push(...found.map(({ value }) => Number(Buffer.from(value).toString())));
  }
  return all.toSorted((a, b) => a - b);
}

async function until(stream: { readonly stored: Set<number> }, more: number): Promise<void> {
  const goal = stream.stored.size + more;
  await expect.poll(() => stream.stored.size, { timeout: 60_000 }).toBeGreaterThanOrEqual(goal);
}

describe.skipIf(missing !== undefined)(`the log on one broker of Kafka${why}`, () => {
  let kafka: KafkaServer;
  beforeAll(async () => void (kafka = await startKafka()), 120_000);
  afterAll(async () => await kafka.stop());
  const open = (prefix: string, patienceMs?: number) =>
    connectKafka({ ...sourceOf(kafka, prefix, TOPICS), ...(patienceMs === undefined ? {} : { patienceMs }) }, { clock: systemClock });

  it('has every record once and in order after the broker was killed twice during appends', { timeout: 120_000 }, async () => {
    const log = await open('killed.', 60_000);
    const appends = stream(log);
    for (let round = 0; round < 2; round++) {
      await until(appends, 200);
      await kafka.kill();
      await pause(300);
      await kafka.restart();
    }
    await until(appends, 200);
    await appends.end();
    expect(appends.refused.size).toBe(0);
    expect(await numbers(log)).toEqual([...appends.stored].toSorted((a, b) => a - b));
    await log.close();
  });

  it('has every record once and in order after the broker hung during appends', { timeout: 120_000 }, async () => {
    const log = await open('hung.', 60_000);
    const appends = stream(log);
    await until(appends, 200);
    kafka.pause();
    // Longer than a request may take: what was sent is sent again, and arrives twice.
    await pause(10_000);
    kafka.resume();
    await until(appends, 200);
    await appends.end();
    expect(appends.refused.size).toBe(0);
    expect(await numbers(log)).toEqual([...appends.stored].toSorted((a, b) => a - b));
    await log.close();
  });

  it(
    'refuses appends with LOG_UNAVAILABLE while the broker is away for longer than its patience, and recovers by itself',
    { timeout: 120_000 },
    async () => {
      const log = await open('away.', 1500);
      const member = await log.join({
        group: 'detector',
        topic: 'signals',
        onAssigned: () => Promise.resolve(),
        onRevoked: () => Promise.resolve(),
      });
      const appends = stream(log);
      await until(appends, 50);
      const waiting = log.waitForData({ ...(await atEnd(log)), timeoutMs: 60_000 });
      await kafka.kill();
      await expect.poll(() => appends.refused.size, { timeout: 20_000 }).toBeGreaterThan(50);
      const commit = { group: 'detector', topic: 'signals' as const, partition: 0, offset: 1 };
      const refused = [
        log.append({ batches: [{ topic: 'signals', records: records(1) }] }),
        log.read({ topic: 'signals', partition: 0, offset: 0, maxRecords: 1 }),
        log.commit([commit]),
        log.partitions('signals'),
        log.lastSequence('agent'),
      ];
      for (const each of await Promise.allSettled(refused)) {
        expect(each).toMatchObject({ reason: { code: 'LOG_UNAVAILABLE', status: 503, details: { retryAfterSeconds: 5 } } });
      }
      await kafka.restart();
      await until(appends, 50);
      await appends.end();
      // What was refused may have arrived; what was stored is there once.
      const found = await numbers(log);
      const kept = found.filter((number) => appends.stored.has(number));
      expect(kept).toEqual([...appends.stored].toSorted((a, b) => a - b));
      expect(found.filter((number) => !appends.refused.has(number) && !appends.stored.has(number))).toEqual([]);
      await log.append({ batches: [{ topic: 'signals', records: records(1) }] });
      expect(await waiting).toBe(true);
      await expect
        .poll(
          () =>
            log.commit([commit]).then(
              () => 'stored',
              (error: unknown) => error,
            ),
          { timeout: 30_000 },
        )
        .toBe('stored');
      await member.leave();
      await log.close();
    },
  );
});

describe.skipIf(missing !== undefined)(`the log on three brokers of Kafka${why}`, () => {
  let kafka: KafkaServer;
  beforeAll(async () => void (kafka = await startKafka({ brokers: 3 })), 180_000);
  afterAll(async () => await kafka.stop());

  it(
    'goes on, with every record once and in order, when one is killed, when one hangs, and after two were killed',
    { timeout: 180_000 },
    async () => {
      const log = await connectKafka({ ...sourceOf(kafka, '', TOPICS), patienceMs: 60_000 }, { clock: systemClock });
      const appends = stream(log);
      await until(appends, 200);
      await kafka.nodes[0]?.kill();
      await until(appends, 400);
      await kafka.nodes[0]?.restart();
      await until(appends, 200);
      kafka.nodes[1]?.pause();
      await until(appends, 400);
      kafka.nodes[1]?.resume();
      await until(appends, 200);
      // One of three is too few: nothing is stored until another is back, and what waited is.
      await Promise.all([kafka.nodes[1]?.kill(), kafka.nodes[2]?.kill()]);
      await pause(1000);
      const stored = appends.stored.size;
      await pause(3000);
      expect(appends.stored.size).toBe(stored);
      await Promise.all([kafka.nodes[1]?.restart(), kafka.nodes[2]?.restart()]);
      await until(appends, 200);
      await appends.end();
      expect(appends.refused.size).toBe(0);
      expect(await numbers(log)).toEqual([...appends.stored].toSorted((a, b) => a - b));
      await log.close();
    },
  );
});
