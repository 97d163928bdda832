/** One claim per kind of bad input, against a running server: a clear error, and nothing else is lost. */
import { randomBytes } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../deploy/testbed/vong.ts';
import { ask, lines, post, record, Sender, zstd } from './harness/front-door.ts';
import { temporaryDirectory } from './harness/product.ts';
import { expectSound } from './harness/sound.ts';

let server: TestServer;
let data: { path: string; remove: () => Promise<void> };

beforeAll(async () => {
  data = await temporaryDirectory('bad-input');
  server = await startServer({ data: data.path });
});

afterAll(async () => {
  await server.kill();
  await data.remove();
});

const byText = (a: string | undefined, b: string | undefined): number => ((a ?? '') < (b ?? '') ? -1 : 1);
const q = (query: string): string => new URLSearchParams({ q: query }).toString();

interface Refusal {
  readonly status: number;
  readonly code: string;
  /** Part of the sentence a person reads. */
  readonly says: string;
}

/** The batch is refused whole, with this error; what the same agent sent before and sends after is stored and found. */
async function refusedAlone(bad: { body: Uint8Array; encoding?: string }, refusal: Refusal): Promise<void> {
  const sender = await Sender.enrolled(server);
  expect((await sender.send(zstd(record('1', 'before')))).status).toBe(200);
  const answer = await sender.send(bad.body, bad.encoding);
  expect(answer).toMatchObject({ status: refusal.status, body: { error: { code: refusal.code } } });
  expect(answer.body.error.message).toContain(refusal.says);
  expect((await sender.send(zstd(record('2', 'after')))).body).toMatchObject({ sequence: 1, duplicate: false, accepted: 1 });
  expect((await sender.stored()).map((event) => event.message).toSorted(byText)).toEqual(['after', 'before']);
}

/** The line becomes a dead letter with this code; its neighbours in the batch are stored and found. */
async function lineAlone(bad: string | Buffer, expected: { code: string; says: string }): Promise<void> {
  const sender = await Sender.enrolled(server);
  const answer = await sender.send(zstd(record('1', 'before'), bad, record('2', 'after')));
  expect(answer).toMatchObject({ status: 200, body: { accepted: 2, deadLettered: 1 } });
  expect((await sender.stored()).map((event) => event.message).toSorted(byText)).toEqual(['after', 'before']);
  const letters = await sender.deadLetters(1);
  expect(letters).toMatchObject([{ code: expected.code, agency: 'vn' }]);
  expect(letters[0]!.reason).toContain(expected.says);
}

