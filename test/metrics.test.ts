import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../deploy/testbed/vong.ts';
import { METRICS_PAGE, metricsOf, metricsReference, type MetricFamily } from './harness/metrics-reference.ts';
import { temporaryDirectory } from './harness/product.ts';

let server: TestServer;
let data: { path: string; remove: () => Promise<void> };
let families: MetricFamily[];

beforeAll(async () => {
  data = await temporaryDirectory('metrics');
  server = await startServer({ data: data.path });
  families = await metricsOf(server);
});

afterAll(async () => {
  await server.stop();
  await data.remove();
});

describe.skipIf(process.platform !== 'linux')('the metrics of a running server (process metrics as on Linux)', () => {
  it('are all in docs/reference/metrics.md, with type, labels and meaning', () => {
    // To bring the page up to date: node test/harness/metrics-reference.ts --write
    expect(readFileSync(METRICS_PAGE, 'utf8')).toBe(metricsReference(families));
  });

  it('have a help text, a type, and names that say the unit', () => {
    for (const { name, type, help } of families) {
      expect([name, help.length > 3 && ['counter', 'gauge', 'histogram'].includes(type)]).toEqual([name, true]);
      if (name.startsWith('vong_')) expect(name).toMatch(/_(total|seconds|records|bytes|in_flight)$/);
    }
    expect(new Set(families.map(({ name }) => name)).size).toBe(families.length);
  });

  it('cover lag, delays, intake, and the process: event loop, memory, processor', () => {
    const names = families.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        'vong_consumer_lag_records',
        'vong_stage_seconds',
        'vong_gateway_events_total',
        'vong_detector_events_total',
        'vong_indexer_events_total',
        'nodejs_eventloop_lag_p99_seconds',
        'process_resident_memory_bytes',
        'process_cpu_seconds_total',
      ]),
    );
    const text = families.find(({ name }) => name === 'vong_consumer_lag_records');
    expect([...(text?.labels ?? [])].sort()).toEqual(['group', 'topic']);
  });
});
