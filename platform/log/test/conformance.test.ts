import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, it } from 'vitest';
import { smallDisk } from '../../../deploy/testbed/small-disk.ts';
import { ManualClock, systemClock } from '../../clock/index.ts';
import { hasCode } from '../../errors/index.ts';
import { openLog } from '../index.ts';
import { atEnd, logConformance, readAll, records } from './conformance.ts';
import { TOPICS } from './topics.ts';

const folder = mkdtempSync(join(tmpdir(), 'vong-log-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the embedded log conforms', () => {
  logConformance(async ({ name, topics, clock }) => openLog({ path: join(folder, `${name}.db`), topics, clock }), { retains: true });
});

describe('the embedded log across threads', () => {
  it('wakes a reader when another thread appends', async () => {
    const path = join(folder, 'threads.db');
    const log = openLog({ path, topics: TOPICS, clock: systemClock });
    await readAll(log, 'signals');
    const worker = new Worker(new URL('append-worker.ts', import.meta.url), { workerData: path });
    await once(worker, 'message');
    const waiting = log.waitForData({ ...(await atEnd(log)), timeoutMs: 20_000 });
    worker.postMessage(3);
    expect(await waiting).toBe(true);
    expect(await readAll(log, 'signals')).toHaveLength(3);
    await worker.terminate();
    await log.close();
  });

  it('keeps offsets gapless when two threads append at once', async () => {
    const path = join(folder, 'writers.db');
    const log = openLog({ path, topics: TOPICS, clock: systemClock });
    const worker = new Worker(new URL('append-worker.ts', import.meta.url), { workerData: path });
    await once(worker, 'message');
    let answers = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    worker.on('message', () => ++answers === 50 && resolve());
    for (let i = 0; i < 50; i++) {
      worker.postMessage(7);
      await log.append({ batches: [{ topic: 'signals', records: records(5) }] });
    }
    await promise;
    const all = await readAll(log, 'signals');
    expect(all.map((record) => record.offset)).toEqual(Array.from({ length: 50 * 12 }, (_, i) => i));
    await worker.terminate();
    await log.close();
  });

  it('skips nothing for a reader at the end while another thread appends several batches at once', async () => {
    const path = join(folder, 'tail.db');
    const log = openLog({ path, topics: TOPICS, clock: systemClock });
    const worker = new Worker(new URL('append-worker.ts', import.meta.url), { workerData: path });
    await once(worker, 'message');
    const appends = 20_000;
    // Appends that wait for each other are one transaction: what is new comes several batches at a time.
    for (let i = 0; i < appends; i++) worker.postMessage(1);
    for (let offset = 0; offset < appends;) {
      const page = await log.read({ topic: 'signals', partition: 0, offset, maxRecords: 5000 });
      if (page.nextOffset - offset !== page.records.length) {
        expect.fail(`at ${offset} come ${page.records.length} records, and reading shall go on at ${page.nextOffset}`);
      }
      offset = page.nextOffset;
    }
    await worker.terminate();
    await log.close();
  });
});

describe('a process killed while it appends', () => {
  it('leaves every acknowledged record exactly once and no part of a batch, twelve times in a row', { timeout: 60_000 }, async () => {
    const path = join(folder, 'killed.db');
    const acknowledged = new Set<number>();
    for (let round = 0; round < 12; round++) await appendAndKill(path, 20 + ((round * 53) % 170), acknowledged);
    const log = openLog({ path, topics: [{ name: 'events', partitions: 3, retention: {} }], clock: systemClock });
    const counts = new Map<number, number>();
    for (let partition = 0; partition < 3; partition++) {
      const all = await readAll(log, 'events', partition);
      expect(all.map((record) => record.offset)).toEqual(all.map((_, i) => i));
      for (const record of all) {
        const sequence = Number.parseInt(Buffer.from(record.value).toString(), 10);
        counts.set(sequence, (counts.get(sequence) ?? 0) + 1);
      }
    }
    expect(acknowledged.size).toBeGreaterThan(12);
    for (const sequence of acknowledged) expect(counts.get(sequence)).toBe(30);
    expect(new Set(counts.values())).toEqual(new Set([30]));
    await log.close();
  });
});

async function appendAndKill(path: string, afterMs: number, acknowledged: Set<number>): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'child.ts'), path], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'ready') setTimeout(() => child.kill('SIGKILL'), afterMs);
    else acknowledged.add(Number(line));
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