describe('a batch that cannot be read is refused whole', () => {
  it('malformed: bytes that are not what the header says', async () => {
    await refusedAlone({ body: randomBytes(500) }, { status: 400, code: 'INGEST_MALFORMED', says: 'Nothing of it was stored' });
  });

  it('malformed: an encoding nobody announced', async () => {
    await refusedAlone({ body: lines('x'), encoding: 'br' }, { status: 415, code: 'INGEST_ENCODING', says: 'Send zstd, gzip or none' });
  });

  it('oversized: more than 8 MiB as sent', async () => {
    const body = randomBytes(8 * 1024 * 1024 + 1);
    await refusedAlone({ body }, { status: 413, code: 'INGEST_BATCH_TOO_LARGE', says: 'send smaller batches' });
  });

  it('a bomb: some kilobytes that decompress to 80 MiB, as zstd and as gzip', async () => {
    const zeros = Buffer.alloc(80 * 1024 * 1024);
    const refusal = { status: 413, code: 'INGEST_BATCH_TOO_LARGE', says: 'bytes after decompression' };
    for (const [encoding, body] of [
      ['zstd', zstdCompressSync(zeros)],
      ['gzip', gzipSync(zeros)],
    ] as const) {
      expect(body.length).toBeLessThan(200_000);
      await refusedAlone({ body, encoding }, refusal);
    }
  });

  it('truncated gzip', async () => {
    const whole = gzipSync(lines(record('x', randomBytes(3000).toString('hex'))));
    const body = whole.subarray(0, whole.length >> 1);
    await refusedAlone({ body, encoding: 'gzip' }, { status: 400, code: 'INGEST_MALFORMED', says: 'not complete gzip' });
  });

  it('truncated zstd', async () => {
    const whole = zstd(record('x', randomBytes(3000).toString('hex')));
    const body = whole.subarray(0, whole.length >> 1);
    await refusedAlone({ body }, { status: 400, code: 'INGEST_MALFORMED', says: 'not complete zstd' });
  });

  it('with a wrong token: 401, and the right one goes on under the same number', async () => {
    const sender = await Sender.enrolled(server);
    const wrong = await post(server, { token: `${sender.token.slice(0, -1)}~`, sequence: 0, body: lines(record('1', 'stranger')) });
    expect(wrong).toMatchObject({ status: 401, body: { error: { message: expect.stringContaining('key') } } });
    expect((await sender.send(zstd(record('1', 'known')))).status).toBe(200);
    expect((await sender.stored()).map((event) => event.message)).toEqual(['known']);
  });

  it('for an unknown agency: no agent can be enrolled there, and the sentence names it', async () => {
    const answer = await ask(server, '/api/agents', { method: 'POST', body: { agency: 'atlantis', name: 'a' } });
    expect(answer).toMatchObject({ status: 404, body: { error: { code: 'IDENTITY_AGENCY_UNKNOWN' } } });
    expect(answer.body.error.message).toContain('atlantis');
    expect((await ask(server, '/api/agents')).body.items).not.toContainEqual(expect.objectContaining({ agency: 'atlantis' }));
  });

  it('sent again: acknowledged as a duplicate and not stored again', async () => {
    const sender = await Sender.enrolled(server);
    const body = zstd(record('1', 'once'), record('2', 'once more'));
    expect((await sender.send(body)).body).toMatchObject({ sequence: 0, duplicate: false, accepted: 2 });
    for (let i = 0; i < 3; i++) {
      const again = await post(server, { token: sender.token, sequence: 0, encoding: 'zstd', body });
      expect(again).toMatchObject({ status: 200, body: { sequence: 0, duplicate: true, accepted: 0 } });
    }
    expect(await sender.stored()).toHaveLength(2);
  });
});

describe('a line that cannot be read goes to the dead letter alone', () => {
  it('that is not JSON', async () => {
    await lineAlone('{"id":', { code: 'INGEST_LINE_NOT_JSON', says: 'not a JSON object' });
  });

  it('whose record is larger than 1 MiB', async () => {
    const line = JSON.stringify(record('9', 'x'.repeat(1024 * 1024 + 1)));
    await lineAlone(line, { code: 'INGEST_EVENT_TOO_LARGE', says: 'more than 1048576 bytes' });
  });

  it('that is not valid UTF-8', async () => {
    await lineAlone(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22]), { code: 'INGEST_LINE_NOT_UTF8', says: 'not valid UTF-8' });
  });

  it('whose record is JSON nested 10,000 levels deep', async () => {
    const raw = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`;
    await lineAlone(JSON.stringify(record('9', raw)), { code: 'INGEST_TOO_DEEP', says: '64 levels deep' });
  });

  it('which is itself nested 10,000 levels deep', async () => {
    const deep = `{"id":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
    await lineAlone(deep, { code: 'INGEST_RECORD_INVALID', says: 'id is missing or not text' });
  });
});

