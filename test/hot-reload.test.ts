import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AlertEvents, RuleDetail, Signal } from '@vong/engine/contracts';
import { topicsOf } from '@vong/engine/pipeline';
import { systemClock } from '@vong/platform/clock';
import type { EcsEvent } from '@vong/platform/events';
import { openLog } from '@vong/platform/log';
import { startServer, type TestServer } from '../deploy/testbed/vong.ts';
import { allAlerts, drained, enrol, importRules, sendBatch, temporaryDirectory } from './harness/product.ts';

const ID = 'c0ffee00-0000-4000-8000-000000000001';
const CHANGES = 6;
const BATCH = 40;
const HOSTS = 7;

/** Version n of the rule looks for marker n; every event holds the markers of all versions. */
const version = (n: number): string => `title: Marker ${n}
id: ${ID}
level: high
logsource:
  category: process_creation
  product: windows
detection:
  selection:
    CommandLine|contains: 'marker-${n}-'
  condition: selection
`;
const MARKERS = Array.from({ length: CHANGES }, (_, n) => `marker-${n}-`).join(' ');

function numbered(n: number) {
  const event = {
    Channel: 'Microsoft-Windows-Sysmon/Operational',
    SourceName: 'Microsoft-Windows-Sysmon',
    EventID: 1,
    Hostname: `host-${n % HOSTS}`,
    Image: 'C:\\a.exe',
    CommandLine: `number-${n} ${MARKERS}`,
  };
  return { id: String(n), source: 'file', format: 'windows' as const, collected: new Date().toISOString(), raw: JSON.stringify(event) };
}

/** One save of the rule, by the server's own clocks. */
interface Save {
  readonly version: string;
  readonly saved: number;
  readonly inUse: number;
}

let data: Awaited<ReturnType<typeof temporaryDirectory>>;
let server: TestServer;
let sent = 0;
const saves: Save[] = [];
let versionsOfAlert: { alert: string; last: string | undefined; events: AlertEvents };
let read: Awaited<ReturnType<typeof readLog>>;

async function save(n: number): Promise<Save> {
  await importRules(server, [{ name: 'marker.yml', text: version(n) }]);
  for (;;) {
    const rule = await server.call<RuleDetail>(`/api/rules/${ID}`);
    if (rule.state === 'in_use' && rule.inUse?.version === rule.version)
      return { version: rule.version, saved: rule.updatedAt, inUse: rule.inUse.since };
    await sleep(20);
  }
}

/** Sends numbered events until aborted; resolves when the last batch is acknowledged. */
async function stream(token: string, signal: AbortSignal): Promise<void> {
  for (let sequence = 0; !signal.aborted; sequence++) {
    await sendBatch(server, { token, sequence, records: Array.from({ length: BATCH }, (_, i) => numbered(sent + i)) });
    sent += BATCH;
    await sleep(5);
  }
}

async function readLog(path: string) {
  const log = openLog({ path, topics: topicsOf({ maxAgeMs: null, maxBytes: null }), clock: systemClock });
  const all = async <Value>(topic: 'events' | 'signals'): Promise<Value[][]> => {
    const partitions: Value[][] = [];
    for (const { partition, startOffset } of await log.partitions(topic)) {
      const values: Value[] = [];
      for (let offset = startOffset; ;) {
        const page = await log.read({ topic, partition, offset, maxRecords: 1000 });
        if (page.nextOffset === offset) break;
        values.push(...page.records.map(({ value }) => JSON.parse(Buffer.from(value).toString('utf8')) as Value));
        offset = page.nextOffset;
      }
      partitions.push(values);
    }
    return partitions;
  };
  try {
    const signals = (await all<Signal>('signals')).flat().filter(({ rule }) => rule.id === ID);
    return { events: await all<EcsEvent>('events'), signals };
  } finally {
    await log.close();
  }
}

beforeAll(async () => {
  data = await temporaryDirectory('hot-reload');
  server = await startServer({ data: data.path, env: { VONG_DETECTORS: '2' } });
  saves.push(await save(0));
  const stop = new AbortController();
  const streaming = stream(await enrol(server, 'stream'), stop.signal);
  for (let n = 1; n < CHANGES; n++) {
    await sleep(150);
    saves.push(await save(n));
  }
  await sleep(300);
  stop.abort();
  await streaming;
  await drained(server);
  const [alert] = await allAlerts(server, { rule: ID });
  if (alert === undefined) throw new Error('no alert');
  const events = await server.call<AlertEvents>(`/api/alerts/${alert.id}/events?limit=500`);
  versionsOfAlert = { alert: alert.id, last: alert.rule.version, events };
  await server.stop();
  read = await readLog(join(data.path, 'log.db'));
}, 120_000);

afterAll(async () => {
  await server?.kill();
  await data?.remove();
});

describe('a rule that changes while events flow, on two detector threads', () => {
  it('matches every event exactly once', () => {
    expect(read.events.flat()).toHaveLength(sent);
    const matched = read.signals.map(({ event }) => event.id);
    expect(matched).toHaveLength(sent);
    expect(new Set(matched)).toEqual(new Set(read.events.flat().map(({ event }) => event.id)));
  });

  it('is replaced in each partition at one place: every event before by the older version, every one after by the newer', () => {
    const order = new Map(saves.map((each, n) => [each.version, n]));
    const used = new Map(read.signals.map(({ event, rule }) => [event.id, order.get(rule.version) ?? -1]));
    for (const events of read.events) {
      const versions = events.map(({ event }) => used.get(event.id) ?? -1);
      expect(versions).toEqual(versions.toSorted((a, b) => a - b));
    }
    expect(new Set(used.values())).toEqual(new Set(saves.keys()));
    expect(read.events.filter((events) => events.length > 0).length).toBeGreaterThan(1);
  });

  it('is in use when it says so: nothing detected later is matched by an older version, nothing earlier by a newer', () => {
    for (const [n, { saved, inUse }] of saves.entries()) {
      const older = new Set(saves.slice(0, n).map((each) => each.version));
      const late = read.signals.filter((signal) => older.has(signal.rule.version) && signal.detected > inUse);
      const early = read.signals.filter((signal) => signal.rule.version === saves[n]?.version && signal.detected < saved);
      expect([late, early]).toEqual([[], []]);
    }
  });

  it('takes effect within five seconds of being saved, on every thread', () => {
    // The first was saved while the detectors were still starting.
    const took = saves.slice(1).map(({ saved, inUse }) => inUse - saved);
    console.log(`save to effect: ${took.join(', ')} ms, ${sent} events`);
    expect(Math.max(...took)).toBeLessThanOrEqual(5000);
    expect(Math.min(...took)).toBeGreaterThanOrEqual(0);
  });

  it('stands with its version in the alert, and beside each of its events', () => {
    const bySignal = new Map(read.signals.map(({ event, rule }) => [event.id, rule.version]));
    expect(versionsOfAlert.last).toBe(saves.at(-1)?.version);
    expect(versionsOfAlert.events.items.length).toBeGreaterThan(100);
    for (const { event } of versionsOfAlert.events.items) expect(versionsOfAlert.events.versions[event.id]).toBe(bySignal.get(event.id));
  });
});
