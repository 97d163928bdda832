/** One claim per kind of bad input: a clear error, and nothing else is lost. */
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type World, call, enrol, lines, openWorld, readAll, record, send } from './setup.ts';

let world: World;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(() => world.close());

/** The batch is refused with this code and stores nothing; the same agent's next, good one is taken under the same number. */
async function refusedAndNothingLost(
  bad: { encoding?: string; body: Uint8Array },
  expected: { status: number; code: string },
): Promise<string> {
  const { token, agent } = await enrol(world);
  const refused = await send(world, { token, sequence: 0, ...bad });
  expect(refused).toMatchObject({ status: expected.status, body: { error: { code: expected.code } } });
  const good = await send(world, { token, sequence: 0, content: lines(record('1', 'good line')) });
  expect(good).toMatchObject({ status: 200, body: { sequence: 0, duplicate: false, accepted: 1, deadLettered: 0 } });
  const mine = (await readAll(world, 'events')).filter(({ value }) => value.agent.id === agent.id);
  expect(mine.map(({ value }) => value.message)).toEqual(['good line']);
  return refused.body.error.message;
}

/** Sends mebibytes without saying how many will come; the status of the answer. */
function sendChunked({ address }: World, token: string, mebibytes: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'x-vong-sequence': '0', 'content-type': 'application/x-ndjson' };
    const sending = request(`${address}/ingest/v1/batches`, { method: 'POST', headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sending.on('error', reject);
    for (let i = 0; i < mebibytes; i++) sending.write(randomBytes(1024 * 1024));
    sending.end();
  });
}

/** The good records of a batch are stored, the bad one is in the dead letters with this code. */
async function onlyTheLineSuffers(bad: string | Buffer, code: string): Promise<void> {
  const { token, agent } = await enrol(world);
  const content = Buffer.concat([lines(record('1', 'before')), Buffer.from(bad), Buffer.from('\n'), lines(record('2', 'after'))]);
  expect(await send(world, { token, sequence: 0, content })).toMatchObject({ status: 200, body: { accepted: 2, deadLettered: 1 } });
  const mine = (await readAll(world, 'events')).filter(({ value }) => value.agent.id === agent.id);
  expect(new Set(mine.map(({ value }) => value.message))).toEqual(new Set(['before', 'after']));
  await world.gateway.deadLetters.materialise();
  const { body } = await call(world, `/api/dead-letters?agent=${agent.id}`);
  expect(body.items).toHaveLength(1);
  expect(body.items[0]).toMatchObject({ code, agency: 'vn', agent: agent.name });
}

