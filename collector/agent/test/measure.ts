/**
 * Measures the agent as a process of its own against a stub gateway:
 *   node collector/agent/test/measure.ts [events/s, default 10000] [seconds, default 30] [entry, default cli/main.ts]
 * Prints JSON: memory and CPU at that rate, delay from written to stored, then the rate at which a backlog is worked off, then CPU at rest.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../sources/test/collect.ts';
import { startStubGateway, type StubGateway } from './stub-gateway.ts';

const RATE = Number(process.argv[2] ?? 10_000);
const SECONDS = Number(process.argv[3] ?? 30);
const BACKLOG = 1_000_000;
const TICKS_PER_SECOND = 100;

const line = (n: number): string =>
  `Nov 22 04:00:00 web${n % 50} sshd[${1000 + (n % 30_000)}]: Failed password for invalid user u${n} from 10.${n % 256}.${(n >> 8) % 256}.7 port ${20_000 + (n % 40_000)} ssh2 at=${Date.now()} n=${n} ${'x'.repeat(n % 120)}\n`;

const folder = mkdtempSync(join(tmpdir(), 'vong-measure-'));
const log = join(folder, 'auth.log');
const gateway = await startStubGateway();
const main = resolve(process.argv[4] ?? resolve(import.meta.dirname, '../../../cli/main.ts'));

function startProcess(): ChildProcess {
  const flags = ['agent', '--server', gateway.url, '--token', gateway.token, '--data', join(folder, 'data'), '--file', log];
  return spawn(process.execPath, [main, ...flags], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Bytes of memory now and at most, seconds of CPU so far. */
function usage(child: ChildProcess): { rssMb: number; peakMb: number; cpu: number } {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  const mb = (name: string): number => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024);
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return { rssMb: mb('VmRSS'), peakMb: mb('VmHWM'), cpu: (Number(stat[11]) + Number(stat[12])) / TICKS_PER_SECOND };
}

function watchGateway(stub: StubGateway): { count: number; delays: number[] } {
  const seen = { count: 0, delays: [] as number[] };
  stub.keep = (records, count) => {
    seen.count += count;
    const at = / at=(\d+)/.exec(records[0]?.raw ?? '')?.[1];
    if (at !== undefined) seen.delays.push(Date.now() - Number(at));
  };
  return seen;
}

const percentile = (values: number[], share: number): number | undefined =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * share)];

async function atRate(child: ChildProcess, seen: { count: number; delays: number[] }): Promise<Record<string, unknown>> {
  const before = usage(child);
  const began = performance.now();
  let written = 0;
  while (performance.now() - began < SECONDS * 1000) {
    const due = Math.floor(((performance.now() - began) / 1000) * RATE);
    let text = '';
    for (; written < due; written++) text += line(written);
    appendFileSync(log, text);
    await delay(20);
  }
  await until(
    () => seen.count >= written,
    () => seen.count,
    30_000,
  );
  const after = usage(child);
  const seconds = (performance.now() - began) / 1000;
  return {
    events_per_s: Math.round(written / seconds),
    rss_mb: after.rssMb,
    peak_rss_mb: after.peakMb,
    cpu_percent_of_one_core: Math.round(((after.cpu - before.cpu) / seconds) * 100),
    delay_of_oldest_in_batch_ms: { p50: percentile(seen.delays, 0.5), p99: percentile(seen.delays, 0.99) },
    wire_bytes_per_event: Math.round(gateway.bytes / written),
  };
}

async function backlog(seen: { count: number }): Promise<Record<string, unknown>> {
  seen.count = 0;
  for (let n = 0; n < BACKLOG; n += 50_000) appendFileSync(log, Array.from({ length: 50_000 }, (_, index) => line(n + index)).join(''));
  const child = startProcess();
  await until(
    () => seen.count > 0,
    () => seen.count,
    30_000,
  );
  const began = performance.now();
  const first = seen.count;
  await until(
    () => seen.count >= BACKLOG,
    () => seen.count,
    120_000,
  );
  const seconds = (performance.now() - began) / 1000;
  const peak = usage(child).peakMb;
  const rest = usage(child).cpu;
  await delay(10_000);
  const idle = ((usage(child).cpu - rest) / 10) * 100;
  child.kill();
  return {
    backlog_events_per_s: Math.round((BACKLOG - first) / seconds),
    backlog_peak_rss_mb: peak,
    idle_cpu_percent: Number(idle.toFixed(1)),
  };
}

writeFileSync(log, '');
const seen = watchGateway(gateway);
const child = startProcess();
await until(
  () => gateway.lastStatus !== undefined,
  () => 'no status',
  30_000,
);
const steady = await atRate(child, seen);
const gone = new Promise((done) => child.once('exit', done));
child.kill();
await gone;
console.log(JSON.stringify({ ...steady, ...(await backlog(seen)) }));
await gateway.down();
rmSync(folder, { recursive: true, force: true });
