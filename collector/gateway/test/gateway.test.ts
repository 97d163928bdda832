/** What the gateway promises beside refusing bad input: order, durability, back-pressure, dead letters, agents. */
import { once } from 'node:events';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { zstdCompressSync } from 'node:zlib';
import { ManualClock, systemClock } from '@vong/platform/clock';
import type { Live } from '@vong/platform/live';
import { createLogger } from '@vong/platform/logger';
import { afterEach, expect, test } from 'vitest';
import type { AgentStatus } from '../../contracts.ts';
import { createGateway } from '../index.ts';
import { type World, TOPICS, call, enrol, lines, openWorld, readAll, record, send } from './setup.ts';

let world: World;

afterEach(() => world.close());

test('an event carries identity, agency, times, labels and its deterministic id, under the key of its host', async () => {
  world = await openWorld();
  const { token, agent } = await enrol(world);
  const sent = record('file-1:42', 'Nov 22 03:50:37 gw-1 cron[1]: (root) CMD (id)', {
    labels: { replay: 'r1' },
    path: '/var/log/syslog',
    host: 'box',
  });
  await send(world, { token, sequence: 0, content: lines(sent) });
  const [stored] = await readAll(world, 'events');
  expect(stored?.key).toBe('vn\0gw-1');
  expect(stored?.value).toMatchObject({
    event: { created: sent.collected, original: sent.raw, module: 'cron' },
    organization: { id: 'vn' },
    agent: { id: agent.id, name: agent.name },
    host: { name: 'gw-1' },
    labels: { replay: 'r1' },
    log: { file: { path: '/var/log/syslog' } },
  });
  // The same record in another batch is the same event.
  await send(world, { token, sequence: 1, content: lines(sent) });
  const ids = (await readAll(world, 'events')).map(({ value }) => value.event.id);
  expect(ids).toHaveLength(2);
  expect(new Set(ids).size).toBe(1);
});

test('the answer comes after the log has the batch, and the agent learns which number is next', async () => {
  world = await openWorld();
  const { token } = await enrol(world);
  await send(world, { token, sequence: 4, content: lines(record('1', 'x')) });
  expect(await readAll(world, 'events')).toHaveLength(1);
  expect((await call(world, '/ingest/v1/status', { method: 'POST', key: token, body: statusOf() })).body).toEqual({ expectedSequence: 5 });
  const { body } = await call(world, '/api/agents');
  expect(body.items[0]).toMatchObject({ state: 'live', received: 1, lastSequence: 4, status: { host: 'h' } });
});

test('a second batch of the same agent waits for the first; other agents do not', async () => {
  world = await openWorld();
  const [one, two] = [await enrol(world), await enrol(world)];
  const stream = new PassThrough();
  const first = world.gateway.receive({ agent: one.agent, sequence: 0, encoding: 'identity', announced: undefined, stream });
  const refused = await send(world, { token: one.token, sequence: 1, content: lines(record('2', 'b')) });
  expect(refused).toMatchObject({ status: 429, retryAfter: '1', body: { error: { code: 'INGEST_ONE_AT_A_TIME' } } });
  expect((await send(world, { token: two.token, sequence: 0, content: lines(record('1', 'c')) })).status).toBe(200);
  stream.end(lines(record('1', 'a')));
  expect(await first).toMatchObject({ accepted: 1, duplicate: false });
  expect((await send(world, { token: one.token, sequence: 1, content: lines(record('2', 'b')) })).body.accepted).toBe(1);
});

test('beyond its bounds the gateway asks to wait, and takes the batch later', async () => {
  let lag = 0;
  world = await openWorld({ limits: { batches: 1, lagRecords: 10 }, lagRecords: () => lag });
  const [one, two] = [await enrol(world), await enrol(world)];
  const stream = new PassThrough();
  const first = world.gateway.receive({ agent: one.agent, sequence: 0, encoding: 'identity', announced: 10, stream });
  const content = lines(record('1', 'x'));
  expect(await send(world, { token: two.token, sequence: 0, content })).toMatchObject({
    status: 429,
    body: { error: { code: 'INGEST_BUSY' } },
  });
  stream.end();
  await first;
  expect((await send(world, { token: two.token, sequence: 0, content })).status).toBe(200);
  lag = 11;
  await expect
    .poll(async () => (await send(world, { token: two.token, sequence: 0, content })).body.error?.code, { timeout: 5_000 })
    .toBe('INGEST_LAGGING');
  lag = 0;
  await expect.poll(async () => (await send(world, { token: two.token, sequence: 1, content })).status, { timeout: 5_000 }).toBe(200);
});

