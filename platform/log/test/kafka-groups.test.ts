import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startKafka, type KafkaServer } from '../../../deploy/testbed/kafka.ts';
import { systemClock } from '../../clock/index.ts';
import { hasCode } from '../../errors/index.ts';
import { connectLog, OwnedPartitions, type Log, type Membership, type TopicConfig } from '../index.ts';
import { readAll, records } from './conformance.ts';
import { missing, sourceOf, why } from './kafka-setup.ts';

const PARTITIONS = 6;
const TOPICS: readonly TopicConfig[] = [
  { name: 'events', partitions: PARTITIONS, retention: {} },
  { name: 'signals', partitions: 2, retention: {} },
];

/** A member that keeps account of what it owns, and of every hand-over in a list it shares with the others. */
interface TestMember {
  readonly log: Log;
  readonly owned: Set<number>;
  readonly membership: Membership;
  /** Awaited by `onRevoked`. */
  hold: Promise<void>;
}

describe.skipIf(missing !== undefined)(`a consumer group on Kafka${why}`, () => {
  let kafka: KafkaServer;
  const opened: Log[] = [];
  const children: ChildProcess[] = [];
  /** Partition → the member that has it: two at a time would be an error of the log. */
  let owners = new Map<number, string>();

  beforeAll(async () => void (kafka = await startKafka()), 120_000);
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(opened.map((log) => log.close()));
    await kafka.stop();
  });

  async function open(prefix: string): Promise<Log> {
    const log = await connectLog(sourceOf(kafka, prefix, TOPICS), { clock: systemClock });
    opened.push(log);
    return log;
  }

  async function member(prefix: string, name: string): Promise<TestMember> {
    const log = await open(prefix);
    const owned = new Set<number>();
    const state = { log, owned, hold: Promise.resolve() };
    const membership = await log.join({
      group: 'detector',
      topic: 'events',
      onAssigned: async (partitions) => {
        for (const partition of partitions) {
          expect(owners.get(partition)).toBeUndefined();
          owners.set(partition, name);
          owned.add(partition);
        }
        await Promise.resolve();
      },
      onRevoked: async (partitions) => {
        await state.hold;
        for (const partition of partitions) {
          expect(owners.get(partition)).toBe(name);
          owners.delete(partition);
          owned.delete(partition);
        }
      },
    });
    return Object.assign(state, { membership });
  }

  const commitOf = (partition: number, offset = 1) => [{ group: 'detector', topic: 'events' as const, partition, offset }];
  const shares = (...members: TestMember[]) => members.map(({ owned }) => owned.size).toSorted((a, b) => a - b);

  it('has every partition read by one member, however many come and go', { timeout: 60_000 }, async () => {
    owners = new Map();
    const [a, b] = [await member('share.', 'a'), await member('share.', 'b')];
    await expect.poll(() => shares(a, b), { timeout: 20_000 }).toEqual([3, 3]);
    const c = await member('share.', 'c');
    await expect.poll(() => shares(a, b, c), { timeout: 20_000 }).toEqual([2, 2, 2]);
    await c.membership.leave();
    expect(c.owned.size).toBe(0);
    await expect.poll(() => shares(a, b), { timeout: 20_000 }).toEqual([3, 3]);
    await Promise.all([a.membership.leave(), b.membership.leave()]);
    expect(owners.size).toBe(0);
  });

  it('gives a partition to another only once it was given up, and its old owner may commit until then', { timeout: 60_000 }, async () => {
    owners = new Map();
    const a = await member('handover.', 'a');
    await expect.poll(() => shares(a), { timeout: 20_000 }).toEqual([PARTITIONS]);
    const held = Promise.withResolvers<void>();
    a.hold = held.promise;
    const b = await member('handover.', 'b');
    // Longer than a session and several heartbeats: what is being given up stays with its owner, who is not taken for dead.
    await pause(10_000);
    expect(shares(a, b)).toEqual([0, PARTITIONS]);
    await a.log.commit(Array.from({ length: PARTITIONS }, (_, partition) => commitOf(partition, 5)).flat());
    held.resolve();
    await expect.poll(() => shares(a, b), { timeout: 20_000 }).toEqual([3, 3]);
    const [lost = -1] = b.owned;
    await expect(a.log.commit(commitOf(lost))).rejects.toSatisfy((error) => hasCode(error, 'LOG_FENCED'));
    const refused = a.log.append({ batches: [{ topic: 'signals', records: records(3) }], commits: commitOf(lost) });
    await expect(refused).rejects.toSatisfy((error) => hasCode(error, 'LOG_FENCED'));
    expect(await readAll(a.log, 'signals')).toEqual([]);
    await b.log.commit(commitOf(lost, 7));
    expect((await a.log.committed('detector', 'events')).get(lost)).toBe(7);
    await Promise.all([a.membership.leave(), b.membership.leave()]);
  });

  it('has every record handled once while members come and go under load', { timeout: 90_000 }, async () => {
    const source = await open('load.');
    const stays = [await worker('load.'), await worker('load.')];
    let sent = 0;
    for (let round = 0; round < 6; round++) {
      const guest = await worker('load.');
      for (let i = 0; i < 30; i++) {
        await source.append({ batches: [{ topic: 'events', records: records(20, (n) => `host-${n}`, sent) }] });
        sent += 20;
        await pause(30);
      }
      await guest.leave();
    }
    const handled = async () => [...(await readAll(source, 'signals', 0)), ...(await readAll(source, 'signals', 1))];
    await expect.poll(async () => (await handled()).length, { timeout: 30_000 }).toBeGreaterThanOrEqual(sent);
    await Promise.all(stays.map((each) => each.leave()));
    const values = (await handled()).map(({ value }) => Number(Buffer.from(value).toString().slice(6))).toSorted((a, b) => a - b);
    expect(values).toEqual(Array.from({ length: sent }, (_, index) => index));
  });

  /** Reads what it owns, and appends each record to `signals` together with the offset. */
  async function worker(prefix: string) {
    const log = await open(prefix);
    const own = new OwnedPartitions(log, { group: 'detector', topic: 'events', startAt: () => log.committed('detector', 'events') });
    const stop = new AbortController();
    await own.join();
    const running = (async () => {
      while (!stop.signal.aborted) {
        await own.work(async () => {
          for (const [partition, offset] of own.next) {
            const page = await log.read({ topic: 'events', partition, offset, maxRecords: 50 });
            if (page.nextOffset === offset) continue;
            const commits = [{ group: 'detector', topic: 'events' as const, partition, offset: page.nextOffset }];
            await log.append({ batches: [{ topic: 'signals', records: page.records }], commits });
            own.next.set(partition, page.nextOffset);
          }
        });
        await own.wait(500, stop.signal);
      }
    })();
    const leave = async (): Promise<void> => {
      stop.abort();
      await running;
      await own.leave();
      await log.close();
    };
    return { leave };
  }

  it('takes no commit from a log outside while it has members, and any when it has none', { timeout: 60_000 }, async () => {
    owners = new Map();
    const a = await member('outside.', 'a');
    await expect.poll(() => shares(a), { timeout: 20_000 }).toEqual([PARTITIONS]);
    const outside = await open('outside.');
    await expect(outside.commit(commitOf(0))).rejects.toSatisfy((error) => hasCode(error, 'LOG_FENCED'));
    await a.membership.leave();
    await outside.commit(commitOf(0, 9));
    expect([...(await outside.committed('detector', 'events'))]).toEqual([[0, 9]]);
  });

  it(
    'gives the partitions of a member that hangs or dies to the others within seconds, and takes no late commit of it',
    { timeout: 90_000 },
    async () => {
      owners = new Map();
      const b = await member('dead.', 'b');
      const hung = await otherProcess('dead.');
      await expect.poll(() => hung.owned().length, { timeout: 20_000 }).toBe(3);
      const [own = -1] = hung.owned();
      hung.child.kill('SIGSTOP');
      await expect.poll(() => shares(b), { timeout: 20_000 }).toEqual([PARTITIONS]);
      await b.log.commit(commitOf(own, 8));
      hung.child.stdin.write(`${own}\n`);
      hung.child.kill('SIGCONT');
      await expect.poll(() => hung.lines.find((line) => line.startsWith('commit')), { timeout: 20_000 }).toBe('commit LOG_FENCED');
      expect((await b.log.committed('detector', 'events')).get(own)).toBe(8);
      // It is taken in again as a new member.
      await expect.poll(() => [hung.owned().length, b.owned.size], { timeout: 20_000 }).toEqual([3, 3]);
      hung.child.kill('SIGKILL');
      await expect.poll(() => shares(b), { timeout: 20_000 }).toEqual([PARTITIONS]);
      await b.membership.leave();
    },
  );

  async function otherProcess(prefix: string) {
    const source = JSON.stringify(sourceOf(kafka, prefix, TOPICS));
    const child = spawn(process.execPath, [join(import.meta.dirname, 'kafka-member.ts'), source], { stdio: ['pipe', 'pipe', 'inherit'] });
    children.push(child);
    const lines: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
    const owned = () => (lines.findLast((line) => line.startsWith('owns')) ?? '').slice(5).split(',').filter(Boolean).map(Number);
    return { child, lines, owned };
  }
});
