import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { systemClock } from '../clock/index.ts';
import type { GroupRequest, Log } from './contract.ts';
import { openLog } from './embedded.ts';
import { logError } from './errors.ts';
import { OwnedPartitions } from './owned.ts';
import { TOPICS } from './test/topics.ts';

const folder = mkdtempSync(join(tmpdir(), 'vong-owned-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A log whose group the test itself directs. */
function directed(): { log: Log; member: () => GroupRequest } {
  const log = openLog({ path: join(folder, 'log.db'), topics: TOPICS, clock: systemClock });
  let request: GroupRequest | undefined;
  const join_ = (given: GroupRequest) => {
    request = given;
    return Promise.resolve({ leave: () => given.onRevoked([0, 1]) });
  };
  const member = (): GroupRequest => {
    if (request === undefined) throw new Error('nobody joined');
    return request;
  };
  return { log: { ...log, join: join_ }, member };
}

describe('owned partitions', () => {
  it('are given up only after the round that works on them, and after what goes on behind it', async () => {
    const { log, member } = directed();
    const seen: string[] = [];
    const own = new OwnedPartitions(log, {
      group: 'g',
      topic: 'events',
      startAt: () => Promise.resolve(new Map([[1, 7]])),
      settle: () => Promise.resolve(void seen.push('settled')),
    });
    await own.join();
    await member().onAssigned([0, 1]);
    expect(own.next).toEqual(
      new Map([
        [0, 0],
        [1, 7],
      ]),
    );
    const { promise, resolve } = Promise.withResolvers<void>();
    const round = own.work(async () => {
      await promise;
      seen.push('round');
      return 'done';
    });
    const revoked = member()
      .onRevoked([1])
      .then(() => seen.push('revoked'));
    await Promise.resolve();
    expect(own.next.has(1)).toBe(true);
    resolve();
    expect(await round).toBe('done');
    await revoked;
    expect(seen).toEqual(['round', 'settled', 'revoked']);
    expect([...own.next.keys()]).toEqual([0]);
    await own.leave();
    expect(own.next.size).toBe(0);
    await log.close();
  });

  it('begin again where things stand when a round was fenced off, and let other failures through', async () => {
    const { log, member } = directed();
    let stands = 3;
    let taken = 0;
    const startAt = () => Promise.resolve(new Map([[0, stands]]));
    const own = new OwnedPartitions(log, { group: 'g', topic: 'events', startAt, onTaken: () => void taken++ });
    await own.join();
    await member().onAssigned([0]);
    own.next.set(0, 5);
    stands = 9;
    const fenced = own.work(() => Promise.reject(logError('LOG_FENCED', { partition: 0, topic: 'events', group: 'g' })));
    expect(await fenced).toBeUndefined();
    expect(own.next.get(0)).toBe(9);
    expect(taken).toBe(2);
    await expect(own.work(() => Promise.reject(new Error('the power went')))).rejects.toThrow('power');
    await log.close();
  });
});
