import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRecording } from '@vong/range/recordings';
import { replayFile } from '@vong/range/replay';
import { sharedPath, sharedPresent } from '../deploy/testbed/shared.ts';
import { startServer, type TestServer } from '../deploy/testbed/vong.ts';
import { allAlerts, allEvents, comparable, drained, enrol, importRules, sigmaCorpus, temporaryDirectory } from './harness/product.ts';

const file = sharedPath('data', 'otrf', 'atomic', 'windows', 'defense_evasion', 'host', 'cmd_wevtutil_modify_security_eventlog_path.zip');
/** As INDEX.csv of the shared data counts them. */
const EVENTS = 25_208;

async function play(data: string): Promise<{ server: TestServer; sent: number }> {
  const server = await startServer({ data });
  await importRules(server, await sigmaCorpus());
  const token = await enrol(server, 'recording');
  const { sent } = await replayFile({ file, server: server.url, token, speed: 0, shiftTime: false });
  await drained(server);
  return { server, sent };
}

describe.skipIf(!sharedPresent)('a recording of 25,000 events replayed at full speed', () => {
  const runs: { server: TestServer; sent: number; remove: () => Promise<void> }[] = [];

  beforeAll(async () => {
    for (const name of ['recording-a', 'recording-b']) {
      const data = await temporaryDirectory(name);
      runs.push({ ...(await play(data.path)), remove: data.remove });
    }
  }, 300_000);

  afterAll(async () => {
    for (const run of runs) {
      await run.server.stop();
      await run.remove();
    }
  });

  it('has every event searchable exactly once', async () => {
    const server = runs[0]!.server;
    const events = await allEvents(server);
    expect(runs[0]!.sent).toBe(EVENTS);
    expect(events).toHaveLength(EVENTS);
    expect(new Set(events.map(({ event }) => event.id)).size).toBe(EVENTS);
    const raw = new Map<string, number>();
    for await (const record of openRecording(file)) raw.set(record.raw, (raw.get(record.raw) ?? 0) + 1);
    for (const { event } of events) raw.set(event.original, (raw.get(event.original) ?? 0) - 1);
    expect([...raw.values()].filter((count) => count !== 0)).toEqual([]);
  }, 120_000);

  it('raises the same alerts in two runs', async () => {
    const [a, b] = await Promise.all(runs.map(async ({ server }) => comparable(await allAlerts(server))));
    expect(a!.length).toBeGreaterThan(10);
    expect(b).toEqual(a);
  }, 60_000);
});
