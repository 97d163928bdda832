import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RecordingView, ReplayView } from '../contracts.ts';
import { NATION, openWorld, scopeOf } from './test/world.ts';
import type { World } from './test/world.ts';

let world: World;

beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

function lines(count: number, everyMs = 1000): string {
  const at = (n: number): string => new Date(Date.UTC(2020, 0, 1) + n * everyMs).toISOString();
  return Array.from({ length: count }, (_, n) => JSON.stringify({ '@timestamp': at(n), message: `event ${n}` })).join('\n');
}

function shelve(name: string, content: string): void {
  writeFileSync(join(world.library, name), content);
}

async function idOf(name: string): Promise<string> {
  const found = (await world.replays.recordings.list(NATION)).find((each) => each.name === name);
  expect(found).toBeDefined();
  return found?.id ?? '';
}

async function played(name: string, more: { agency?: string; speed?: number; shiftTime?: boolean } = {}): Promise<ReplayView> {
  const { id } = await world.replays.create({ scope: NATION }, { recording: await idOf(name), agency: 'bo-a', speed: 0, ...more });
  await world.replays.ended(id);
  const view = (await world.replays.list(NATION)).find((each) => each.id === id);
  expect(view).toBeDefined();
  return view!;
}

async function eventIds(): Promise<Set<string>> {
  return new Set((await world.events()).map(({ event }) => event.id));
}

async function upload(name: string, content: Uint8Array | string): Promise<{ status: number; body: Record<string, unknown> }> {
  const form = new FormData();
  form.append('file', new Blob([typeof content === 'string' ? content : new Uint8Array(content)]), name);
  return await world.call('/api/recordings', { method: 'POST', body: form });
}

function stateOf(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'state' in body ? body.state : undefined;
}

describe('a replay', () => {
  it('goes through the gateway into the agency, shifted to now, labelled, and says how it went', async () => {
    const before = Date.now();
    shelve('attack.ndjson', lines(500));
    const view = await played('attack.ndjson');
    expect(view).toMatchObject({ recording: 'attack.ndjson', agency: 'bo-a', state: 'done', total: 500, sent: 500, startedBy: 'test' });
    expect(view).not.toHaveProperty('error');
    const events = await world.events();
    expect(events).toHaveLength(500);
    for (const event of events) {
      expect(event).toMatchObject({ organization: { id: 'bo-a' }, labels: { replay: view.id } });
      expect(Date.parse(event['@timestamp'])).toBeGreaterThanOrEqual(before);
      expect(Date.parse(event['@timestamp'])).toBeLessThan(before + 60_000);
    }
  });

  it('unshifted is the same set of events every time, shifted it is a new one', async () => {
    shelve('same.ndjson', lines(20));
    await played('same.ndjson', { shiftTime: false });
    await played('same.ndjson', { shiftTime: false });
    expect((await eventIds()).size).toBe(20);
    await played('same.ndjson');
    await played('same.ndjson');
    expect((await eventIds()).size).toBe(60);
  });

  it('retires its agent when it ends', async () => {
    shelve('a.ndjson', lines(3));
    await played('a.ndjson');
    expect((await world.agents()).map(({ state }) => state)).toEqual(['revoked']);
  });

  it('is pushed to consoles, from its start to its end', async () => {
    shelve('a.ndjson', lines(30));
    const { id } = await played('a.ndjson');
    const pushed = world.changes.map(({ kind, agency, key, body }) => ({ kind, agency, key, state: stateOf(body) }));
    expect(pushed[0]).toEqual({ kind: 'replay', agency: 'bo-a', key: id, state: 'running' });
    expect(pushed.at(-1)).toEqual({ kind: 'replay', agency: 'bo-a', key: id, state: 'done' });
  });

  it('is cancelled, together with others that go on', async () => {
    shelve('slow.ndjson', lines(3, 3_600_000));
    shelve('other.ndjson', lines(5));
    const recording = await idOf('slow.ndjson');
    const slow = await world.replays.create({ scope: NATION }, { recording, agency: 'bo-a', speed: 1 });
    expect(await played('other.ndjson', { agency: 'bo-b' })).toMatchObject({ state: 'done', sent: 5 });
    expect(await world.replays.cancel({ scope: NATION }, slow.id)).toMatchObject({ state: 'cancelled' });
    expect(await world.replays.cancel({ scope: NATION }, slow.id)).toMatchObject({ state: 'cancelled' });
    expect(await world.audit()).toEqual(expect.arrayContaining(['replay.start', 'replay.cancel']));
  });

  it('of a damaged recording sends what can be read and says what could not', async () => {
    shelve('broken.json', '{\n"message": "whole"\n}\n{\n"message": ');
    shelve('nothing.json', '{\n"message": ');
    expect(await played('broken.json')).toMatchObject({ state: 'done', sent: 1, error: expect.stringContaining('does not end') });
    expect(await played('nothing.json')).toMatchObject({ state: 'failed', sent: 0, error: expect.stringContaining('holds no events') });
  });

  it('that a stopped server left behind is failed at the next start', async () => {
    shelve('slow.ndjson', lines(3, 3_600_000));
    const { id } = await world.replays.create({ scope: NATION }, { recording: await idOf('slow.ndjson'), agency: 'bo-a', speed: 1 });
    const next = world.restarted();
    await next.start();
    expect(await next.list(NATION)).toMatchObject([
      { id, state: 'failed', error: 'The server was stopped while this replay was running.' },
    ]);
  });
});

