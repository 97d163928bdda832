import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseRecord } from '@vong/collector/parsers';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openRecording } from '../recordings/index.ts';
import { Pace } from './pace.ts';
import { shiftTimes } from './shift.ts';

const DAY = 86_400_000;
const shift = (raw: string, delta = DAY + 1): string => shiftTimes(raw, delta, 2024);

describe('times in JSON', () => {
  it('move in each of the shapes of Windows events, in the form they are written in', () => {
    const flat = '{"@timestamp":"2020-08-05T06:09:29.626Z","EventTime":"2020-08-05 02:09:26","TimeCreated":"2020-10-18 10:56:18.799"}';
    expect(shift(flat)).toBe(
      '{"@timestamp":"2020-08-06T06:09:29.627Z","EventTime":"2020-08-06 02:09:26","TimeCreated":"2020-10-19 10:56:18.800"}',
    );
    const nested = '{"Event":{"System":{"TimeCreated":{"#attributes":{"SystemTime":"2025-10-25T16:56:16.019794Z"}}}}}';
    expect(shift(nested)).toBe(nested.replace('2025-10-25T16:56:16.019794Z', '2025-10-26T16:56:16.020794Z'));
    expect(shift('{"UtcTime":"2020-09-21 17:12:15.9996789"}', 1)).toBe('{"UtcTime":"2020-09-21 17:12:16.0006789"}');
  });

  it('keep their zone and the rest of the record to the last digit', () => {
    const raw = '{ "t" : "2026-01-01T00:30:00+07:00", "Keywords": -9214364837600034816, "b": 1.0, "a": [ "2026-12-31T23:59:59Z" ] }';
    expect(shift(raw, DAY)).toBe(raw.replace('2026-01-01T00', '2026-01-02T00').replace('2026-12-31T23', '2027-01-01T23'));
  });

  it('move as numbers of journald and of shippers', () => {
    const raw = '{"__REALTIME_TIMESTAMP":"1763784000123456","timestamp":1763784000123,"ts":1763784000.5,"pid":1763784000}';
    expect(shift(raw, 1000)).toBe(
      '{"__REALTIME_TIMESTAMP":"1763784001123456","timestamp":1763784001123,"ts":1763784001.5,"pid":1763784000}',
    );
  });

  it('stay where they are part of a text, of a quoted JSON, of no date', () => {
    const raw = '{"Message":"UtcTime: 2020-10-18 10:56:18.799","q":"{\\"t\\":\\"2020-10-18T10:56:18Z\\"}","x":"2020-99-18T10:56:18Z"}';
    expect(shift(raw)).toBe(raw);
  });
});

describe('times in log lines', () => {
  it.each([
    ['<34>Oct  9 22:14:15 host su: failed', '<34>Oct 10 22:14:15 host su: failed'],
    ['Dec 31 23:00:00 host x', 'Jan  1 23:00:00 host x'],
    ['<165>1 2026-10-11T22:14:15.003Z host app - - - m', '<165>1 2026-10-12T22:14:15.004Z host app - - - m'],
    ['type=EXECVE msg=audit(1600000000.123:45): argc=1', 'type=EXECVE msg=audit(1600086400.124:45): argc=1'],
    ['1.2.3.4 - - [28/Feb/2026:13:55:36 +0700] "GET / HTTP/1.1" 200 1', '1.2.3.4 - - [01/Mar/2026:13:55:36 +0700] "GET / HTTP/1.1" 200 1'],
    ['2026/11/22 04:00:00 [error] 1#1: x', '2026/11/23 04:00:00 [error] 1#1: x'],
    ["<TimeCreated SystemTime='2025-10-25T16:56:16.0197940Z'/>", "<TimeCreated SystemTime='2025-10-26T16:56:16.0207940Z'/>"],
  ])('%s', (raw, expected) => {
    expect(shift(raw)).toBe(expected);
  });
});

