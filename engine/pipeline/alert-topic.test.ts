import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { systemClock as clock } from '@vong/platform/clock';
import { liveModule, type ChangeTables } from '@vong/platform/live';
import { openLog, type Log } from '@vong/platform/log';
import { openTestState } from '@vong/platform/state/testing';
import { alertTopicModule, publishAlerts } from './alert-topic.ts';

it('sends every change of an alert to the topic in order, nothing else, and again what a crash left unnoted', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vong-alert-topic-'));
  const log = openLog({ path: join(folder, 'log.db'), topics: [{ name: 'alerts', partitions: 1, retention: {} }], clock });
  const state = await openTestState({ modules: [liveModule, alertTopicModule], clock });
  const write = async (from: number, to: number): Promise<void> => {
    const values = Array.from({ length: to - from }, (_, i) => ({
      kind: (from + i) % 3 === 0 ? ('agent' as const) : ('alert' as const),
      agency: 'bo-a',
      key: `a${(from + i) % 7}`,
      body: JSON.stringify({ n: from + i }),
      at: 1,
    }));
    await state.system<ChangeTables>().insertInto('changes').values(values).execute();
  };
  const drain = async (to: Pick<Log, 'append'>): Promise<void> => {
    while ((await publishAlerts({ log: to, state })) > 0);
  };
  const sent = async (): Promise<number[]> => {
    const { records } = await log.read({ topic: 'alerts', partition: 0, offset: 0, maxRecords: 5000 });
    return records.map(({ value }) => (JSON.parse(Buffer.from(value).toString()) as { n: number }).n);
  };
  const alerts = Array.from({ length: 1200 }, (_, n) => n).filter((n) => n % 3 !== 0);
  await write(0, 1200);
  await drain(log);
  expect(await sent()).toEqual(alerts);
  await write(1200, 1203);
  const appendedThenDied: Pick<Log, 'append'> = {
    append: async (request) => {
      await log.append(request);
      throw new Error('the power went');
    },
  };
  await expect(drain(appendedThenDied)).rejects.toThrow('power');
  await drain(log);
  expect(await sent()).toEqual([...alerts, 1201, 1202, 1201, 1202]);
  await log.close();
  await state.close();
  rmSync(folder, { recursive: true });
});
