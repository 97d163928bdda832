import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterMissing } from '../deploy/testbed/cluster.ts';
import { smallDisk } from '../deploy/testbed/small-disk.ts';
import { sharedPresent } from '../deploy/testbed/shared.ts';
import { startServer, type TestServer } from '../deploy/testbed/vong.ts';
import { TestCluster } from '../deploy/testbed/product-cluster.ts';
import { lineTo } from './harness/cut.ts';
import { emptyFile, killProcess, numberedEvents, startAgentProcess, writeSteadily } from './harness/feed.ts';
import { allAlerts, comparable, drained, enrol, importRules, sigmaCorpus, temporaryDirectory, unequal } from './harness/product.ts';

const RATE = 3000;
const SECONDS = 5;
const NAME = 'faults';
const missing = sharedPresent ? await clusterMissing() : 'shared data are absent';
/** A broken part of a cluster in CI is a failure, not something to pass over. */
const able = missing === '' || process.env['CI'] === 'true';

interface Fault {
  readonly name: string;
  /** Happens while events are written. */
  readonly happen: (cluster: TestCluster) => Promise<void>;
  /** How long events are written; default 5 s. */
  readonly seconds?: number;
}

const killed = (role: 'gateway' | 'detector' | 'alerter' | 'indexer' | 'console' | 'jobs'): Fault => ({
  name: `kill -9 of ${role === 'alerter' || role === 'indexer' ? 'an' : 'a'} ${role}`,
  happen: async (cluster) => {
    await sleep(3000);
    await cluster.restart(role, 'SIGKILL');
  },
});

const serverKilled = (name: 'kafka' | 'elasticsearch' | 'redis' | 'postgres'): Fault => ({
  name: `kill -9 and restart of ${name}`,
  happen: async ({ servers }) => {
    await sleep(3000);
    await servers[name].kill();
    await sleep(1000);
    await servers[name].restart();
  },
});

const FAULTS: readonly Fault[] = [
  ...(['gateway', 'detector', 'alerter', 'indexer', 'console', 'jobs'] as const).map(killed),
  ...(['kafka', 'elasticsearch', 'redis', 'postgres'] as const).map(serverKilled),
  {
    name: 'a broker that hangs for 30 s',
    happen: async ({ servers }) => {
      await sleep(3000);
      servers.kafka.pause();
      await sleep(30_000);
      servers.kafka.resume();
    },
  },
  {
    name: 'a rebalance every 5 s for a minute',
    seconds: 60,
    happen: async (cluster) => {
      for (let turn = 0; turn < 6; turn++) {
        const coming = cluster.add('detector');
        await Promise.all([coming, sleep(5000)]);
        await Promise.all([cluster.remove('detector'), sleep(5000)]);
      }
    },
  },
  {
    name: 'Elasticsearch answering 429 to all, then to half of the bulk requests',
    happen: async ({ proxy }) => {
      const before = proxy.refused;
      proxy.refuse(1);
      await sleep(4000);
      proxy.refuse(0.5);
      await sleep(6000);
      proxy.refuse(0);
      expect(proxy.refused).toBeGreaterThan(before);
    },
  },
  {
    name: 'a rolling restart of every role',
    seconds: 20,
    happen: async (cluster) => {
      for (const role of ['gateway', 'detector', 'detector', 'alerter', 'indexer', 'jobs', 'console'] as const) {
        await cluster.restart(role, 'SIGTERM');
      }
    },
  },
];

/** For an agent: little more than what a spool leaves free. */
const SMALL = '80m';

/** Events whose record id is in the range, counted by the product. */
async function countBetween(server: TestServer, from: number, to: number): Promise<number> {
  const params = new URLSearchParams({
    q: `winlog.record_id > ${from} and winlog.record_id <= ${to}`,
    from: '0',
    to: String(Date.UTC(2100, 0)),
  });
  return (await server.call<{ total: number }>(`/api/events/histogram?${params.toString()}`)).total;
}

/** Waits until that many are found, as long as there come more of them; more than that are too many. */
async function untilCounted(cluster: TestCluster, from: number, to: number): Promise<number> {
  let before = -1;
  let deadline = 0;
  for (;;) {
    const now = await countBetween(cluster.server, from, to).catch((error: unknown) => {
      // A console or a store that is away now is what is being tested; a question it cannot understand is not.
      if (String(error).includes(': 400 ')) throw error;
      return before;
    });
    if (now >= to - from) return now;
    if (now !== before) deadline = performance.now() + 120_000;
    before = now;
    if (performance.now() > deadline) throw new Error(`${now} of ${to - from} events were found\n${cluster.output()}`);
    await sleep(500);
  }
}

interface FarAgent {
  /** Ten minutes after the cut at the earliest: the range of record ids that were written meanwhile. */
  mend(): Promise<{ from: number; to: number }>;
  stop(): Promise<void>;
}

