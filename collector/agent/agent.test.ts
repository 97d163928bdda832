import { randomBytes } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Check } from 'typebox/value';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AgentStatus } from '../contracts.ts';
import { until } from '../sources/test/collect.ts';
import { Spool } from './spool.ts';
import { asText, Bench, expectAll, numbered } from './test/harness.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

describe('delivering', () => {
  it('sends what a file holds in numbered batches and counts it', async () => {
    writeFileSync(bench.log, asText(numbered(0, 12_000)));
    const agent = bench.start();
    await expectAll(bench, numbered(0, 12_000));
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
    await expectAll(bench, numbered(0, 10));
    await first.stop();
    appendFileSync(bench.log, asText(numbered(10, 15)));
    const second = bench.start();
    await expectAll(bench, numbered(0, 15));
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
    await expectAll(bench, numbered(0, 500));
    await bench.gateway.down();
    appendFileSync(bench.log, asText(numbered(500, 900)));
    await until(() => agent.status().counters.spooled === 900);
    await bench.gateway.up();
    await expectAll(bench, numbered(0, 900));
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
    await expectAll(bench, ['a']);
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
    await expectAll(bench, ['a']);
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
    await expectAll(bench, numbered(0, 20_000));
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
    await expectAll(bench, lines);
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
    await expectAll(bench, ['a']);
    expect(agent.status().connection.state).toBe('connected');
  });
});