describe('replays of several consoles', () => {
  it('go on when another console starts, and end when somebody there wants it', async () => {
    await world.close();
    world = await openWorld({ shared: true });
    await world.replays.start();
    shelve('slow.ndjson', lines(3, 3_600_000));
    const { id } = await world.replays.create({ scope: NATION }, { recording: await idOf('slow.ndjson'), agency: 'bo-a', speed: 1 });
    const other = world.restarted();
    await other.start();
    expect(await other.list(NATION)).toMatchObject([{ id, state: 'running' }]);
    await other.cancel({ scope: NATION }, id);
    await world.replays.ended(id);
    expect(await other.list(NATION)).toMatchObject([{ id, state: 'cancelled' }]);
    expect((await world.audit()).filter((action) => action === 'replay.cancel')).toHaveLength(1);
    await other.close();
  });
});

describe('agencies', () => {
  it('see neither the replays nor the uploads of a sibling, and cannot replay into it', async () => {
    shelve('a.ndjson', lines(3));
    const [a, b] = [scopeOf('bo-a'), scopeOf('bo-b')];
    const upload = await world.replays.recordings.add(
      { scope: a },
      { name: 'own.ndjson', content: Readable.from([Buffer.from(lines(2))]) },
    );
    await played('a.ndjson');
    expect(await world.replays.list(a)).toHaveLength(1);
    expect(await world.replays.list(b)).toEqual([]);
    expect((await world.replays.recordings.list(b)).map(({ name }) => name)).toEqual(['a.ndjson']);
    const id = (await world.replays.list(a))[0]?.id ?? '';
    await expect(world.replays.cancel({ scope: b }, id)).rejects.toMatchObject({ code: 'REPLAY_MISSING' });
    const stolen = { recording: upload.id, agency: 'bo-b', speed: 0 };
    await expect(world.replays.create({ scope: b }, stolen)).rejects.toMatchObject({ code: 'RECORDING_MISSING' });
    await expect(world.replays.create({ scope: b }, { ...stolen, agency: 'bo-a' })).rejects.toMatchObject({ status: expect.any(Number) });
    expect((await world.events()).every(({ organization }) => organization.id === 'bo-a')).toBe(true);
  });
});

describe('the HTTP interface', () => {
  it('takes an upload, lists it, replays it, cancels it', async () => {
    const { status, body } = await upload('../../etc/Thao trường.ndjson', lines(12));
    expect(status).toBe(201);
    expect(body).toMatchObject({ name: 'Thao trường.ndjson', kind: 'ndjson', origin: 'upload', bytes: Buffer.byteLength(lines(12)) });
    expect((await world.call('/api/recordings')).body['items']).toEqual([body]);
    const request = { recording: body['id'], agency: 'vn', speed: 1, shiftTime: true };
    const created = await world.call('/api/replays', { method: 'POST', body: request });
    expect(created).toMatchObject({ status: 201, body: { state: 'running', recording: 'Thao trường.ndjson', speed: 1 } });
    const cancelled = await world.call(`/api/replays/${String(created.body['id'])}`, { method: 'DELETE' });
    expect(cancelled).toMatchObject({ status: 200, body: { state: 'cancelled' } });
    expect((await world.call('/api/replays')).body['items']).toEqual([cancelled.body]);
    expect(await world.audit()).toEqual(expect.arrayContaining(['recording.upload', 'replay.start', 'replay.cancel']));
  });

  it('knows a recording by its content', async () => {
    const evtx = readFileSync(join(import.meta.dirname, 'index.ts'));
    expect((await upload('x.bin', Buffer.concat([Buffer.from('ElfFile\0'), evtx]))).body).toMatchObject({ kind: 'evtx' });
    expect((await upload('x.txt', '[{"a":1}]')).body).toMatchObject({ kind: 'json' });
    expect((await upload('x.dat', Buffer.from('504b0304aaaa', 'hex'))).body).toMatchObject({ kind: 'archive' });
  });

  it.each([
    ['an empty file', async () => await upload('empty.json', ''), 400, 'RECORDING_EMPTY'],
    ['no file at all', async () => await world.call('/api/recordings', { method: 'POST', body: new FormData() }), 400, 'RECORDING_EMPTY'],
    ['JSON instead of a form', async () => await world.call('/api/recordings', { method: 'POST', body: {} }), 400, 'RECORDING_EMPTY'],
    ['a name of dots', async () => await upload('..', 'x'), 400, 'RECORDING_NAME'],
    [
      'an unknown recording',
      async () => await world.call('/api/replays', { method: 'POST', body: { recording: 'x', agency: 'vn', speed: 0 } }),
      404,
      'RECORDING_MISSING',
    ],
    ['an unknown replay', async () => await world.call('/api/replays/x', { method: 'DELETE' }), 404, 'REPLAY_MISSING'],
  ])('refuses %s', async (_, act, status, code) => {
    expect(await act()).toMatchObject({ status, body: { error: { code } } });
    expect((await world.call('/api/recordings')).body['items']).toEqual([]);
  });

  it('refuses a speed out of range', async () => {
    const answer = await world.call('/api/replays', { method: 'POST', body: { recording: 'x', agency: 'vn', speed: 1001 } });
    expect(answer.status).toBe(400);
  });
});

describe('the library', () => {
  it('lists recordings by name, other files not, and a missing folder is empty', async () => {
    for (const name of ['a.zip', 'b.tar.gz', 'c.evtx', 'd.json', 'e.log', 'notes.md', 'f.ndjson.zst']) shelve(name, 'x');
    const items: RecordingView[] = await world.replays.recordings.list(NATION);
    expect(items.map(({ name, kind, origin }) => `${name} ${kind} ${origin}`)).toEqual([
      'a.zip archive library',
      'b.tar.gz archive library',
      'c.evtx evtx library',
      'd.json json library',
      'e.log ndjson library',
      'f.ndjson.zst ndjson library',
    ]);
  });
});