describe('a strange record is stored, marked', () => {
  it('bytes that are not UTF-8: read with replacement, the exact bytes kept', async () => {
    const sender = await Sender.enrolled(server);
    const bytes = Buffer.concat([Buffer.from('user '), Buffer.from([0xff, 0xc3]), Buffer.from(' logged in')]);
    const { raw: _raw, ...rest } = record('2', '');
    const raw64 = bytes.toString('base64');
    const body = zstd(record('1', 'before'), { ...rest, raw64 }, record('3', 'after'));
    expect((await sender.send(body)).body).toMatchObject({ accepted: 3, deadLettered: 0 });
    const events = await sender.stored();
    expect(events).toHaveLength(3);
    const strange = events.find((event) => event.tags?.includes('invalid_utf8'));
    expect(strange).toMatchObject({ labels: { raw64 }, message: expect.stringContaining('\uFFFD') });
  });

  it('__proto__ and constructor keys: stored, searchable, nothing polluted', async () => {
    const sender = await Sender.enrolled(server);
    const raw = '{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}},"message":"harmless"}';
    const line = `{"__proto__":{"polluted":"yes"},"labels":{"__proto__":"x","kept":"y"},${JSON.stringify(record('2', raw)).slice(1)}`;
    expect((await sender.send(zstd(record('1', 'before'), line, record('3', 'after')))).body).toMatchObject({ accepted: 3 });
    const events = await sender.stored();
    expect(events.map((event) => event.message).toSorted(byText)).toEqual(['after', 'before', 'harmless']);
    expect(events.find((event) => event.message === 'harmless')).toMatchObject({ labels: { kept: 'y' }, event: { original: raw } });
    const { body } = await ask(server, '/api/agents');
    expect(JSON.stringify(body)).not.toContain('polluted');
  });

  it('a clock ten years off: the time it says is kept, ahead is marked, both are found', async () => {
    const sender = await Sender.enrolled(server);
    const tenYears = 10 * 365 * 86_400_000;
    const ahead = new Date(Date.now() + tenYears).toISOString();
    const behind = new Date(Date.now() - tenYears).toISOString();
    const body = zstd(
      record('1', JSON.stringify({ timestamp: ahead, message: 'ahead' })),
      record('2', JSON.stringify({ timestamp: behind, message: 'behind' })),
      record('3', 'whole machine ahead', { collected: ahead }),
      record('4', 'on time'),
    );
    expect((await sender.send(body)).body).toMatchObject({ accepted: 4, deadLettered: 0 });
    const found = new Map((await sender.stored()).map((event) => [event.message, event]));
    expect(found.size).toBe(4);
    expect(found.get('ahead')).toMatchObject({ '@timestamp': ahead, tags: expect.arrayContaining(['clock_skew']) });
    expect(found.get('behind')).toMatchObject({ '@timestamp': behind });
    expect(found.get('whole machine ahead')?.tags).toContain('clock_skew');
    expect(found.get('on time')?.tags ?? []).not.toContain('clock_skew');
    for (const event of found.values()) expect(Math.abs(Date.parse(event.event.ingested) - Date.now())).toBeLessThan(60_000);
  });
});

describe('a query that does not parse', () => {
  it('is refused with the position, what was expected and what stood there', async () => {
    const query = 'host.name: (web01 or';
    const answer = await ask(server, `/api/events?${q(query)}`);
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { code: 'EVENTS_KQL_SYNTAX', details: { position: expect.any(Number) } } },
    });
    const { position } = answer.body.error.details;
    expect(answer.body.error.message).toContain(`position ${position}`);
    expect(answer.body.error.message).toMatch(/expected .+, found .+/);
    expect(position).toBeGreaterThanOrEqual(query.length - 1);
    expect((await ask(server, '/api/events?q=host.name:ws01&limit=1')).status).toBe(200);
  });

  it('that nests 1,000 brackets is refused, and the next search is answered', async () => {
    const answer = await ask(server, `/api/events?${q(`${'('.repeat(1000)}a${')'.repeat(1000)}`)}`);
    expect(answer).toMatchObject({ status: 400, body: { error: { code: expect.stringMatching(/^(EVENTS_KQL_|HTTP_INVALID)/) } } });
    expect((await ask(server, '/api/events?limit=1')).status).toBe(200);
  });

  it('that is longer than an address may be is refused in the words of every other failure', async () => {
    const answer = await ask(server, `/api/events?${q('x'.repeat(20_000))}`);
    expect(answer).toMatchObject({
      status: 431,
      body: { error: { code: 'HTTP_MALFORMED', message: expect.stringContaining('longer than') } },
    });
    expect((await ask(server, '/api/events?limit=1')).status).toBe(200);
  });
});

describe('through all of it', () => {
  it('the server answers, no part of it failed, and it stops cleanly', async () => {
    await expectSound(server);
  });
});
