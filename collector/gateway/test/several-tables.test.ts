/** Gateways and consoles on one state all bring dead letters into its table. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock as clock } from '@vong/platform/clock';
import type { Live } from '@vong/platform/live';
import { openLog, type Log } from '@vong/platform/log';
import { openTestState } from '@vong/platform/state/testing';
import type { DeadLetter } from '../batch.ts';
import { DeadLetters } from '../dead-letters.ts';
import { agentsModule } from '../index.ts';
import type { GatewayTables } from '../schema.ts';
import { TOPICS } from './setup.ts';

const letter = (id: string): DeadLetter => ({
  id,
  agency: 'vn',
  agent: 'a',
  agentName: 'a',
  code: 'INGEST_LINE_NOT_JSON',
  reason: 'r',
  at: 1,
  raw64: '',
  bytes: 0,
});

test('a dead letter is announced once, and one that was slow does not take the table back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vong-letters-'));
  const log = openLog({ path: join(folder, 'log.db'), topics: TOPICS, clock });
  const state = await openTestState({ modules: [agentsModule], clock });
  const told: string[] = [];
  const live: Live = {
    record: async (_trx, changes) => void told.push(...[changes].flat().map(({ key }) => key)),
    announce: () => undefined,
    close: async () => undefined,
  };
  const replay = async (): Promise<never> => await Promise.reject(new Error('not asked for'));
  const add = async (...ids: string[]): Promise<void> => {
    const records = ids.map((id) => ({ key: 'vn', value: Buffer.from(JSON.stringify(letter(id))) }));
    await log.append({ batches: [{ topic: 'dead-letters', records }] });
  };
  const next = async (): Promise<number[]> =>
    (await state.system<GatewayTables>().selectFrom('dead_letter_offsets').selectAll().execute()).map((row) => row.next);

  const quick = new DeadLetters({ state, clock, live, log, replay });
  /** Has read, and is slow to store: meanwhile another stores the same, and more. */
  const slowLog: Log = {
    ...log,
    partitions: (topic) => log.partitions(topic),
    commit: (commits) => log.commit(commits),
    read: async (request) => {
      const found = await log.read(request);
      await quick.materialise();
      await add('three');
      await quick.materialise();
      return found;
    },
  };
  const slow = new DeadLetters({ state, clock, live, log: slowLog, replay });
  await add('one', 'two');
  expect(await slow.materialise()).toBe(0);
  expect(told).toEqual(['one', 'two', 'three']);
  expect(await next()).toEqual([3]);
  await add('four');
  expect(await quick.materialise()).toBe(1);
  expect(told).toEqual(['one', 'two', 'three', 'four']);
  await log.close();
  await state.close();
  rmSync(folder, { recursive: true, force: true });
});
