import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasCode } from '@vong/platform/errors';
import { until } from '../sources/test/collect.ts';
import { halve } from './split.ts';
import { Spool, type NewBatch } from './spool.ts';
import { asText, Bench, expectAll, numbered } from './test/harness.ts';

const batch = (n: number): NewBatch => ({ body: Buffer.from([n]), records: 1, positions: new Map(), reads: new Map() });

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

function sizeOfSpool(): number {
  return readFileSync(join(bench.folder, 'data', 'spool.db')).length;
}

describe('the spool', () => {
  it('pauses reading when it is full, says so, and loses nothing once there is room', async () => {
    await bench.gateway.down();
    const lines = Array.from({ length: 15_000 }, () => randomBytes(300).toString('base64'));
    writeFileSync(bench.log, asText(lines));
    const agent = bench.start({ spoolLimit: 300_000 });
    await until(() => agent.status().spool.full);
    const { spool, counters, sources } = agent.status();
    expect(spool.bytes).toBeLessThanOrEqual(300_000 + 2_000_000);
    expect(counters.read).toBeLessThan(15_000);
    expect(sources[0]?.behind).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(agent.status().counters.spooled).toBe(counters.spooled);
    await bench.gateway.up();
    await expectAll(bench, lines);
    expect(agent.status().spool.full).toBe(false);
  });

  it('stops while it is full, and reads on at the next start', async () => {
    await bench.gateway.down();
    const lines = Array.from({ length: 15_000 }, () => randomBytes(300).toString('base64'));
    writeFileSync(bench.log, asText(lines));
    const first = bench.start({ spoolLimit: 100_000 });
    await until(() => first.status().spool.full);
    await first.stop();
    await bench.gateway.up();
    bench.start({ spoolLimit: 100_000 });
    await expectAll(bench, lines);
  });

  it('gives space back once all is delivered', async () => {
    await bench.gateway.down();
    writeFileSync(bench.log, asText(Array.from({ length: 30_000 }, () => randomBytes(240).toString('base64'))));
    const agent = bench.start();
    await until(() => agent.status().counters.spooled === 30_000);
    const grown = sizeOfSpool();
    await bench.gateway.up();
    await until(() => sizeOfSpool() < grown / 4, sizeOfSpool);
  });

  it('belongs to one agent at a time: a second one is told so', () => {
    bench.start();
    expect(() => bench.start()).toThrow(/in use by another process/);
  });

  it('that is damaged is refused with a sentence that says what to do', async () => {
    const agent = bench.start();
    await agent.stop();
    writeFileSync(join(bench.folder, 'data', 'spool.db'), 'no database at all '.repeat(1000));
    let caught: unknown;
    try {
      bench.start();
    } catch (error) {
      caught = error;
    }
    expect(hasCode(caught, 'AGENT_SPOOL_DAMAGED')).toBe(true);
  });
});

describe('numbers', () => {
  it('a spool that was lost goes on from the number the gateway expects', async () => {
    writeFileSync(bench.log, asText(numbered(0, 100)));
    const first = bench.start();
    await expectAll(bench, numbered(0, 100));
    await first.stop();
    rmSync(join(bench.folder, 'data'), { recursive: true });
    bench.gateway.last = 41;
    await bench.gateway.down();
    const second = bench.start();
    await until(() => second.status().counters.spooled === 100);
    await bench.gateway.up();
    await until(() => bench.gateway.records.length === 200);
    expect(bench.gateway.sequences.at(-1)).toBeGreaterThanOrEqual(42);
    const ids = bench.gateway.records.map(({ id }) => id);
    expect(ids.slice(100)).toEqual(ids.slice(0, 100));
  });

  it('batches the gateway has, but whose acknowledgement was lost with a stop, are dropped at the start', async () => {
    const path = join(bench.folder, 'spool.db');
    const options = { path, limit: 1e9, minFree: 0 };
    const spool = new Spool(options);
    spool.agree(0);
    for (const n of [0, 1, 2, 3]) spool.store(batch(n));
    spool.close();
    const again = new Spool(options);
    expect(again.agree(2)).toEqual({ deleted: 2, moved: false });
    expect(again.next(-1)?.sequence).toBe(2);
    expect(again.counters()).toEqual({ spooled: 4, sent: 2, acknowledged: 2, rejected: 0 });
    // The gateway has seen more than this spool ever numbered: what waits is moved up, never taken for sent.
    expect(again.agree(10)).toEqual({ deleted: 0, moved: true });
    expect([again.next(-1)?.sequence, again.next(10)?.sequence, again.nextSequence, again.records]).toEqual([10, 11, 12, 2]);
    again.close();
  });
});

describe('a batch in halves', () => {
  it('takes the place of the whole: numbers go on, nothing is moved, and killed between the halves only the second is sent', async () => {
    const options = { path: join(bench.folder, 'halves.db'), limit: 1e9, minFree: 0 };
    const empty = { positions: new Map(), reads: new Map() };
    const spool = new Spool(options);
    spool.agree(5);
    for (const text of ['a\nb\nc\n', 'd\n']) spool.store({ ...empty, body: zstdCompressSync(text), records: text.length / 2 });
    const whole = spool.next(-1)!;
    spool.split(whole, await halve(whole));
    const read = (from: Spool, after = -1): unknown[] => {
      const batch = from.next(after);
      if (batch === undefined) return [];
      return [[batch.sequence, batch.records, zstdDecompressSync(batch.body).toString()], ...read(from, batch.sequence)];
    };
    expect(read(spool)).toEqual([
      [5, 1, 'a\n'],
      [6, 2, 'b\nc\n'],
      [7, 1, 'd\n'],
    ]);
    expect([spool.nextSequence, spool.records]).toEqual([8, 4]);
    spool.close();
    const again = new Spool(options);
    expect(again.agree(6)).toEqual({ deleted: 1, moved: false });
    const second = again.next(-1)!;
    again.split(second, await halve(second));
    again.acknowledge(6);
    again.store({ ...empty, body: zstdCompressSync('e\n'), records: 1 });
    expect(read(again)).toEqual([
      [7, 1, 'c\n'],
      [8, 1, 'd\n'],
      [9, 1, 'e\n'],
    ]);
    again.close();
  });
});
