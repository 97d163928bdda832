import { copyFileSync, existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '@vong/platform/clock';
import { readEvtx } from '../evtx/index.ts';
import { Collected, temporaryFolder, until } from '../test/collect.ts';
import { parsePosition } from './position.ts';
import { createEvtxFileSource } from './source.ts';

const shared = process.env['VONG_SHARED'] ?? resolve(import.meta.dirname, '../../../../shared');
const recordings = join(shared, 'data/sigmahq/regression_data');
const present = existsSync(recordings);

let folder: string;
let log: string;
let running: Collected[] = [];
beforeEach(async () => {
  folder = await temporaryFolder();
  log = join(folder, 'Security.evtx');
});
afterEach(async () => {
  await Promise.all(running.map((collected) => collected.stop()));
  running = [];
  rmSync(folder, { recursive: true, force: true });
});

function follow(positions?: ReadonlyMap<string, string>): Collected {
  const collected = new Collected(createEvtxFileSource({ patterns: [log], interval: 10 }, { clock: systemClock, host: 'h' }), positions);
  running.push(collected);
  return collected;
}

interface Found {
  readonly id: bigint;
  readonly json: string;
}

async function recordsOf(path: string): Promise<Found[]> {
  const found: Found[] = [];
  for await (const item of readEvtx(path)) if (item.error === undefined) found.push({ id: item.recordId, json: item.json });
  return found.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Puts a file in place at once, as a forwarder does. */
function place(path: string): void {
  copyFileSync(path, `${log}.new`);
  renameSync(`${log}.new`, log);
}

describe.skipIf(!present)('an EVTX file that is followed (needs the recordings of sigmahq)', () => {
  const files = present
    ? readdirSync(recordings, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.evtx'))
        .map((name) => join(recordings, name))
        .sort()
    : [];
  /** A recording with several records. */
  async function several(): Promise<string> {
    for (const file of files) if ((await recordsOf(file)).length >= 4) return file;
    throw new Error('no recording has four records');
  }

  it('gives every record once, in the order of the record ids, and nothing more after a restart', async () => {
    const largest = await several();
    place(largest);
    const expected = await recordsOf(largest);
    const got = follow();
    await until(
      () => got.records.length >= expected.length,
      () => [got.records.length, got.source.states()],
    );
    expect(got.texts).toEqual(expected.map(({ json }) => json));
    expect(got.records[0]).toMatchObject({ source: 'evtx', format: 'windows', path: log });
    const again = follow(await got.stop());
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(again.records).toEqual([]);
  });

  it('goes on after the stored record when records were added', async () => {
    const largest = await several();
    const expected = await recordsOf(largest);
    const first = follow(new Map());
    place(largest);
    await until(() => first.records.length >= expected.length);
    await first.stop();
    const half = expected[Math.floor(expected.length / 2) - 1]!;
    const time = await timeOf(largest, half.id);
    const second = follow(new Map([[log, `0 ${half.id} ${time}`]]));
    const rest = expected.filter(({ id }) => id > half.id);
    await until(() => second.records.length >= rest.length);
    expect(second.texts).toEqual(rest.map(({ json }) => json));
    expect(second.records.map(({ id }) => id)).toEqual(first.records.slice(-rest.length).map(({ id }) => id));
  });

  it('notices a log that was cleared or exchanged: the new one is read from its beginning with ids of its own', async () => {
    const [one = '', two = ''] = files;
    place(one);
    const [first, second] = [await recordsOf(one), await recordsOf(two)];
    const got = follow();
    await until(() => got.records.length >= first.length);
    place(two);
    await until(
      () => got.records.length >= first.length + second.length,
      () => [got.records.length, first.length, second.length],
    );
    expect(got.texts).toEqual([...first, ...second].map(({ json }) => json));
    expect(new Set(got.records.map(({ id }) => id)).size).toBe(first.length + second.length);
  });
});

async function timeOf(path: string, id: bigint): Promise<string> {
  for await (const item of readEvtx(path)) if (item.error === undefined && item.recordId === id) return item.timestamp;
  return '';
}

describe('a file that is no EVTX file, or not there', () => {
  it('gives nothing, says so, and stops in order', async () => {
    const got = follow();
    await until(() => got.source.states()[0]?.error?.includes('ENOENT') === true);
    writeFileSync(log, 'this is text, not a log of Windows'.repeat(3000));
    await until(() => got.source.states()[0]?.error?.includes('no EVTX') === true);
    expect(got.records).toEqual([]);
  });

  it('a stored position that is damaged means the beginning', () => {
    expect(parsePosition('x y z')).toEqual({ generation: 0, after: -1n, timestamp: '' });
    expect(parsePosition('2 77 2026-01-01T00:00:00.000000Z')).toEqual({
      generation: 2,
      after: 77n,
      timestamp: '2026-01-01T00:00:00.000000Z',
    });
  });
});
