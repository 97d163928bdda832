import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { PASSWORD, plantTree } from '../identity/test/setup.ts';
import { app, cookie, JSON_TYPE, logged, start, world } from './test/setup.ts';

it('closes although a sender was cut off in the middle of a request; one that is being answered is answered', async () => {
  await start();
  app.post('/api/slow', { config: { access: 'anyone' } }, async () => {
    await pause(1000);
    return { slow: true };
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const cutOff = connect({ host: '127.0.0.1', port: Number(new URL(url).port) }).on('error', () => undefined);
  cutOff.write('POST /api/slow HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"');
  const asked = fetch(`${url}/api/slow`, { method: 'POST', body: '{}', headers: JSON_TYPE });
  await pause(300);
  const started = performance.now();
  await app.close();
  expect(performance.now() - started).toBeLessThan(6000);
  expect(await (await asked).json()).toEqual({ slow: true });
  cutOff.destroy();
});

describe('failures', () => {
  it('of validation name the field', async () => {
    await start();
    const headers = { cookie: cookie(), 'x-vong': '1' };
    const post = async (payload: object) =>
      (await app.inject({ method: 'POST', url: '/api/try', payload, headers })).json<{ error: { code: string; details: object } }>().error;
    expect(await post({ name: 'toolong' })).toMatchObject({ code: 'HTTP_INVALID', details: { field: 'body.name' } });
    expect(await post({})).toMatchObject({ code: 'HTTP_INVALID', details: { field: 'body.name' } });
    expect((await app.inject({ url: '/api/page?limit=x', headers })).json()).toMatchObject({
      error: { details: { field: 'query.limit' } },
    });
    expect((await app.inject({ url: '/api/page?limit=5', headers })).json()).toEqual({ limit: 5 });
  });

  it('of a body that cannot be read are the sender’s, and pollute nothing', async () => {
    await start();
    const headers = { ...JSON_TYPE, cookie: cookie(), 'x-vong': '1' };
    const post = async (payload: string, more = {}) =>
      app.inject({ method: 'POST', url: '/api/try', payload, headers: { ...headers, ...more } });
    expect((await post('{"name":')).json()).toMatchObject({ error: { code: 'HTTP_MALFORMED' } });
    expect((await post('{"name":"a","__proto__":{"polluted":1}}')).statusCode).toBe(400);
    expect((await post('{"name":"a","constructor":{"prototype":{"polluted":1}}}')).statusCode).toBe(400);
    expect((await post(`{"name":"a","deep":${'['.repeat(10_000)}${']'.repeat(10_000)}}`)).statusCode).toBe(200);
    expect((await post(JSON.stringify({ name: 'x'.repeat(1024 * 1024) }))).json()).toMatchObject({ error: { code: 'HTTP_TOO_LARGE' } });
    expect((await post('x', { 'content-type': 'application/xml' })).statusCode).toBe(415);
  });

  it('by a bug show an incident number that stands in the log with the stack, and nothing of the inside', async () => {
    await start();
    const answer = await app.inject('/api/bug');
    expect(answer.statusCode).toBe(500);
    const { error } = answer.json<{ error: { incident: string } }>();
    expect(answer.body).not.toContain('secret');
    const line = logged.find((text) => text.includes(error.incident));
    expect(line).toContain('the inner secret');
    expect(line).toContain('http/test/setup.ts');
    expect(line).toContain('deeper');
  });

  it('of the address itself, and a page nobody has, answer in the same shape', async () => {
    await start();
    expect((await app.inject('/api/users/%')).json()).toMatchObject({ error: { code: 'HTTP_MALFORMED' } });
    expect((await app.inject({ method: 'POST', url: '/nowhere' })).json()).toMatchObject({ error: { code: 'HTTP_NOT_FOUND' } });
    expect((await app.inject({ method: 'PATCH', url: `/api/users/${'x'.repeat(600)}` })).statusCode).toBeGreaterThanOrEqual(400);
  });

  it('that pass say when to try again', async () => {
    await start();
    const answer = await app.inject('/api/wait');
    expect(answer.headers['retry-after']).toBe('7');
  });

  it('to guess passwords from one address are slowed down', async () => {
    await start();
    const codes = [];
    for (let i = 0; i < 32; i++) codes.push((await app.inject({ url: `/api/setup/wrong-${i}` })).statusCode);
    expect(codes.filter((code) => code === 404)).toHaveLength(30);
    expect(codes.slice(30)).toEqual([429, 429]);
    const answer = await app.inject({ url: '/api/setup/again' });
    expect(answer.json()).toMatchObject({ error: { code: 'HTTP_TOO_MANY' } });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('and successes leave no token in the log', async () => {
    await start();
    await app.inject('/api/setup/hemmelig-token');
    await app.inject({ url: '/api/session', headers: { cookie: cookie() } });
    expect(logged.join('')).toContain('/api/setup/:token');
    expect(logged.join('')).not.toContain('hemmelig-token');
    expect(logged.join('')).not.toContain(world.rootSecret);
  });
});

describe('operations', () => {
  it('tell metrics to this machine or a key', async () => {
    await start({ metrics: () => 'vong_up 1\n' });
    const get = (remoteAddress: string, headers: Record<string, string> = { host: '127.0.0.1:8080' }) =>
      app.inject({ url: '/metrics', remoteAddress, headers });
    expect((await get('127.0.0.1')).body).toBe('vong_up 1\n');
    expect((await get('192.0.2.1')).statusCode).toBe(401);
    expect((await get('127.0.0.1', { host: 'localhost', 'x-forwarded-for': '192.0.2.1' })).statusCode).toBe(401);
    expect((await get('127.0.0.1', { host: 'rebound.example' })).statusCode).toBe(401);
    const operator = `Bearer ${world.identity.createOperatorKey()}`;
    expect((await get('192.0.2.1', { authorization: operator })).statusCode).toBe(200);
  });
});

describe('the routes of people and agencies', () => {
  it('serve an administrator from the first agency to the first key', async () => {
    await start();
    await plantTree(world);
    const headers = { cookie: cookie(), 'x-vong': '1' };
    const call = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, payload?: object) =>
      app.inject({ method, url, headers, ...(payload ? { payload } : {}) });
    const made = await call('POST', '/api/users', { name: 'lan', displayName: 'Lan', role: 'analyst', agency: 'bca' });
    expect(made.statusCode).toBe(201);
    const { id } = made.json<{ id: string }>();
    const link = (await call('POST', `/api/users/${id}/link`)).json<{ token: string; path: string }>();
    expect(link.path).toBe(`/setup/${link.token}`);
    const setup = await app.inject({ method: 'POST', url: '/api/setup', payload: { token: link.token, password: PASSWORD } });
    expect(setup.json()).toMatchObject({ user: { name: 'lan', agency: 'bca' } });
    const lan = { cookie: `vong_session=${setup.cookies[0]?.value}`, 'x-vong': '1' };
    expect(
      (await app.inject({ url: '/api/agencies', headers: lan })).json<{ items: { code: string }[] }>().items.map((a) => a.code),
    ).toEqual(['bca', 'bca-c06']);
    expect((await app.inject({ url: '/api/audit', headers: lan })).statusCode).toBe(403);
    const changed = await app.inject({ method: 'PATCH', url: '/api/session', headers: lan, payload: { language: 'en', theme: 'dark' } });
    expect(changed.json()).toMatchObject({ user: { language: 'en', theme: 'dark' } });
    const key = (await call('POST', '/api/keys', { name: 'k', role: 'auditor', agency: 'byt' })).json<{
      key: { id: string };
      secret: string;
    }>();
    const bearer = { authorization: `Bearer ${key.secret}` };
    expect((await app.inject({ url: '/api/users', headers: bearer })).json()).toEqual({ items: [] });
    expect((await app.inject({ method: 'PATCH', url: '/api/session', headers: bearer, payload: {} })).statusCode).toBe(403);
    expect((await call('DELETE', `/api/keys/${key.key.id}`)).statusCode).toBe(204);
    expect((await call('PATCH', '/api/agencies/bca', { nameEn: 'Ministry' })).json()).toMatchObject({ name: { en: 'Ministry' } });
    const sessions = (await app.inject({ url: '/api/sessions', headers: lan })).json<{ items: { id: string; current: boolean }[] }>().items;
    expect(sessions).toHaveLength(1);
    expect((await app.inject({ method: 'DELETE', url: `/api/sessions/${sessions[0]?.id}`, headers })).statusCode).toBe(404);
    expect((await app.inject({ method: 'DELETE', url: `/api/sessions/${sessions[0]?.id}`, headers: lan })).statusCode).toBe(204);
    expect((await app.inject({ url: '/api/session', headers: lan })).statusCode).toBe(401);
    expect((await call('GET', '/api/audit?action=user.session_end')).json<{ items: unknown[] }>().items).toHaveLength(1);
  });
});
