import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseRecord } from '../index.ts';
import { DATA, documents, filesUnder, present, sampleLines } from './recordings.ts';

const collected = '2026-11-22T00:00:00.000Z';

describe.skipIf(!present)('every recorded sample is recognised', () => {
  test('every regression event is Windows, with all fields of its EventData and the time of its System', () => {
    let count = 0;
    for (const path of filesUnder(join(DATA, 'sigmahq/regression_data'), /\.json$/)) {
      for (const raw of documents(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''))) {
        const outcome = parseRecord({ raw, format: 'auto', collected });
        if (!('event' in outcome)) throw new Error(`${path}: ${outcome.error.reason}`);
        const { event } = outcome;
        const original = JSON.parse(raw).Event;
        expect(['windows', 'sysmon']).toContain(event.event.module);
        expect(event.winlog?.event_data).toMatchObject(original.EventData ?? {});
        expect(event.winlog?.event_id).toBe(original.System.EventID);
        expect(event.winlog?.channel).toBe(original.System.Channel);
        expect(event.host?.name).toBe(original.System.Computer);
        expect(event['@timestamp']).toBe(
          new Date(original.System.TimeCreated['#attributes'].SystemTime.slice(0, 23).replace(/Z?$/, 'Z')).toISOString(),
        );
        count++;
      }
    }
    expect(count).toBeGreaterThan(150);
  });

  test('no line of any recording is left unparsed, and every Windows line is Windows', () => {
    const modules = new Map<string, number>();
    for (const path of filesUnder(join(DATA, 'otrf'), /\.(zip|tar\.gz)$/i)) {
      for (const raw of sampleLines(path, 150)) {
        const outcome = parseRecord({ raw, format: 'auto', collected });
        if (!('event' in outcome)) throw new Error(`${path}: ${outcome.error.reason}`);
        const { event } = outcome;
        expect(event.event.module).not.toBe('unparsed');
        const record = JSON.parse(raw);
        if (record.EventID !== undefined || record.event_id !== undefined || record.Channel !== undefined) {
          expect(['windows', 'sysmon']).toContain(event.event.module);
          expect(event.host?.name).toBe(record.Hostname ?? record.Computer ?? record.computer_name);
          expect(event.tags).toBeUndefined();
        }
        modules.set(event.event.module, (modules.get(event.event.module) ?? 0) + 1);
      }
    }
    expect([...modules.keys()].sort()).toEqual(['auditd', 'aws', 'azure', 'o365', 'sysmon', 'sysmon_linux', 'windows']);
  });
});