describe('a whole batch is refused', () => {
  const good = lines(record('1', 'x'.repeat(20_000)), record('2', randomBytes(9_000).toString('hex')));

  test('without a token, with a wrong one, and with a revoked one at once', async () => {
    expect((await send(world, { token: 'nobody', sequence: 0, content: good })).status).toBe(401);
    const { token, agent } = await enrol(world);
    expect((await send(world, { token, sequence: 0, content: good })).status).toBe(200);
    expect((await call(world, `/api/agents/${agent.id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await send(world, { token, sequence: 1, content: good })).status).toBe(401);
  });

  test('of an agent whose agency does not exist', async () => {
    const { token, agent } = await enrol(world);
    await world.state
      .system<{ agents: { id: string; agency: string } }>()
      .updateTable('agents')
      .set({ agency: 'gone' })
      .where('id', '=', agent.id)
      .execute();
    const answer = await send(world, { token, sequence: 0, content: good });
    expect(answer).toMatchObject({ status: 403, body: { error: { code: 'INGEST_AGENCY_UNKNOWN', details: { agency: 'gone' } } } });
  });

  test('malformed: bytes that are not what the header says', async () => {
    await refusedAndNothingLost({ encoding: 'zstd', body: randomBytes(500) }, { status: 400, code: 'INGEST_MALFORMED' });
    await refusedAndNothingLost({ encoding: 'gzip', body: good }, { status: 400, code: 'INGEST_MALFORMED' });
    await refusedAndNothingLost({ encoding: 'br', body: good }, { status: 415, code: 'INGEST_ENCODING' });
  });

  test('truncated gzip and zstd, at any place', async () => {
    for (const [encoding, whole] of [
      ['gzip', gzipSync(good)],
      ['zstd', zstdCompressSync(good)],
    ] as const) {
      for (const keep of [1, 10, whole.length >> 1, whole.length - 1]) {
        const message = await refusedAndNothingLost({ encoding, body: whole.subarray(0, keep) }, { status: 400, code: 'INGEST_MALFORMED' });
        expect(message).toContain(encoding);
      }
    }
  });

  test('rubbish after a complete frame; a second frame is read', async () => {
    const two = Buffer.concat([zstdCompressSync(lines(record('1', 'first'))), zstdCompressSync(lines(record('2', 'second')))]);
    await refusedAndNothingLost({ body: Buffer.concat([two, Buffer.from('rubbish')]) }, { status: 400, code: 'INGEST_MALFORMED' });
    const { token } = await enrol(world);
    expect((await send(world, { token, sequence: 0, body: two })).body.accepted).toBe(2);
  });

  test('oversized: more than 8 MiB as sent, known in advance or not', async () => {
    await refusedAndNothingLost({ body: randomBytes(8 * 1024 * 1024 + 1) }, { status: 413, code: 'INGEST_BATCH_TOO_LARGE' });
    const { token } = await enrol(world);
    expect(await sendChunked(world, token, 12)).toBe(413);
    expect((await send(world, { token, sequence: 0, content: good })).body.accepted).toBe(2);
  });

  test('a bomb: small as sent, huge when decompressed, in gzip, zstd and frame after frame of zstd', async () => {
    const zeros = Buffer.alloc(80 * 1024 * 1024);
    const expected = { status: 413, code: 'INGEST_BATCH_TOO_LARGE' };
    await refusedAndNothingLost({ encoding: 'gzip', body: gzipSync(zeros) }, expected);
    await refusedAndNothingLost({ encoding: 'zstd', body: zstdCompressSync(zeros) }, expected);
    const frame = zstdCompressSync(zeros.subarray(0, 16 * 1024 * 1024));
    await refusedAndNothingLost({ encoding: 'zstd', body: Buffer.concat(Array.from({ length: 6 }, () => frame)) }, expected);
  });

  test('more records than a batch may have', async () => {
    const body = zstdCompressSync(lines(...Array.from({ length: 20_001 }, (_, i) => record(String(i), 'x'))));
    await refusedAndNothingLost({ body }, { status: 413, code: 'INGEST_BATCH_TOO_LARGE' });
  });

  test('without a number, or with one that is none', async () => {
    const { token } = await enrol(world);
    for (const sequence of ['', '-1', '1.5', 'x', '1e3', '9'.repeat(20)]) {
      expect(await send(world, { token, sequence, content: good })).toMatchObject({
        status: 400,
        body: { error: { code: 'INGEST_SEQUENCE' } },
      });
    }
  });
});

describe('only the line suffers', () => {
  test('that is not UTF-8', () => onlyTheLineSuffers(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22]), 'INGEST_LINE_NOT_UTF8'));
  test('that is not JSON, or not an object', async () => {
    await onlyTheLineSuffers('{"id":', 'INGEST_LINE_NOT_JSON');
    await onlyTheLineSuffers('[1]', 'INGEST_LINE_NOT_JSON');
    await onlyTheLineSuffers('['.repeat(10_000), 'INGEST_LINE_NOT_JSON');
  });
  test('that lacks a field or has both raw and raw64', async () => {
    await onlyTheLineSuffers('{"id":"1"}', 'INGEST_RECORD_INVALID');
    await onlyTheLineSuffers(JSON.stringify({ ...record('9', 'x'), raw64: 'eA==' }), 'INGEST_RECORD_INVALID');
    await onlyTheLineSuffers(JSON.stringify({ ...record('9', 'x'), collected: 'yesterday' }), 'INGEST_RECORD_INVALID');
  });
  test('whose record is JSON nested 10,000 levels deep', () =>
    onlyTheLineSuffers(JSON.stringify(record('9', '{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000))), 'INGEST_TOO_DEEP'));
  test('whose record is larger than one mebibyte', () =>
    onlyTheLineSuffers(JSON.stringify(record('9', 'x'.repeat(1024 * 1024 + 1))), 'INGEST_EVENT_TOO_LARGE'));
});

describe('strange records are stored, marked', () => {
  test('bytes that are not UTF-8: read with replacement, detected on, the exact bytes kept', async () => {
    const { token, agent } = await enrol(world);
    const bytes = Buffer.concat([
      Buffer.from('Nov 22 03:50:37 gw sshd[1]: Failed password for ro'),
      Buffer.from([0xff]),
      Buffer.from('t from 192.0.2.1 port 22 ssh2'),
    ]);
    const { raw: _raw, ...rest } = record('1', '');
    const raw64 = bytes.toString('base64');
    expect((await send(world, { token, sequence: 0, content: lines({ ...rest, raw64 }) })).body.accepted).toBe(1);
    const [stored] = (await readAll(world, 'events')).filter(({ value }) => value.agent.id === agent.id);
    expect(stored?.value).toMatchObject({
      event: { module: 'sshd' },
      user: { name: 'ro\uFFFDt' },
      source: { ip: '192.0.2.1' },
      labels: { raw64 },
    });
    expect(stored?.value.tags).toContain('invalid_utf8');
  });

  test('__proto__ and constructor keys: stored, no prototype touched', async () => {
    const { token, agent } = await enrol(world);
    const raw = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"message":"m"}';
    const line = `{"__proto__":{"polluted":1},"labels":{"__proto__":"x","a":"b"},${JSON.stringify(record('1', raw)).slice(1)}`;
    expect((await send(world, { token, sequence: 0, content: lines(line) })).body.accepted).toBe(1);
    const [stored] = (await readAll(world, 'events')).filter(({ value }) => value.agent.id === agent.id);
    expect(stored?.value).toMatchObject({ message: 'm', labels: { a: 'b' }, event: { original: raw } });
    expect(await call(world, '/api/agents')).toMatchObject({ status: 200 });
    expect({}).not.toHaveProperty('polluted');
  });

  test('a clock ten years off, of the source or of the whole machine: own time kept, tagged when ahead', async () => {
    const { token, agent } = await enrol(world);
    const ahead = new Date(Date.now() + 10 * 365 * 86_400_000).toISOString();
    const behind = '2016-01-01T00:00:00.000Z';
    const content = lines(
      record('1', JSON.stringify({ timestamp: ahead, message: 'a' })),
      record('2', JSON.stringify({ timestamp: behind, message: 'b' })),
      record('3', 'c', { collected: ahead }),
    );
    expect((await send(world, { token, sequence: 0, content })).body.accepted).toBe(3);
    const mine = (await readAll(world, 'events')).filter(({ value }) => value.agent.id === agent.id);
    const by = new Map(mine.map(({ value }) => [value.message, value]));
    expect(by.get('a')).toMatchObject({ '@timestamp': ahead, tags: ['clock_skew'] });
    expect(by.get('b')?.['@timestamp']).toBe(behind);
    expect(by.get('b')?.tags).toBeUndefined();
    expect(by.get('c')?.tags).toContain('clock_skew');
    expect(Math.abs(Date.parse(by.get('c')!.event.ingested) - Date.now())).toBeLessThan(60_000);
  });

  test('a duplicate batch is acknowledged and not stored again; a gap in the numbers is no loss', async () => {
    const { token, agent } = await enrol(world);
    const content = lines(record('1', 'once'));
    expect((await send(world, { token, sequence: 7, content })).body).toEqual({
      sequence: 7,
      duplicate: false,
      accepted: 1,
      deadLettered: 0,
    });
    for (const sequence of [7, 3]) {
      expect((await send(world, { token, sequence, content })).body).toEqual({ sequence, duplicate: true, accepted: 0, deadLettered: 0 });
    }
    expect((await readAll(world, 'events')).filter(({ value }) => value.agent.id === agent.id)).toHaveLength(1);
  });
});

describe('the listener', () => {
  test('answers any bytes under any encoding with a result or a refusal, never with a bug', async () => {
    const { token } = await enrol(world);
    let sequence = 0;
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.uint8Array({ maxLength: 400 }).map((bytes) => zstdCompressSync(bytes)),
      fc
        .array(
          fc.oneof(
            fc.json(),
            fc
              .record({ id: fc.string(), source: fc.string(), collected: fc.string(), raw: fc.string() })
              .map((each) => JSON.stringify(each)),
          ),
        )
        .map((all) => gzipSync(all.join('\n'))),
    );
    await fc.assert(
      fc.asyncProperty(body, fc.constantFrom('zstd', 'gzip', 'identity', 'br'), async (bytes, encoding) => {
        const { status } = await send(world, { token, sequence: sequence++, encoding, body: bytes });
        expect([200, 400, 413, 415]).toContain(status);
      }),
      { numRuns: 300, interruptAfterTimeLimit: 4_000 },
    );
    const { token: other } = await enrol(world);
    expect((await send(world, { token: other, sequence: 0, content: lines(record('1', 'still here')) })).body.accepted).toBe(1);
  });
});
