import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { freePort } from '../deploy/testbed/native.ts';
import { sharedPresent } from '../deploy/testbed/shared.ts';
import { startServer, type TestServer } from '../deploy/testbed/vong.ts';
import { emptyFile, killProcess, numberedEvents, startAgentProcess, writeSteadily } from './harness/feed.ts';
import {
  allAlerts,
  allEvents,
  comparable,
  drained,
  enrol,
  importRules,
  sigmaCorpus,
  temporaryDirectory,
  unequal,
} from './harness/product.ts';

const RATE = 5000;
const SECONDS = 40;
const KILLS = 10;
/** The agent may still hold some of them: given up when nothing new came for a minute. */
async function waitForEvents(server: TestServer, count: number): Promise<void> {
  let before = -1;
  let deadline = 0;
  for (;;) {
    await drained(server);
    const { store } = await server.call<{ store: { events: number } }>('/api/pipeline');
    // What came since the wait is stored and need not be detected yet.
    if (store.events >= count) return await drained(server);
    if (store.events !== before) deadline = performance.now() + 60_000;
    before = store.events;
    if (performance.now() > deadline) break;
    await sleep(200);
  }
  const status = JSON.stringify(await server.call('/api/pipeline'));
  throw new Error(`only ${status}; the server said:\n${server.output().slice(-4000)}`);
}

describe.skipIf(!sharedPresent)('kill -9 of agent and server at ten random moments under 5,000 events/s', () => {
  const removals: (() => Promise<void>)[] = [];
  afterAll(async () => {
    for (const remove of removals) await remove();
  });

  it('loses nothing, stores nothing twice, and raises the alerts of an undisturbed run', { timeout: 900_000 }, async () => {
    const lines = numberedEvents(0, RATE * SECONDS);
    const disturbed = await temporaryDirectory('crash');
    const calm = await temporaryDirectory('calm');
    removals.push(disturbed.remove, calm.remove);
    const file = emptyFile(disturbed.path, 'windows.ndjson');
    const rules = await sigmaCorpus();

    const port = await freePort();
    const start = async (): Promise<TestServer> =>
      await startServer({ data: join(disturbed.path, 'server'), env: { VONG_LISTEN: `127.0.0.1:${port}` } });
    let server = await start();
    await importRules(server, rules);
    const run = { file, data: join(disturbed.path, 'agent'), url: server.url, token: await enrol(server, 'crash') };
    let agent = startAgentProcess(run);
    const writing = writeSteadily(file, lines, RATE);
    for (let i = 0; i < KILLS; i++) {
      await sleep(500 + Math.random() * ((SECONDS * 1000) / KILLS - 1500));
      if (i % 2 === 0) {
        await killProcess(agent);
        agent = startAgentProcess(run);
      } else {
        await server.kill();
        server = await start();
      }
    }
    await writing;
    await waitForEvents(server, lines.length);
    const seen = (await allEvents(server)).map((event) => event.winlog?.record_id ?? -1);
    const alerts = comparable(await allAlerts(server));
    await killProcess(agent);
    await server.stop();

    expect(seen).toHaveLength(lines.length);
    expect(new Set(seen).size).toBe(lines.length);

    const undisturbed = await startServer({ data: join(calm.path, 'server') });
    await importRules(undisturbed, rules);
    const calmRun = { file, data: join(calm.path, 'agent'), url: undisturbed.url, token: await enrol(undisturbed, 'crash') };
    const calmAgent = startAgentProcess(calmRun);
    await waitForEvents(undisturbed, lines.length);
    const expected = comparable(await allAlerts(undisturbed));
    await killProcess(calmAgent);
    await undisturbed.stop();
    expect(expected.length).toBeGreaterThan(10);
    expect(unequal(alerts, expected)).toEqual({ left: [], right: [] });
    expect(alerts).toHaveLength(expected.length);
  });
});
