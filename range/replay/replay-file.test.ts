import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { replayFile } from './replay-file.ts';
import type { ReplayFileOptions, ReplayProgress, ReplayResult } from './replay-file.ts';
import { startDouble, TOKEN } from './test/double.ts';
import type { Double } from './test/double.ts';

const directory = mkdtempSync(join(tmpdir(), 'vong-replay-'));
const START = Date.UTC(2020, 0, 1);
let gateway: Double;

beforeEach(async () => {
  gateway = await startDouble();
});
afterEach(async () => {
  await gateway.close();
  if (gateway.violations.length > 0) throw new Error(gateway.violations.join('; '));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function recording(events: number, everyMs = 100, pad = ''): string {
  const file = join(directory, `recording-${events}-${everyMs}-${pad.length}.ndjson`);
  const line = (n: number): string => JSON.stringify({ n, '@timestamp': new Date(START + n * everyMs).toISOString(), message: `m${pad}` });
  writeFileSync(file, Array.from({ length: events }, (_, n) => line(n)).join('\n'));
  return file;
}

async function replay(file: string, more: Partial<ReplayFileOptions> = {}): Promise<ReplayResult> {
  return await replayFile({ file, server: gateway.url, token: TOKEN, speed: 0, shiftTime: false, id: 'r1', ...more });
}

function numbers(): number[] {
  return gateway.records().map(({ raw }): number => JSON.parse(raw ?? '{}').n);
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

describe('as fast as possible', () => {
  it('sends every event once, in order, in numbered batches, labelled', async () => {
    const progress: ReplayProgress[] = [];
    const result = await replay(recording(7000), { onProgress: (at) => progress.push(at) });
    expect(result).toMatchObject({ sent: 7000, deadLettered: 0, cancelled: false, problems: [] });
    expect(numbers()).toEqual(upTo(7000));
    expect(gateway.batches.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3]);
    expect(gateway.records()[0]).toMatchObject({ source: 'replay', format: 'auto', labels: { replay: 'r1' } });
    expect(progress.at(0)).toEqual({ sent: 0, total: 7000 });
    expect(progress.at(-1)).toEqual({ sent: 7000, total: 7000 });
  });

  it('goes on at the number the gateway expects of this agent', async () => {
    await gateway.close();
    gateway = await startDouble(17);
    await replay(recording(10));
    expect(gateway.batches.map(({ sequence }) => sequence)).toEqual([17]);
  });

  it('keeps batches far below what the gateway takes', async () => {
    await replay(recording(600, 1, 'x'.repeat(10_000)));
    expect(gateway.batches.length).toBeGreaterThan(2);
    expect(gateway.records()).toHaveLength(600);
  });
});

describe('a gateway that fails', () => {
  it('asks to wait: is waited for as long as it says, and nothing is lost or doubled', async () => {
    gateway.faults.push({ status: 429, retryAfter: '1' }, { status: 503, retryAfter: '0' }, { status: 500 });
    const result = await replay(recording(3000));
    expect(result.sent).toBe(3000);
    expect(result.ms).toBeGreaterThanOrEqual(1000);
    expect(numbers()).toEqual(upTo(3000));
  });

  it('drops the connection before or after storing: the batch is sent again under its number', async () => {
    gateway.faults.push('cut', 'stored and cut');
    expect((await replay(recording(3000))).sent).toBe(3000);
    expect(numbers()).toEqual(upTo(3000));
  });

  it('refuses: the replay ends with its reason', async () => {
    gateway.faults.push({ status: 400, body: { error: { code: 'INGEST_X', message: 'it is wrong' } } });
    await expect(replay(recording(10))).rejects.toMatchObject({
      code: 'REPLAY_REFUSED',
      message: 'The gateway refused the events (400): it is wrong',
    });
    await expect(replay(recording(10), { token: 'other' })).rejects.toMatchObject({ code: 'REPLAY_REFUSED' });
  });
});

describe('record ids', () => {
  it('are the same for the same content, whatever the file is called', async () => {
    await replay(recording(5));
    const copy = join(directory, 'copy.ndjson');
    writeFileSync(copy, (await import('node:fs')).readFileSync(recording(5)));
    await replay(copy, { id: 'r2' });
    const ids = gateway.records().map(({ id }) => id);
    expect(ids.slice(5)).toEqual(ids.slice(0, 5));
    expect(new Set(ids).size).toBe(5);
  });

  it('differ between two replays that shift times: they are two sets of events', async () => {
    await replay(recording(5), { shiftTime: true });
    await replay(recording(5), { shiftTime: true, id: 'r2' });
    expect(new Set(gateway.records().map(({ id }) => id)).size).toBe(10);
  });
});

describe('time', () => {
  it('is shifted so that the first event happens now, the others after it', async () => {
    const before = Date.now();
    await replay(recording(3, 2000), { speed: 10, shiftTime: true });
    const times = gateway.records().map(({ raw }): number => Date.parse(JSON.parse(raw ?? '{}')['@timestamp']));
    expect(times[0]).toBeGreaterThanOrEqual(before);
    expect(times[0]).toBeLessThan(before + 5000);
    expect(times.map((time) => time - (times[0] ?? 0))).toEqual([0, 200, 400]);
  });

  it('paces: events are sent when they are due, not before', async () => {
    await replay(recording(4, 3000), { speed: 10 });
    const sent = gateway.batches.map(({ at }) => at - (gateway.batches[0]?.at ?? 0));
    expect(gateway.batches.map(({ records }) => records.length)).toEqual([1, 1, 1, 1]);
    expect(sent[3]).toBeGreaterThanOrEqual(800);
  });

  it('is cancelled in the middle of a pause', async () => {
    const stop = new AbortController();
    const onProgress = ({ sent }: ReplayProgress): void => {
      if (sent === 1) stop.abort();
    };
    const result = await replay(recording(3, 3_600_000), { speed: 1, signal: stop.signal, onProgress });
    expect(result).toMatchObject({ sent: 1, cancelled: true });
  });
});
