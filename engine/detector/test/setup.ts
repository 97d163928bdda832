/** A log with events for the detector's tests. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@vong/platform/clock';
import type { EcsEvent } from '@vong/platform/events';
import { openLog, type Log, type TopicConfig } from '@vong/platform/log';
import type { Signal } from '../../contracts.ts';
import type { MatchedRule, Matcher } from '../detect.ts';

export interface Bench {
  readonly path: string;
  readonly topics: readonly TopicConfig[];
  readonly log: Log;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function openBench(partitions = 4): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'vong-detector-'));
  const path = join(folder, 'log.db');
  const topics: TopicConfig[] = [
    { name: 'events', partitions, retention: {} },
    { name: 'signals', partitions: 2, retention: {} },
  ];
  const log = openLog({ path, topics, clock: systemClock });
  return {
    path,
    topics,
    log,
    [Symbol.asyncDispose]: async () => {
      await log.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

export function eventOf(n: number): EcsEvent {
  const at = new Date(1_800_000_000_000 + n).toISOString();
  return {
    '@timestamp': at,
    event: { id: `e${n}`, kind: 'event', original: '', module: 'sysmon', code: '1', category: ['process'], created: at, ingested: at },
    winlog: { channel: 'Microsoft-Windows-Sysmon/Operational', event_id: 1, event_data: { CommandLine: `whoami ${n}` } },
    organization: { id: 'bo-a' },
    agent: { id: 'a', name: 'a', type: 'vong' },
    host: { name: `h${n % 11}` },
    process: { command_line: `whoami ${n}` },
    message: `number ${n}`,
  };
}

export async function appendEvents(log: Log, from: number, to: number): Promise<void> {
  const records = Array.from({ length: to - from }, (_, i) => ({
    key: `key-${(from + i) % 23}`,
    value: Buffer.from(JSON.stringify(eventOf(from + i))),
  }));
  await log.append({ batches: [{ topic: 'events', records }] });
}

export async function signalsOf(log: Log): Promise<Signal[]> {
  const found: Signal[] = [];
  for (const { partition, startOffset } of await log.partitions('signals')) {
    for (let offset = startOffset; ;) {
      const { records, nextOffset } = await log.read({ topic: 'signals', partition, offset, maxRecords: 1000 });
      if (nextOffset === offset) break;
      found.push(...records.map(({ value }) => JSON.parse(Buffer.from(value).toString('utf8')) as Signal));
      offset = nextOffset;
    }
  }
  return found;
}

export const ruleOf = (id: string): MatchedRule => ({ id, title: id, level: 'high', version: '1', tags: [] });

/** Matches every event with one rule. */
export function always(id: string, seen: (event: EcsEvent) => void = () => undefined): Matcher {
  return {
    match: (event) => {
      seen(event.event);
      return [{ rule: ruleOf(id) }];
    },
  };
}
