import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { Check } from 'typebox/value';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasCode } from '@vong/platform/errors';
import { until } from '../sources/test/collect.ts';
import { AgentStatus } from '../contracts.ts';
import { parseAgentConfig } from './config/index.ts';
import { parseSize } from './config/size.ts';
import { Spool, type NewBatch } from './spool.ts';
import { halve } from './split.ts';
import { asText, Bench, numbered } from './test/harness.ts';
import { parseRetryAfter } from './transport.ts';

const batch = (n: number): NewBatch => ({ body: Buffer.from([n]), records: 1, positions: new Map(), reads: new Map() });

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

async function expectAll(lines: readonly string[]): Promise<void> {
  await until(
    () => bench.gateway.records.length >= lines.length,
    () => bench.gateway.records.length,
  );
  await new Promise((resolve) => setTimeout(resolve, 80));
  expect(bench.texts).toEqual(lines);
}

describe('delivering', () => {
  it('sends what a file holds in numbered batches and counts it', async () => {
    writeFileSync(bench.log, asText(numbered(0, 12_000)));
    const agent = bench.start();
    await expectAll(numbered(0, 12_000));
    expect(bench.gateway.sequences).toEqual(bench.gateway.sequences.map((_, index) => index));
    expect(agent.status()).toMatchObject({
      counters: { read: 12_000, spooled: 12_000, sent: 12_000, acknowledged: 12_000, rejected: 0 },
      spool: { bytes: 0, records: 0, full: false },
      sources: [{ kind: 'file', name: bench.log, read: 12_000, behind: 0 }],
      connection: { state: 'connected' },
    });
  });

  it('reports a status that keeps the contract', async () => {
    writeFileSync(bench.log, 'a\n');
    bench.start();
    await until(() => bench.gateway.lastStatus?.counters.acknowledged === 1);
    expect(Check(AgentStatus, bench.gateway.lastStatus)).toBe(true);
  });

  it('keeps counting where it was after a restart', async () => {
    writeFileSync(bench.log, asText(numbered(0, 10)));
    const first = bench.start();
    await expectAll(numbered(0, 10));
    await first.stop();
    appendFileSync(bench.log, asText(numbered(10, 15)));
    const second = bench.start();
    await expectAll(numbered(0, 15));
    expect(second.status().counters).toEqual({ read: 15, spooled: 15, sent: 15, acknowledged: 15, rejected: 0 });
    expect(second.status().sources[0]?.read).toBe(15);
  });

  it('reads standard input to its end, delivers all and finishes', async () => {
    const input = new PassThrough();
    const agent = bench.start({ sources: { stdin: true, input } });
    input.write('a\nb\r\nwithout ');
    input.end('end');
    await agent.finished;
    expect(bench.texts).toEqual(['a', 'b', 'without end']);
    expect(agent.status().counters.acknowledged).toBe(3);
  });
});