const disk = smallDisk('4m');
afterAll(() => disk?.unmount());

describe.skipIf(disk === undefined)('a full disk (needs the right to mount)', () => {
  const path = disk?.path ?? '';

  it('refuses with LOG_FULL, loses nothing acknowledged, and takes records again once there is room', async () => {
    const ballast = join(path, 'ballast');
    writeFileSync(ballast, Buffer.alloc(2_000_000));
    const log = openLog({ path: join(path, 'log.db'), topics: TOPICS, clock: systemClock });
    const append = (i: number) => log.append({ batches: [{ topic: 'signals', records: [{ key: `${i}`, value: randomBytes(50_000) }] }] });
    let stored = 0;
    const failure = await (async () => {
      for (; stored < 200; stored++) await append(stored);
    })().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'LOG_FULL', status: 503 });
    expect(await readAll(log, 'signals')).toHaveLength(stored);
    rmSync(ballast);
    await append(stored);
    expect((await readAll(log, 'signals')).map((record) => record.key)).toEqual(Array.from({ length: stored + 1 }, (_, i) => `${i}`));
    await log.close();
  });
});

describe('damage and lack of room', () => {
  it('a corrupt batch is named, after what can be read before it, and reading goes on behind it', async () => {
    const path = join(folder, 'corrupt.db');
    const log = openLog({ path, topics: TOPICS, clock: systemClock });
    for (let i = 0; i < 3; i++) await log.append({ batches: [{ topic: 'signals', records: records(10, undefined, i * 10) }] });
    const raw = new DatabaseSync(path);
    raw.exec(`UPDATE batches SET data = zeroblob(40) WHERE base = 10`);
    raw.close();
    const first = await log.read({ topic: 'signals', partition: 0, offset: 0, maxRecords: 10 });
    expect(first.records).toHaveLength(10);
    const damaged = await log.read({ topic: 'signals', partition: 0, offset: 5, maxRecords: 100 });
    expect(damaged).toMatchObject({ nextOffset: 10, records: { length: 5 } });
    const passed = await log.read({ topic: 'signals', partition: 0, offset: 12, maxRecords: 10 });
    expect(passed).toEqual({ records: [], nextOffset: 20, damaged: { reason: 'checksum mismatch' } });
    expect((await log.read({ topic: 'signals', partition: 0, offset: 20, maxRecords: 10 })).records).toHaveLength(10);
    await log.close();
  });

  it('refuses appends below the free-space floor', async () => {
    const log = openLog({ path: join(folder, 'floor.db'), topics: TOPICS, clock: systemClock, minFreeBytes: 2 ** 60 });
    const refused = log.append({ batches: [{ topic: 'signals', records: records(1) }] });
    await expect(refused).rejects.toSatisfy((error) => hasCode(error, 'LOG_FULL'));
    expect(await readAll(log, 'signals')).toEqual([]);
    await log.close();
  });

  it('retention gives space back to the disk', async () => {
    const clock = new ManualClock(0);
    const path = join(folder, 'space.db');
    const log = openLog({ path, topics: [{ name: 'events', partitions: 1, retention: { maxAgeMs: 10 } }], clock, spareBytes: 0 });
    const noise = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * i * 31 + (i >> 3)) % 256));
    for (let i = 0; i < 60; i++) await log.append({ batches: [{ topic: 'events', records: [{ key: `${i}`, value: noise.subarray(i) }] }] });
    clock.advance(100);
    expect(await log.retain()).toEqual({ deletedRecords: 60 });
    await log.close();
    expect(statSync(path).size).toBeLessThan(200_000);
  });

  it('partitions can be added, not removed', async () => {
    const path = join(folder, 'partitions.db');
    const open = (partitions: number) => openLog({ path, topics: [{ name: 'events', partitions, retention: {} }], clock: systemClock });
    await open(2).close();
    const log = open(3);
    expect(await log.partitions('events')).toHaveLength(3);
    await log.close();
    expect(() => open(1)).toThrow(/can only grow/);
  });

  it('a file that is no log is refused in words', async () => {
    const path = join(folder, 'notes.txt');
    writeFileSync(path, 'these are notes, long enough to be read as a header of something '.repeat(40));
    expect(() => openLog({ path, topics: TOPICS, clock: systemClock })).toThrow(/damaged/);
  });
});
