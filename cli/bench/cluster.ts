/**
 * `./vong bench cluster`: real Kafka, Elasticsearch, PostgreSQL and Redis, a process for each role, one stage after the other on the
 * same events: the gateway fills the log; 1, 2, 4 detector processes empty it; an alerter and an indexer take what is left. **Each
 * stage runs alone**, so that its figure is its own and not what the others left of the machine; CPU is that of the processes and
 * of the servers they use. What a machine of more cores does is worked out from these in docs/sizing.md.
 */
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { drained } from '../../deploy/testbed/drive.ts';
import { TestCluster } from '../../deploy/testbed/product-cluster.ts';
import { generate, importFolders, status, STUCK_MS } from './load.ts';
import { cpuOfTree, peakRss } from './process.ts';

export interface ClusterBenchOptions {
  readonly rules: readonly string[];
  readonly events: string;
  /** Length of each time the log is filled. */
  readonly seconds: number;
  /** Numbers of detector processes. */
  readonly detectors: readonly number[];
  readonly brokers: 1 | 3;
  readonly say: (line: string) => void;
}

interface StageFigures {
  readonly events: number;
  readonly seconds: number;
  readonly events_per_s: number;
  /** Microseconds of CPU an event, by who used them. */
  readonly cpu_us_per_event: Readonly<Record<string, number>>;
}

export interface ClusterBench {
  readonly cores: number;
  readonly rules: number;
  readonly brokers: number;
  readonly gateway: StageFigures;
  readonly detectors: readonly ({ readonly processes: number } & StageFigures)[];
  readonly alerter: { readonly signals: number; readonly seconds: number; readonly cpu_us_per_signal: number };
  readonly indexer: StageFigures;
  readonly bytes_per_event: { readonly sent: number; readonly log: number; readonly store: number };
  readonly peak_rss_mb: Readonly<Record<string, number>>;
}

const LOOK_MS = 100;
const LOAD_LIMIT_MS = 180_000;

export async function benchCluster(options: ClusterBenchOptions): Promise<ClusterBench> {
  options.say('starting Kafka, Elasticsearch, PostgreSQL and Redis');
  const cluster = await TestCluster.start({
    kafka: { brokers: options.brokers },
    partitions: Math.max(8, ...options.detectors),
    processes: { detector: 0, alerter: 0, indexer: 0 },
  });
  try {
    return await measure(cluster, options);
  } finally {
    await cluster.stop();
  }
}

async function measure(cluster: TestCluster, options: ClusterBenchOptions): Promise<ClusterBench> {
  const { say } = options;
  say('importing rules');
  const rules = await importFolders(cluster.server, options.rules);
  const fills: (StageFigures & { readonly bytes: number })[] = [];
  const detectors: ({ readonly processes: number } & StageFigures)[] = [];
  const rss: Record<string, number> = {};
  for (const processes of options.detectors) {
    say(`filling the log for ${options.seconds} s`);
    fills.push(await fill(cluster, options));
    say(`${processes} detector process${processes === 1 ? '' : 'es'}`);
    detectors.push({ processes, ...(await detect(cluster, processes, rss)) });
  }
  const { signals, ...alerting } = await alert(cluster, say);
  say('indexing');
  const indexer = await index(cluster, rss);
  const { store, log } = await status(cluster.server);
  const events = fills.reduce((sum, each) => sum + each.events, 0);
  const best = fills.toSorted((a, b) => b.events_per_s - a.events_per_s)[0];
  for (const role of ['gateway', 'console', 'jobs'] as const) rss[role] = await peakRss(cluster.of(role)[0]?.pid ?? 0);
  return {
    cores: availableParallelism(),
    rules,
    brokers: options.brokers,
    gateway: { ...(best ?? fail('nothing was sent')) },
    detectors,
    alerter: { signals, ...alerting },
    indexer,
    bytes_per_event: {
      sent: Math.round(fills.reduce((sum, each) => sum + each.bytes, 0) / events),
      log: Math.round(log.bytes / events),
      store: Math.round(store.bytes / store.events),
    },
    peak_rss_mb: rss,
  };
}

async function fill(cluster: TestCluster, { events, seconds }: ClusterBenchOptions): Promise<StageFigures & { readonly bytes: number }> {
  const meter = await Meter.start(cluster, ['gateway', 'kafka']);
  const load = { name: `bench-${Date.now()}`, url: cluster.frontDoor, events, seconds, rate: 0 };
  const { sent, bytes } = await generate(cluster.server, load, () => void meter.begin());
  return { ...(await meter.end(sent)), bytes };
}