test('a full disk answers 503 with Retry-After; with room again the batch is taken under the same number', async () => {
  world = await openWorld();
  const { token, agent } = await enrol(world);
  const { log, state, gateway, folder } = world;
  const full = createGateway({
    log,
    state,
    clock: systemClock,
    logger: createLogger('test', 'silent'),
    narrow: async () => undefined,
    worker: { log: { kind: 'embedded', path: join(folder, 'log.db'), topics: TOPICS, minFreeBytes: Number.MAX_SAFE_INTEGER } },
  });
  const content = lines(record('1', 'x'));
  const stream = new PassThrough();
  stream.end(content);
  const refused = full.receive({ agent, sequence: 0, encoding: 'identity', announced: content.length, stream });
  await expect(refused).rejects.toMatchObject({
    code: 'INGEST_UNAVAILABLE',
    status: 503,
    details: { cause: 'LOG_FULL', retryAfterSeconds: 5 },
  });
  await full.close();
  expect(await gateway.report(agent, statusOf())).toEqual({ expectedSequence: 0 });
  expect((await send(world, { token, sequence: 0, content })).body).toMatchObject({ accepted: 1, duplicate: false });
});

test('a connection that breaks in the middle of a batch stores nothing and frees its place', async () => {
  world = await openWorld();
  const { token, agent } = await enrol(world);
  const stream = new PassThrough();
  const broken = world.gateway.receive({ agent, sequence: 0, encoding: 'identity', announced: 1000, stream });
  stream.write(lines(record('1', 'half')));
  stream.destroy(new Error('reset'));
  await expect(broken).rejects.toMatchObject({ code: 'INGEST_MALFORMED' });
  expect(await readAll(world, 'events')).toEqual([]);
  expect((await send(world, { token, sequence: 0, content: lines(record('1', 'whole')) })).body.accepted).toBe(1);
});

test('dead letters show the exact bytes, are replayed once, and stay with the reason when they fail again', async () => {
  world = await openWorld();
  const { token } = await enrol(world);
  const bad = Buffer.concat([Buffer.from('{"ề":'), Buffer.from([0xff])]);
  const deep = record('9', '{"a":'.repeat(100) + '1' + '}'.repeat(100));
  await send(world, { token, sequence: 0, content: Buffer.concat([bad, Buffer.from('\n'), lines(deep)]) });
  await world.gateway.deadLetters.materialise();
  const { items } = (await call(world, '/api/dead-letters')).body;
  expect(items.map((item: { code: string }) => item.code).sort()).toEqual(['INGEST_LINE_NOT_UTF8', 'INGEST_TOO_DEEP']);
  const unreadable = items.find((item: { code: string }) => item.code === 'INGEST_LINE_NOT_UTF8');
  expect(unreadable).toMatchObject({ preview: '{"ề":\\xff', bytes: bad.length });
  const raw = await fetch(`${world.address}/api/dead-letters/${unreadable.id}/raw`, {
    headers: { authorization: `Bearer ${world.operator}` },
  });
  expect(Buffer.from(await raw.arrayBuffer()).equals(bad)).toBe(true);
  // As after a release that can read what its predecessor could not.
  const mended = record('9', 'now readable');
  const table = world.state.system<{ dead_letters: { code: string; raw: Uint8Array; bytes: number } }>();
  const bytes = Buffer.from(mended.raw ?? '');
  await table.updateTable('dead_letters').set({ raw: bytes, bytes: bytes.length }).where('code', '=', 'INGEST_TOO_DEEP').execute();
  const replay = (): Promise<{ body: unknown }> => call(world, '/api/dead-letters/replay', { method: 'POST', body: { all: true } });
  expect((await replay()).body).toEqual({ replayed: 1, failed: 1 });
  expect((await replay()).body).toEqual({ replayed: 0, failed: 1 });
  expect((await readAll(world, 'events')).map(({ value }) => value.message)).toEqual(['now readable']);
  const after = (await call(world, '/api/dead-letters')).body.items;
  expect(after.find((item: { code: string }) => item.code === 'INGEST_TOO_DEEP').replayedAt).toBeGreaterThan(0);
  expect(after.find((item: { id: string }) => item.id === unreadable.id).replayError).toContain('UTF-8');
});

test('dead letters are in the table exactly once, also when the offset was lost', async () => {
  world = await openWorld();
  const { token } = await enrol(world);
  await send(world, { token, sequence: 0, content: lines('x', 'y', 'z') });
  await world.gateway.deadLetters.materialise();
  const offsets = world.state.system<{ dead_letter_offsets: { next: number } }>();
  await offsets.deleteFrom('dead_letter_offsets').execute();
  await world.gateway.deadLetters.materialise();
  expect(await offsets.selectFrom('dead_letter_offsets').selectAll().execute()).toMatchObject([{ next: 3 }]);
  const page = (await call(world, '/api/dead-letters?limit=2')).body;
  const rest = (await call(world, `/api/dead-letters?limit=2&cursor=${page.next}`)).body;
  expect([...page.items, ...rest.items].map((item: { id: string }) => item.id)).toHaveLength(3);
  expect(rest.next).toBeUndefined();
});

