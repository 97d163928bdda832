import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createLogger } from '@vong/platform/logger';
import { startDetector, DETECTOR_GROUP, type Detector, type DetectorStats, type RuleText } from './index.ts';
import { appendEvents, openBench, signalsOf, type Bench } from './test/setup.ts';

const PIPELINES = fileURLToPath(new URL('../../rules/pipelines', import.meta.url));
const pipelines = readdirSync(PIPELINES)
  .filter((name) => name.endsWith('.yml'))
  .sort()
  .map((name) => readFileSync(join(PIPELINES, name), 'utf8'));

const rule = (id: string, text: string): RuleText => ({
  id,
  file: `${text}.yml`,
  version: '1',
  yaml: `title: ${text}
id: ${id}
level: high
logsource:
  category: process_creation
  product: windows
detection:
  selection:
    CommandLine|contains: '${text}'
  condition: selection
`,
});
const RULES = [rule('aaaaaaaa-0000-4000-8000-000000000001', 'whoami'), rule('aaaaaaaa-0000-4000-8000-000000000002', '7')];

const workers: Worker[] = [];
const remember = (worker: Worker): void => void workers.push(worker);
beforeEach(() => void process.on('worker', remember));
afterEach(() => {
  process.off('worker', remember);
  workers.length = 0;
});

function detectorOn(bench: Bench, threads: number, texts = () => RULES): { detector: Detector; stats: DetectorStats[]; loaded: number[] } {
  const [stats, loaded]: [DetectorStats[], number[]] = [[], []];
  const detector = startDetector({
    log: { kind: 'embedded', path: bench.path, topics: bench.topics },
    threads,
    pipelines,
    logger: createLogger('test', 'silent'),
    textsOf: async (ids) => texts().filter(({ id }) => ids.includes(id)),
    onStats: (each) => void stats.push(each),
    onFault: () => undefined,
    onLoaded: ({ rules }) => void loaded.push(rules),
  });
  return { detector, stats, loaded };
}

async function untilRead({ log }: Bench, events: number): Promise<void> {
  const read = async (): Promise<number> => [...(await log.committed(DETECTOR_GROUP, 'events')).values()].reduce((a, b) => a + b, 0);
  await vi.waitFor(async () => expect(await read()).toBe(events), { timeout: 20_000, interval: 20 });
}

async function signalsWith(threads: number): Promise<string[]> {
  await using bench = await openBench();
  await appendEvents(bench.log, 0, 2000);
  const { detector, stats } = detectorOn(bench, threads);
  detector.use(RULES);
  await untilRead(bench, 2000);
  await detector.stop();
  expect(stats.reduce((sum, each) => sum + each.events, 0)).toBe(2000);
  expect(workers).toHaveLength(threads);
  workers.length = 0;
  return (await signalsOf(bench.log)).map(({ id }) => id).sort();
}

it('gives the same signals with one thread and with two', async () => {
  const one = await signalsWith(1);
  expect(one.length).toBeGreaterThan(2000);
  expect(new Set(one).size).toBe(one.length);
  expect(await signalsWith(2)).toEqual(one);
});

it('starts a thread that died again with the same rules; every event has its signals exactly once', async () => {
  await using bench = await openBench();
  const { detector, loaded } = detectorOn(bench, 1);
  detector.use(RULES);
  await appendEvents(bench.log, 0, 500);
  await untilRead(bench, 500);
  await workers[0]!.terminate();
  await appendEvents(bench.log, 500, 1000);
  await untilRead(bench, 1000);
  expect(workers).toHaveLength(2);
  expect(loaded).toEqual([2, 2]);
  await detector.stop();
  const ofFirst = (await signalsOf(bench.log)).filter((signal) => signal.rule.id === RULES[0]!.id);
  expect(ofFirst.map(({ event }) => event.id).sort()).toEqual(Array.from({ length: 1000 }, (_, n) => `e${n}`).sort());
});

it('stops although a thread died a moment ago', async () => {
  await using bench = await openBench();
  const { detector } = detectorOn(bench, 2);
  detector.use(RULES);
  await vi.waitFor(() => expect(workers).toHaveLength(2));
  await workers[0]!.terminate();
  await detector.stop();
  await vi.waitFor(() => expect(workers).toHaveLength(2));
});

it('uses no more threads than partitions', async () => {
  await using bench = await openBench(2);
  const { detector } = detectorOn(bench, 16);
  await detector.stop();
  await vi.waitFor(() => expect(workers).toHaveLength(2));
});
