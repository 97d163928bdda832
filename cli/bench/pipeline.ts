/**
 * `./vong bench pipeline`: a fresh server with the rules given, real events through the gateway as fast as it takes them, for a
 * minute; **the clock stops only when every event is detected and searchable**. Before that, 2,000 events/s with an analyst watching:
 * how long from the gateway to the screen. The generator runs on the same machine; its batches are made before the clock starts.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PipelineStatus } from '@vong/engine/pipeline';
import { drained } from '../../deploy/testbed/drive.ts';
import { startServer, type TestServer } from '../../deploy/testbed/vong.ts';
import { generate, importFolders, status, STUCK_MS, waitForRules } from './load.ts';
import { cpuSeconds, peakRss } from './process.ts';
import { percentiles, watchAlerts } from './watcher.ts';

export interface PipelineBenchOptions {
  readonly rules: readonly string[];
  readonly events: string;
  readonly seconds: number;
  /** Events per second of the second phase. */
  readonly rate: number;
  readonly say: (line: string) => void;
}

export interface PipelineBench {
  readonly events_per_s: number;
  readonly seconds: number;
  readonly cores: number;
  readonly rules: number;
  readonly events: number;
  readonly alerts: number;
  readonly latency_ms: Record<string, { p50: number; p95: number; p99: number }>;
  readonly latency_rate: number;
  readonly peak_rss_mb: number;
  readonly bound_by: string;
}

const LATENCY_SECONDS = 20;

export async function benchPipeline(options: PipelineBenchOptions): Promise<PipelineBench> {
  const data = await mkdtemp(join(tmpdir(), 'vong-bench-'));
  const server = await startServer({ data });
  try {
    return await measure(server, options);
  } finally {
    await server.stop();
    await rm(data, { recursive: true, force: true });
  }
}

async function measure(server: TestServer, options: PipelineBenchOptions): Promise<PipelineBench> {
  options.say('importing rules');
  const rules = await importFolders(server, options.rules);
  await waitForRules(server, rules);
  const paced = await measureDelay(server, options);
  options.say(`${rules} rules; full load for ${options.seconds} s`);
  let [cpuBefore, started] = [0, 0];
  const begin = async (): Promise<void> => {
    cpuBefore = await cpuSeconds(server.pid);
    started = performance.now();
  };
  const load = { name: 'bench-full', events: options.events, seconds: options.seconds, rate: 0 };
  const full = await generate(server, load, () => void begin());
  const { lag } = await status(server);
  await drained(server, STUCK_MS);
  const seconds = (performance.now() - started) / 1000;
  const cpu = (await cpuSeconds(server.pid)) - cpuBefore;
  const { total } = await server.call<{ total: number }>('/api/alerts?limit=1');
  return {
    events_per_s: Math.round(full.sent / seconds),
    seconds: Math.round(seconds * 10) / 10,
    cores: availableParallelism(),
    rules,
    events: full.sent,
    alerts: total,
    ...paced,
    peak_rss_mb: await peakRss(server.pid),
    bound_by: boundBy({ lag, cpu: cpu / seconds, refused: full.refused }),
  };
}

/** First, while every alert is a new one: from the gateway to an analyst's screen, at the paced rate. */
async function measureDelay(
  server: TestServer,
  options: PipelineBenchOptions,
): Promise<Pick<PipelineBench, 'latency_ms' | 'latency_rate'>> {
  options.say(`${options.rate} events/s with an analyst watching, ${LATENCY_SECONDS} s`);
  const watcher = await watchAlerts(server.url, setupToken(server));
  await generate(server, { name: 'bench-paced', events: options.events, seconds: LATENCY_SECONDS, rate: options.rate });
  await drained(server, STUCK_MS);
  await sleep(1500);
  const stages = (await status(server)).stages.filter((row) => row.agency === '*');
  watcher.close();
  return {
    latency_ms: {
      browser: percentiles(watcher.delays),
      ...Object.fromEntries(stages.map(({ stage, p50, p95, p99 }) => [stage, { p50, p95, p99 }])),
    },
    latency_rate: options.rate,
  };
}

function setupToken(server: TestServer): string {
  const token = /\/setup\/([\w-]+)/.exec(server.output())?.[1];
  if (token === undefined) throw new Error('the server printed no set-up link');
  return token;
}

function boundBy(seen: { lag: PipelineStatus['lag']; cpu: number; refused: number }): string {
  const slowest = [...seen.lag].sort((a, b) => b.records - a.records)[0];
  const cores = `${seen.cpu.toFixed(2)} of ${availableParallelism()} cores used by the server`;
  const behind =
    slowest === undefined || slowest.records === 0
      ? 'no stage behind: the gateway sets the pace'
      : `${slowest.group} was ${slowest.records} events behind when the load ended`;
  return `${behind}; ${cores}${seen.refused > 0 ? `; the gateway asked to wait ${seen.refused} times` : ''}`;
}