test('a person of a sibling agency sees and changes neither agents nor dead letters', async () => {
  world = await openWorld();
  const { root } = await rootScope(world);
  for (const code of ['bca', 'byt']) {
    await world.identity.agencies.create({ scope: root }, { code, nameVi: code, nameEn: code, kind: 'ministry', parent: 'vn' });
  }
  const { token, agent } = await enrol(world, 'bca');
  await send(world, { token, sequence: 0, content: lines('not json') });
  await world.gateway.deadLetters.materialise();
  const { secret: key } = await world.identity.keys.create({ scope: root }, { agency: 'byt', name: 'k', role: 'administrator' });
  expect((await call(world, '/api/agents', { key })).body.items).toEqual([]);
  expect((await call(world, '/api/dead-letters', { key })).body.items).toEqual([]);
  expect((await call(world, `/api/agents/${agent.id}`, { method: 'DELETE', key })).status).toBe(404);
  expect((await call(world, '/api/dead-letters/replay', { method: 'POST', key, body: { all: true } })).body).toEqual({
    replayed: 0,
    failed: 0,
  });
  expect((await call(world, '/api/agents', { method: 'POST', key, body: { agency: 'bca', name: 'x' } })).status).toBeGreaterThanOrEqual(
    403,
  );
  const own = await world.identity.keys.create({ scope: root }, { agency: 'bca', name: 'k2', role: 'auditor' });
  expect((await call(world, '/api/agents', { key: own.secret })).body.items).toHaveLength(1);
});

test('the console hears of a new agent, of its work at most every five seconds, of dead letters and of the revocation', async () => {
  const heard: { kind: string; body: unknown }[] = [];
  const live: Live = {
    record: async (_trx, changes) => void heard.push(...[changes].flat().map(({ kind, body }) => ({ kind, body }))),
    announce: () => undefined,
    close: async () => undefined,
  };
  const clock = new ManualClock(Date.now());
  world = await openWorld({ live, clock });
  const { token, agent } = await enrol(world);
  const work = async (sequence: number): Promise<void> => {
    await send(world, { token, sequence, content: lines(record(String(sequence), 'x'), sequence === 0 ? 'bad' : '') });
    await world.gateway.agents.flush();
  };
  await work(0);
  clock.advance(4_000);
  await work(1);
  clock.advance(1_000);
  await work(2);
  await world.gateway.deadLetters.materialise();
  await call(world, `/api/agents/${agent.id}`, { method: 'DELETE' });
  expect(heard.filter(({ kind }) => kind === 'agent').map(({ body }) => body)).toMatchObject([
    { id: agent.id, state: 'new' },
    { state: 'live', received: 1, deadLettered: 1, eventsPerSecond: 0.1 },
    { state: 'live', received: 3, eventsPerSecond: 0.3 },
    { state: 'revoked' },
  ]);
  expect(heard.filter(({ kind }) => kind === 'dead_letter')).toMatchObject([{ body: { code: 'INGEST_LINE_NOT_JSON', preview: 'bad' } }]);
});

test('tokens are stored only as hashes, names are unique in an agency, counters survive a flush', async () => {
  world = await openWorld();
  const { token, agent, command } = await enrol(world);
  expect(command).toContain(`--server ${world.address} --token ${token}`);
  await send(world, { token, sequence: 0, content: lines(record('1', 'x'), 'bad') });
  await send(world, { token, sequence: 0, content: lines(record('1', 'x')) });
  await world.gateway.agents.flush();
  const rows = await world.state.system<{ agents: Record<string, unknown> }>().selectFrom('agents').selectAll().execute();
  expect(JSON.stringify(rows)).not.toContain(token);
  expect(rows).toEqual([expect.objectContaining({ id: agent.id, received: 1, dead_lettered: 1, duplicates: 1, last_sequence: 0 })]);
  const again = await call(world, '/api/agents', { method: 'POST', body: { agency: 'vn', name: agent.name } });
  expect(again).toMatchObject({ status: 409, body: { error: { code: 'INGEST_AGENT_NAME_TAKEN' } } });
});

test('stopping lets batches at work finish; what comes later is asked to come again', async () => {
  world = await openWorld();
  const { agent } = await enrol(world);
  const body = zstdCompressSync(lines(...Array.from({ length: 2_000 }, (_, i) => record(String(i), 'x'))));
  const stream = new PassThrough();
  const at = world.gateway.receive({ agent, sequence: 0, encoding: 'zstd', announced: body.length, stream });
  stream.end(body);
  await once(stream, 'end');
  await new Promise((resolve) => setImmediate(resolve));
  await world.gateway.close();
  expect(await at).toMatchObject({ accepted: 2_000 });
  const late = new PassThrough();
  late.end(body);
  await expect(world.gateway.receive({ agent, sequence: 1, encoding: 'zstd', announced: 1, stream: late })).rejects.toMatchObject({
    code: 'INGEST_STOPPING',
  });
});

function statusOf(): AgentStatus {
  const counters = { read: 1, spooled: 1, sent: 1, acknowledged: 1, rejected: 0 };
  return { version: '1', host: 'h', started: 'now', counters, spool: { bytes: 0, limit: 1, records: 0, full: false }, sources: [] };
}

async function rootScope({ identity, operator }: World) {
  const root = await identity.authenticateKey(operator);
  if (root === undefined) throw new Error('no operator');
  return { root };
}