it('moving forth and back gives the record again, whatever it holds', () => {
  const time = fc.date({ min: new Date('1980-01-01'), max: new Date('2090-01-01'), noInvalidDate: true }).map((date) => date.toISOString());
  const values = fc.dictionary(fc.string(), fc.oneof(time, fc.string(), fc.integer(), fc.constant(null)));
  const delta = fc.integer({ min: -1e11, max: 1e11 });
  fc.assert(
    fc.property(values, delta, (record, by) => {
      const raw = JSON.stringify(record);
      expect(shift(shift(raw, by), -by)).toBe(raw);
    }),
    { numRuns: 500 },
  );
});

it('a text of one kind of character only takes time linear in its length', () => {
  for (const text of ['2', '2026-11-22', '"', ': "2026-', ' ', '[', '1763784000']) {
    const started = performance.now();
    shift(`{"a":${text.repeat(1_000_000 / text.length)}`);
    shift(`x${text.repeat(1_000_000 / text.length)}`);
    expect(performance.now() - started).toBeLessThan(10_000);
  }
});

describe('the pace', () => {
  it('keeps distances, divided by the speed', () => {
    const pace = new Pace({ start: 1000, speed: 10, shift: true });
    expect(pace.next(50_000)).toEqual({ due: 1000, delta: 1000 - 50_000 });
    expect(pace.next(150_000)).toEqual({ due: 11_000, delta: 11_000 - 150_000 });
    expect(pace.next(undefined)).toEqual({ due: 11_000, delta: 11_000 - 150_000 });
    expect(pace.next(49_000)).toEqual({ due: 900, delta: 900 - 49_000 });
  });

  it('moves nothing when asked not to, and nothing can be moved before the first time is known', () => {
    const still = new Pace({ start: 1000, speed: 1, shift: false });
    expect(still.next(undefined)).toEqual({ due: 1000, delta: 0 });
    expect(still.next(5)).toEqual({ due: 1000, delta: 0 });
    expect(still.next(65)).toEqual({ due: 1060, delta: 0 });
  });

  it('as fast as possible: everything is due at once', () => {
    const pace = new Pace({ start: 1000, speed: 0, shift: true });
    pace.next(0);
    expect(pace.next(60_000)).toEqual({ due: 1000, delta: 1060 - 60_000 });
  });
});

const SHARED = join(process.env['VONG_SHARED'] ?? join(import.meta.dirname, '../../../shared'), 'data');
const OTRF = join(SHARED, 'otrf');
const recordings = existsSync(OTRF)
  ? readdirSync(OTRF, { recursive: true, encoding: 'utf8' }).filter((path) => /\.(zip|tar\.gz)$/i.test(path))
  : [];

describe.skipIf(recordings.length === 0)("OTRF's recordings, shifted", () => {
  it('are read by the parsers as having happened that much later, in every shape', async () => {
    let compared = 0;
    for (const path of recordings.sort()) {
      for await (const { raw, time, format } of firstOf(join(OTRF, path), 40)) {
        if (time === undefined) continue;
        const shifted = shiftTimes(raw, 3 * DAY + 4567, new Date(time).getUTCFullYear());
        const parsed = parseRecord({ raw: shifted, format, collected: new Date(0).toISOString() });
        const read = 'event' in parsed ? Date.parse(parsed.event['@timestamp']) - time : undefined;
        // Some shapes write whole seconds.
        const off = Math.abs((read ?? Number.NaN) - 3 * DAY - 4567);
        expect({ path, raw, off: off < 1000 }).toEqual({ path, raw, off: true });
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(2000);
  });
});

async function* firstOf(path: string, count: number): AsyncGenerator<{ raw: string; time?: number; format: 'auto' }> {
  let left = count;
  for await (const { raw, time } of openRecording(path, { onProblem: () => undefined })) {
    yield time === undefined ? { raw, format: 'auto' } : { raw, time, format: 'auto' };
    if (--left === 0) return;
  }
}