/** From the first event to the last: what a process does before, its rules, is not part of it. */
async function detect(cluster: TestCluster, processes: number, rss: Record<string, number>): Promise<StageFigures> {
  const full = await lagOf(cluster, 'detector');
  await Promise.all(Array.from({ length: processes }, async () => await cluster.add('detector')));
  const meter = await Meter.start(cluster, ['detector', 'kafka']);
  const deadline = performance.now() + LOAD_LIMIT_MS;
  let left = full;
  for (; left >= full; left = await lagOf(cluster, 'detector')) {
    if (performance.now() > deadline) fail(`no detector began:\n${cluster.output()}`);
    await sleep(LOOK_MS);
  }
  await meter.begin();
  await drained(cluster.server, STUCK_MS, ['detector']);
  const figures = await meter.end(left);
  rss['detector'] = Math.max(rss['detector'] ?? 0, await peakRss(cluster.of('detector')[0]?.pid ?? 0));
  for (let i = 0; i < processes; i++) await cluster.remove('detector');
  return figures;
}

async function alert(
  cluster: TestCluster,
  say: (line: string) => void,
): Promise<{ signals: number; seconds: number; cpu_us_per_signal: number }> {
  const signals = await lagOf(cluster, 'alerter');
  say(`an alerter for ${signals} signals`);
  await cluster.add('alerter');
  const meter = await Meter.start(cluster, ['alerter', 'postgres']);
  await meter.begin();
  await drained(cluster.server, STUCK_MS, ['alerter']);
  const { seconds, cpu_us_per_event } = await meter.end(signals);
  return { signals, seconds, cpu_us_per_signal: Object.values(cpu_us_per_event).reduce((sum, each) => sum + each, 0) };
}

async function index(cluster: TestCluster, rss: Record<string, number>): Promise<StageFigures> {
  const events = await lagOf(cluster, 'indexer');
  await cluster.add('indexer');
  const meter = await Meter.start(cluster, ['indexer', 'kafka', 'elasticsearch']);
  await meter.begin();
  await drained(cluster.server, STUCK_MS, ['indexer']);
  rss['indexer'] = await peakRss(cluster.of('indexer')[0]?.pid ?? 0);
  return await meter.end(events);
}

async function lagOf(cluster: TestCluster, group: string): Promise<number> {
  return (await status(cluster.server)).lag.find((each) => each.group === group)?.records ?? 0;
}

type Used = 'gateway' | 'detector' | 'alerter' | 'indexer' | 'kafka' | 'elasticsearch' | 'postgres';

/** Time and CPU between two moments. */
class Meter {
  readonly #cluster: TestCluster;
  readonly #who: readonly Used[];
  #before = new Map<Used, number>();
  #began = 0;

  private constructor(cluster: TestCluster, who: readonly Used[]) {
    this.#cluster = cluster;
    this.#who = who;
  }

  static async start(cluster: TestCluster, who: readonly Used[]): Promise<Meter> {
    const meter = new Meter(cluster, who);
    await meter.begin();
    return meter;
  }

  async begin(): Promise<void> {
    this.#before = await this.#used();
    this.#began = performance.now();
  }

  async end(events: number): Promise<StageFigures> {
    const seconds = (performance.now() - this.#began) / 1000;
    const used = await this.#used();
    const cost = (who: Used): number => Math.round((((used.get(who) ?? 0) - (this.#before.get(who) ?? 0)) * 1e6) / Math.max(1, events));
    return {
      events,
      seconds: Math.round(seconds * 10) / 10,
      events_per_s: Math.round(events / seconds),
      cpu_us_per_event: Object.fromEntries(this.#who.map((who) => [who, cost(who)])),
    };
  }

  async #used(): Promise<Map<Used, number>> {
    const { servers } = this.#cluster;
    const pids = (who: Used): readonly number[] => {
      if (who === 'kafka') return servers.kafka.pids;
      if (who === 'elasticsearch' || who === 'postgres') return [servers[who].pid];
      return this.#cluster.of(who).map(({ pid }) => pid);
    };
    const sums = this.#who.map(async (who) => {
      const each = await Promise.all(pids(who).map(async (pid) => await cpuOfTree(pid)));
      return [who, each.reduce((sum, seconds) => sum + seconds, 0)] as const;
    });
    return new Map(await Promise.all(sums));
  }
}

function fail(reason: string): never {
  throw new Error(reason);
}