/** An agent that is cut off once its first events are there, and goes on reading meanwhile. Its alerts are another agency's. */
async function startFarAgent(cluster: TestCluster, folder: string): Promise<FarAgent> {
  const [from, rate, offlineMs] = [20_000_000, 100, 600_000];
  const file = emptyFile(folder, 'far.ndjson');
  const line = await lineTo(cluster.frontDoor);
  const token = await enrol(cluster.server, 'far', await ministry(cluster, 'bo-b'));
  const agent = startAgentProcess({ file, data: join(folder, 'far-agent'), url: line.url, token });
  await writeSteadily(file, numberedEvents(from, from + 500), 1000);
  await untilCounted(cluster, from, from + 500);
  line.cut();
  const cutAt = performance.now();
  const to = from + 500 + (rate * offlineMs) / 1000;
  const writing = writeSteadily(file, numberedEvents(from + 500, to), rate);
  return {
    mend: async () => {
      await writing;
      await sleep(Math.max(0, offlineMs - (performance.now() - cutAt)));
      line.mend();
      return { from, to };
    },
    stop: async () => {
      await killProcess(agent);
      await line.close();
    },
  };
}

async function ministry(cluster: TestCluster, code: string): Promise<string> {
  await cluster.server.call('/api/agencies', {
    method: 'POST',
    body: { code, nameVi: code, nameEn: code, kind: 'ministry', parent: 'vn' },
  });
  return code;
}

describe.skipIf(!able)(`a cluster on real servers under 3,000 events/s${missing === '' ? '' : ` (${missing})`}`, () => {
  let cluster: TestCluster;
  let folder: Awaited<ReturnType<typeof temporaryDirectory>>;
  let file: string;
  let written = 0;
  let agent: ReturnType<typeof startAgentProcess> | undefined;
  let disk: ReturnType<typeof smallDisk>;
  let small: ReturnType<typeof startAgentProcess> | undefined;
  let far: FarAgent | undefined;

  beforeAll(async () => {
    folder = await temporaryDirectory('faults');
    file = emptyFile(folder.path, 'windows.ndjson');
    cluster = await TestCluster.start({ partitions: 4 });
    await importRules(cluster.server, await sigmaCorpus());
    const token = await enrol(cluster.server, NAME);
    agent = startAgentProcess({ file, data: join(folder.path, 'agent'), url: cluster.frontDoor, token });
    far = await startFarAgent(cluster, folder.path);
  }, 600_000);

  afterAll(async () => {
    if (agent !== undefined) await killProcess(agent);
    await far?.stop();
    await cluster?.stop();
    if (small !== undefined) await killProcess(small);
    disk?.unmount();
    await folder.remove();
  }, 120_000);

  async function under(fault: Fault): Promise<void> {
    const from = written;
    written += RATE * (fault.seconds ?? SECONDS);
    await Promise.all([writeSteadily(file, numberedEvents(from, written), RATE), fault.happen(cluster)]);
    expect(await untilCounted(cluster, from, written)).toBe(written - from);
    await drained(cluster.server, 120_000);
  }

  it.each(FAULTS)('stores every event once through $name', { timeout: 900_000 }, async (fault) => {
    await under(fault);
  });

  it('stores every event once through ten minutes without a network between agent and gateway', { timeout: 900_000 }, async () => {
    const { from, to } = await (far as FarAgent).mend();
    expect(await untilCounted(cluster, from, to)).toBe(to - from);
  });

  it('stores every event once through a full disk at the agent', { timeout: 600_000 }, async (context) => {
    disk = smallDisk(SMALL);
    context.skip(disk === undefined, 'needs the right to mount');
    const place = disk?.path ?? '';
    const own = emptyFile(folder.path, 'small-disk.ndjson');
    const token = await enrol(cluster.server, 'small-disk', await ministry(cluster, 'bo-a'));
    const [gateway] = cluster.of('gateway');
    gateway?.pause();
    const from = 10_000_000;
    const lines = numberedEvents(from, from + 30_000);
    small = startAgentProcess({ file: own, data: join(place, 'agent'), url: cluster.frontDoor, token });
    await writeSteadily(own, lines.slice(0, 20_000), 10_000);
    // Whatever room is left is taken as well: the spool can write nothing at all.
    await sleep(2000);
    const ballast = join(place, 'ballast');
    try {
      for (;;) writeFileSync(ballast, Buffer.alloc(64 * 1024), { flag: 'a' });
    } catch {
      // Full.
    }
    await writeSteadily(own, lines.slice(20_000), 10_000);
    gateway?.resume();
    await sleep(2000);
    rmSync(ballast);
    expect(await untilCounted(cluster, from, from + 30_000)).toBe(30_000);
  });

  it('raised the alerts of one undisturbed embedded node', { timeout: 900_000 }, async () => {
    await drained(cluster.server, 120_000);
    const alerts = comparable((await allAlerts(cluster.server)).filter(({ agency }) => agency === 'vn'));
    const calm = await startServer({ data: join(folder.path, 'calm') });
    await importRules(calm, await sigmaCorpus());
    const token = await enrol(calm, NAME);
    const reader = startAgentProcess({ file, data: join(folder.path, 'calm-agent'), url: calm.url, token });
    for (let stored = -1; stored < written; await sleep(500)) {
      await drained(calm);
      stored = (await calm.call<{ store: { events: number } }>('/api/pipeline')).store.events;
    }
    await drained(calm);
    const expected = comparable(await allAlerts(calm));
    await killProcess(reader);
    await calm.stop();
    expect(expected.length).toBeGreaterThan(10);
    expect(unequal(alerts, expected)).toEqual({ left: [], right: [] });
  });
});