describe('when the gateway', () => {
  it('is down for a while: nothing is lost, nothing repeated', async () => {
    await bench.gateway.down();
    writeFileSync(bench.log, asText(numbered(0, 500)));
    const agent = bench.start();
    await until(() => agent.status().counters.spooled === 500 && agent.status().connection.state === 'unreachable');
    await bench.gateway.up();
    await expectAll(numbered(0, 500));
    await bench.gateway.down();
    appendFileSync(bench.log, asText(numbered(500, 900)));
    await until(() => agent.status().counters.spooled === 900);
    await bench.gateway.up();
    await expectAll(numbered(0, 900));
  });

  it('asks to wait (429, 503): it waits as long as asked and sends the same batch again', async () => {
    const asked: number[] = [];
    bench.gateway.misbehave = ({ path }) => {
      if (path !== '/ingest/v1/batches' || asked.length >= 2) return undefined;
      asked.push(performance.now());
      return { status: asked.length === 1 ? 429 : 503, headers: { 'retry-after': '1' } };
    };
    writeFileSync(bench.log, 'a\n');
    const agent = bench.start();
    await until(() => agent.status().connection.state === 'busy');
    await expectAll(['a']);
    expect(asked[1]! - asked[0]!).toBeGreaterThan(950);
    expect(performance.now() - asked[1]!).toBeGreaterThan(950);
  });

  it('answers 500 or rubbish: the batch is sent again', async () => {
    const answers = [
      { status: 500 },
      { status: 200, body: '<html>sign in</html>' },
      { status: 200, body: '{"sequence": 77}' },
      { status: 404 },
    ];
    bench.gateway.misbehave = ({ path }) => (path === '/ingest/v1/batches' ? answers.shift() : undefined);
    writeFileSync(bench.log, 'a\n');
    bench.start();
    await expectAll(['a']);
    expect(answers).toEqual([]);
  });

  it('stored a batch but the answer was lost: the batch is acknowledged as a duplicate and not stored again', async () => {
    let broken = 0;
    bench.gateway.misbehave = ({ path, sequence }) => {
      if (path !== '/ingest/v1/batches' || sequence <= bench.gateway.last || broken >= 3) return undefined;
      broken += 1;
      return { storeThenBreak: true };
    };
    writeFileSync(bench.log, asText(numbered(0, 20_000)));
    const agent = bench.start();
    await expectAll(numbered(0, 20_000));
    await until(() => agent.status().counters.acknowledged === 20_000);
    expect(bench.gateway.duplicates).toBe(3);
  });

  it('refuses a batch for good (400, 415): it is put aside with the reason and counted, the next goes on', async () => {
    const refused: number[] = [];
    bench.gateway.misbehave = ({ path, sequence }) => {
      if (path !== '/ingest/v1/batches' || refused.length === 2) return undefined;
      refused.push(sequence);
      return { status: refused.length === 1 ? 400 : 415, body: '{"code":"X","message":"not like this"}' };
    };
    writeFileSync(bench.log, asText(numbered(0, 15_000)));
    const agent = bench.start();
    await until(() => agent.status().counters.acknowledged + agent.status().counters.rejected === 15_000);
    const { rejected } = agent.status().counters;
    expect(bench.gateway.records).toHaveLength(15_000 - rejected);
    await agent.stop();
    const spool = new Spool({ path: join(bench.folder, 'data', 'spool.db'), limit: 1e9, minFree: 0 });
    const aside = spool.rejections();
    spool.close();
    expect(aside.map(({ status, reason }) => [status, reason])).toEqual([
      [400, 'not like this'],
      [415, 'not like this'],
    ]);
    expect(aside.reduce((sum, { records }) => sum + records, 0)).toBe(rejected);
  });

  it('finds a batch too large (413): it arrives in parts, in order; only a record too large alone is put aside', async () => {
    const most = 6_000;
    bench.gateway.misbehave = ({ bytes }) => (bytes > most ? { status: 413, body: '{"message":"no more than 6 kB"}' } : undefined);
    const lines = Array.from({ length: 200 }, (_, n) => `${n} ${randomBytes(100).toString('base64')}`);
    const giant = randomBytes(2 * most).toString('base64');
    writeFileSync(bench.log, asText([...lines.slice(0, 77), giant, ...lines.slice(77)]));
    const agent = bench.start();
    await expectAll(lines);
    await until(() => agent.status().counters.acknowledged === 200);
    expect(agent.status()).toMatchObject({
      counters: { read: 201, spooled: 201, sent: 201, acknowledged: 200, rejected: 1 },
      spool: { bytes: 0, records: 0 },
      connection: { state: 'connected' },
    });
    expect(bench.gateway.duplicates).toBe(0);
    await agent.stop();
    const spool = new Spool({ path: join(bench.folder, 'data', 'spool.db'), limit: 1e9, minFree: 0 });
    expect(spool.rejections()).toMatchObject([{ status: 413, reason: 'no more than 6 kB', records: 1 }]);
    spool.close();
  });

  it('does not know the token: it says so, keeps trying, and goes on once the token is known', async () => {
    bench.gateway.token = 'another';
    writeFileSync(bench.log, 'a\n');
    const agent = bench.start();
    await until(() => agent.status().connection.state === 'refused');
    expect(agent.status().connection.reason).toContain('unknown token');
    bench.gateway.token = 'test-token';
    await expectAll(['a']);
    expect(agent.status().connection.state).toBe('connected');
  });
});

describe('numbers', () => {
  it('a spool that was lost goes on from the number the gateway expects', async () => {
    writeFileSync(bench.log, asText(numbered(0, 100)));
    const first = bench.start();
    await expectAll(numbered(0, 100));
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
    await expectAll(lines);
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
    await expectAll(lines);
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

function sizeOfSpool(): number {
  return readFileSync(join(bench.folder, 'data', 'spool.db')).length;
}

describe('settings', () => {
  it('sizes are read with units', () => {
    expect(['500MB', '2GB', '1.5g', '1048576', '10 KiB'].map(parseSize)).toEqual([
      500 * 1024 ** 2,
      2 * 1024 ** 3,
      1.5 * 1024 ** 3,
      1048576,
      10240,
    ]);
    expect(['', '-1', 'two', '1PB', '1e9'].map(parseSize)).toEqual(Array(5).fill(undefined));
  });

  it('a configuration with an unknown or wrong entry is refused by name', () => {
    expect(() => parseAgentConfig('{"servr":"x"}', 'c.json')).toThrow(/c\.json/);
    expect(() => parseAgentConfig('{"files":[]}', 'c.json')).toThrow(/files/);
    expect(() => parseAgentConfig('{', 'c.json')).toThrow(/not JSON/);
    expect(parseAgentConfig('{"spoolLimit":"1GB","files":["/a"]}', 'c.json')).toEqual({ spoolLimit: 1024 ** 3, files: ['/a'] });
  });

  it.each([
    [{ server: 'ftp://x' }, /http or https/],
    [{ token: ' ' }, /token is empty/],
    [{ sources: {} }, /no source/],
    [{ server: 'https://x', tls: { cert: '/nowhere' } }, /together/],
    [{ server: 'https://x', tls: { ca: '/nowhere' } }, /cannot be read/],
  ])('%j is refused', (more, message) => expect(() => bench.start(more)).toThrow(message));

  it('Retry-After is read as seconds or as a date', () => {
    expect(parseRetryAfter('7', undefined)).toBe(7000);
    expect(parseRetryAfter('Sun, 22 Nov 2026 04:00:30 GMT', 'Sun, 22 Nov 2026 04:00:00 GMT')).toBe(30_000);
    expect(parseRetryAfter('soon', undefined)).toBeUndefined();
  });
});
