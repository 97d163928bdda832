/** One server per data directory; how it starts and how it ends. */
import { request } from 'node:http';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { startServer } from '../deploy/testbed/vong.ts';
import { ask, lines, record, Sender, zstd } from './harness/front-door.ts';
import { start, type Running } from './harness/process.ts';
import { enrol, temporaryDirectory } from './harness/product.ts';

const removals: (() => Promise<void>)[] = [];
let data: string;

beforeEach(async () => {
  const directory = await temporaryDirectory('one-server');
  removals.push(directory.remove);
  data = directory.path;
});

afterAll(async () => {
  for (const remove of removals) await remove();
});

const settings = (): Record<string, string> => ({
  VONG_DATA: data,
  VONG_LISTEN: '127.0.0.1:0',
  VONG_AGENT: 'off',
  VONG_LOG_LEVEL: 'warn',
});

/** A server whose end can be looked at; resolves when it says that it runs. */
async function running(): Promise<Running & { url: string; token: string }> {
  const server = start('main.ts', [], settings());
  await expect.poll(() => server.output(), { timeout: 30_000 }).toContain('Ctrl-C stops');
  const { url, token } = JSON.parse(readFileSync(join(data, 'operator.json'), 'utf8')) as { url: string; token: string };
  return { ...server, url, token };
}

/** A batch of which the first half is sent now, the rest when `finish` is called. */
function slowBatch(url: string, token: string, body: Buffer): { finish: () => Promise<{ status: number | undefined; text: string }> } {
  const headers = { authorization: `Bearer ${token}`, 'x-vong-sequence': '0', 'content-length': String(body.length) };
  const sending = request(`${url}/ingest/v1/batches`, { method: 'POST', headers });
  const answer = new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    sending.on('error', reject).on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode, text }));
    });
  });
  sending.write(body.subarray(0, body.length >> 1));
  return {
    finish: async () => {
      sending.end(body.subarray(body.length >> 1));
      return await answer;
    },
  };
}

describe('a second server on the same data directory', () => {
  it('is refused with the process that has it and what to do; the first goes on', async () => {
    const first = await startServer({ data });
    const second = await start('main.ts', [], settings()).ended;
    expect(second.code).toBe(1);
    expect(second.stdout).not.toContain('is running');
    expect(second.stderr.trim()).toMatch(
      /^vong: The data directory .+ is in use by another process \(pid \d+\)\. Stop it, or choose another/,
    );
    expect(second.stderr).toContain(`pid ${first.pid}`);
    expect(second.stderr).not.toMatch(/\n\s+at /);
    const sender = await Sender.enrolled(first);
    expect((await sender.send(zstd(record('1', 'still here')))).status).toBe(200);
    expect(await sender.stored()).toHaveLength(1);
    expect(await first.stop()).toBe(0);
  });

  it('starts at once when the first was killed with kill -9, and has what that had acknowledged', async () => {
    const first = await startServer({ data });
    const sender = await Sender.enrolled(first);
    expect((await sender.send(zstd(record('1', 'acknowledged')))).status).toBe(200);
    await first.kill();
    const second = await startServer({ data });
    expect(second.startMs).toBeLessThan(40_000);
    await expect.poll(async () => (await ask(second, '/api/events?q=acknowledged')).body.items.length, { timeout: 15_000 }).toBe(1);
    expect(await second.stop()).toBe(0);
  });
});

describe('Ctrl-C', () => {
  it('ends with 0 within 10 s, finishes the request in hand and takes no new one', async () => {
    const server = await running();
    const call = async (path: string, body: unknown) =>
      await fetch(`${server.url}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const { token } = (await (await call('/api/agents', { agency: 'vn', name: 'slow' })).json()) as { token: string };
    const slow = slowBatch(server.url, token, lines(record('1', 'in hand when the server was asked to stop')));
    await sleep(200);
    const asked = performance.now();
    server.child.kill('SIGINT');
    await expect.poll(() => server.output()).toContain('finishing what is in hand');
    await expect
      .poll(
        async () =>
          await fetch(`${server.url}/healthz`).then(
            () => 'answers',
            () => 'refused',
          ),
        { timeout: 5000 },
      )
      .toBe('refused');
    const answer = await slow.finish();
    expect(answer).toMatchObject({ status: 200, text: expect.stringContaining('"accepted":1') });
    expect(await server.ended).toMatchObject({ code: 0 });
    expect(performance.now() - asked).toBeLessThan(20_000);

    const later = await startServer({ data });
    await expect.poll(async () => (await ask(later, '/api/events?q=hand')).body.items.length, { timeout: 15_000 }).toBe(1);
    await later.stop();
  });

  it('a second time ends at once: the request in hand is not waited for', async () => {
    const server = await running();
    slowBatch(server.url, 'whoever', Buffer.alloc(1000))
      .finish()
      .catch(() => undefined);
    server.child.kill('SIGINT');
    server.child.kill('SIGTERM');
    const asked = performance.now();
    const { code } = await server.ended;
    expect([0, 130]).toContain(code);
    expect(performance.now() - asked).toBeLessThan(20_000);
  });
});

const linkOf = (output: string): string | undefined => /\/setup\/([\w-]{20,})/.exec(output)?.[1];

describe('the start', () => {
  it('answers within 5 s on a data directory that was used before (10 s are allowed here)', async () => {
    expect(await (await startServer({ data })).stop()).toBe(0);
    const server = await startServer({ data });
    console.info(`a later start answered after ${server.startMs} ms`);
    expect(server.startMs).toBeLessThan(40_000);
    await server.stop();
  });

  it('prints the set-up link only while nobody has signed up, and every link replaces the one before', async () => {
    const first = await startServer({ data });
    await expect.poll(() => linkOf(first.output())).toBeDefined();
    const old = linkOf(first.output());
    await first.stop();

    const second = await startServer({ data });
    await expect.poll(() => linkOf(second.output())).toBeDefined();
    const token = linkOf(second.output());
    expect(token).not.toBe(old);
    const signUp = async (link: string | undefined) =>
      await fetch(`${second.url}/api/setup`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-vong': '1' },
        body: JSON.stringify({ token: link, name: 'lan', displayName: 'Lan', password: 'mot cau dai de nho 2026' }),
      });
    expect((await signUp(old)).status).toBe(404);
    expect((await signUp(token)).status).toBeLessThan(300);
    expect((await signUp(token)).status).toBe(404);
    await second.stop();

    const third = await startServer({ data });
    await expect.poll(() => third.output()).toContain('Ctrl-C stops');
    expect(linkOf(third.output())).toBeUndefined();
    await third.stop();
  });

  it('is refused with a plain sentence when the address is taken or a setting is wrong', async () => {
    const first = await startServer({ data });
    const other = await temporaryDirectory('one-server');
    removals.push(other.remove);
    const taken = await start('main.ts', [], { ...settings(), VONG_DATA: other.path, VONG_LISTEN: new URL(first.url).host }).ended;
    expect(taken).toMatchObject({ code: 1, stderr: expect.stringContaining('The address is in use by another program') });
    const wrong = await start('main.ts', [], { ...settings(), VONG_DATA: other.path, VONG_DETECTORS: 'many' }).ended;
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('VONG_DETECTORS is "many" and must be') });
    for (const { stderr } of [taken, wrong]) expect(stderr).not.toMatch(/\n\s+at /);
    expect((await ask(first, '/healthz')).status).toBe(200);
    expect(await enrol(first, 'a')).toBeTruthy();
    await first.stop();
  });
});
