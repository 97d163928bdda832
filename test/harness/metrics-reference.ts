/** Makes docs/reference/metrics.md from a running server: `node test/harness/metrics-reference.ts --write`. A test holds the page to it. */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startServer, type TestServer } from '../../deploy/testbed/vong.ts';
import { record, Sender, zstd } from './front-door.ts';
import { drained, temporaryDirectory } from './product.ts';

export const METRICS_PAGE = fileURLToPath(new URL('../../docs/reference/metrics.md', import.meta.url));

export interface MetricFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labels: ReadonlySet<string>;
  readonly samples: number;
}

/** Labels of metrics that have values only now and then. */
const SOMETIMES: Readonly<Record<string, readonly string[]>> = {
  nodejs_active_requests: ['type'],
  vong_rule_matches_total: ['rule'],
  vong_rule_cost_seconds: ['rule'],
  vong_correlation_evicted_groups_total: ['rule'],
  vong_correlation_evicted_events_total: ['rule'],
  vong_correlation_late_events_total: ['rule'],
  vong_correlation_ungrouped_events_total: ['rule'],
  vong_correlation_valueless_events_total: ['rule'],
};

/** Reads Prometheus' text format. Labels that belong to the format itself (`le` of a histogram) are left out. */
export function parseMetrics(text: string): MetricFamily[] {
  const families: (Omit<MetricFamily, 'labels' | 'type' | 'samples'> & { type: string; labels: Set<string>; samples: number })[] = [];
  for (const line of text.split('\n')) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    const last = families.at(-1);
    if (kind === 'HELP') families.push({ name, help: rest, type: '', labels: new Set(SOMETIMES[name]), samples: 0 });
    else if (kind === 'TYPE' && last !== undefined) last.type = rest;
    else if (line !== '' && last !== undefined) {
      last.samples++;
      const labels = /^[^{\s]+\{(.*)\} /.exec(line)?.[1] ?? '';
      for (const [, label = ''] of labels.matchAll(/([a-zA-Z_]\w*)="(?:[^"\\]|\\.)*"/g)) if (label !== 'le') last.labels.add(label);
    }
  }
  return families;
}

/** What a server shows once every part has done something. */
export async function metricsOf(server: TestServer): Promise<MetricFamily[]> {
  const sender = await Sender.enrolled(server);
  await sender.send(zstd(record('1', 'one event')));
  await drained(server);
  for (let i = 0; i < 100; i++) {
    const families = parseMetrics(await (await fetch(`${server.url}/metrics`)).text());
    if (
      ['vong_stage_seconds', 'nodejs_gc_duration_seconds'].every((name) => (families.find((each) => each.name === name)?.samples ?? 0) > 0)
    )
      return families;
    await sleep(200);
  }
  throw new Error('a metric that was waited for did not come');
}

/** The page as it must be. */
export function metricsReference(families: readonly MetricFamily[]): string {
  const table = (rows: readonly MetricFamily[]): string =>
    [
      '| metric | type | labels | meaning |',
      '|---|---|---|---|',
      ...rows
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
        .map(({ name, type, labels, help }) => {
          const named = [...labels].sort().map((label) => `\`${label}\``);
          return `| \`${name}\` | ${type} | ${named.join(', ')} | ${help.replaceAll('|', '\\|')} |`;
        }),
    ].join('\n');
  const ours = (each: MetricFamily): boolean => each.name.startsWith('vong_');
  return `# Metrics

<!-- Made by \`node test/harness/metrics-reference.ts --write\`; do not edit by hand. -->

\`GET /metrics\` in Prometheus' text format: for anyone on the server's own machine, with an API key from elsewhere. Times are in seconds,
sizes in bytes; counters only grow, and begin again at 0 when the server starts.

## The way of an event

${table(families.filter(ours))}

## The process

${table(families.filter((each) => !ours(each)))}
`;
}

if (import.meta.main && process.argv.includes('--write')) {
  const directory = await temporaryDirectory('metrics');
  const server = await startServer({ data: directory.path });
  try {
    writeFileSync(METRICS_PAGE, metricsReference(await metricsOf(server)));
  } finally {
    await server.stop();
    await directory.remove();
  }
}
