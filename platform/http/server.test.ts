import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { Type } from 'typebox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addPerson, openServer, openWorld, PASSWORD, plantTree, type World } from '../identity/test/setup.ts';
import { httpError } from './errors.ts';
import { ANALYSTS, READERS, type HttpServer, type HttpServerOptions } from './index.ts';
import { walkRoutes } from './testing.ts';

let world: World;
let app: HttpServer;
let logged: string[];
let folder: string;

const start = async (options: Partial<HttpServerOptions> = {}) => {
  const logger = pino({ level: 'debug' }, { write: (line: string) => logged.push(line) });
  app = await openServer(world, { logger, staticDirectory: folder, ...options });
  const Body = Type.Object({ name: Type.String({ maxLength: 5 }), deep: Type.Optional(Type.Unknown()) });
  app.post('/api/try', { config: { access: ANALYSTS }, schema: { body: Body } }, (request) => ({
    keys: Object.keys(request.body),
    polluted: Reflect.get({}, 'polluted') ?? null,
    agency: request.scope.agency,
  }));
  app.get(
    '/api/page',
    { config: { access: READERS }, schema: { querystring: Type.Object({ limit: Type.Integer({ minimum: 1 }) }) } },
    (request) => request.query,
  );
  app.get('/api/bug', { config: { access: 'anyone' } }, () => {
    throw new Error('the inner secret', { cause: new Error('deeper') });
  });
  app.get('/api/wait', { config: { access: 'anyone' } }, () => {
    throw httpError('HTTP_TOO_MANY', { retryAfterSeconds: 7 });
  });
  app.get('/api/mistake', { config: { access: 'anyone' } }, (request) => request.scope.agency);
  app.post('/ingest/v1/try', { config: { access: 'agent' } }, (request) => request.agent);
};

beforeEach(async () => {
  world = await openWorld();
  logged = [];
  folder = mkdtempSync(join(tmpdir(), 'vong-console-'));
});
afterEach(async () => {
  await app.close();
  await world.state.close();
  rmSync(folder, { recursive: true });
});

const cookie = () => `vong_session=${world.rootSecret}`;
const post = (headers: Record<string, string>, url = '/api/try') => app.inject({ method: 'POST', url, payload: { name: 'a' }, headers });
const change = async (headers: Record<string, string>) => (await post({ cookie: cookie(), host: 'soc.local:8080', ...headers })).statusCode;
const JSON_TYPE = { 'content-type': 'application/json' };
const signIn = (body: object, headers: Record<string, string> = {}) =>
  app.inject({ method: 'POST', url: '/api/session', payload: body, headers });

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

describe('access', () => {
  it('is refused at registration for a route that does not say who may call it', async () => {
    await start();
    expect(() => app.get('/api/open', async () => 1)).toThrow(/does not say who may call it/);
    expect(() => app.get('/api/nobody', { config: { access: [] } }, async () => 1)).toThrow(/does not say who may call it/);
  });

  it('lists every route with who may call it', async () => {
    await start();
    const routes = await walkRoutes(app);
    expect(routes).toContainEqual(expect.objectContaining({ method: 'PATCH', url: '/api/users/:id', access: ['administrator'] }));
    expect(routes.filter((route) => route.access === 'anyone').map((route) => `${route.method} ${route.url}`)).toEqual([
      'GET /*',
      'GET /api/setup/:token',
      'POST /api/setup',
      'GET /api/session',
      'POST /api/session',
      'DELETE /api/session',
      'GET /api/bug',
      'GET /api/wait',
      'GET /api/mistake',
    ]);
  });

  it('needs a session or a key of a fitting role, and an agent’s token where an agent calls', async () => {
    await start({ verifyAgent: async (token) => (token === 'right' ? { id: 'a', name: 'a', agency: 'vn' } : undefined) });
    const auditor = await addPerson(world, { name: 'soat', role: 'auditor', agency: 'vn' });
    const { secret } = await world.identity.keys.create({ scope: world.root }, { name: 'k', role: 'analyst', agency: 'vn' });
    expect((await post({})).statusCode).toBe(401);
    expect((await post({ authorization: 'Bearer wrong' })).statusCode).toBe(401);
    // A wrong key is not made good by a cookie beside it.
    expect((await post({ authorization: 'Bearer wrong', cookie: cookie(), 'x-vong': '1' })).statusCode).toBe(401);
    expect((await post({ authorization: `Bearer ${secret}` })).json()).toMatchObject({ agency: 'vn' });
    expect((await post({ cookie: auditor.cookie, 'x-vong': '1' })).statusCode).toBe(403);
    expect((await post({ cookie: cookie(), 'x-vong': '1' })).statusCode).toBe(200);
    expect((await post({ cookie: cookie(), 'x-vong': '1' }, '/ingest/v1/try')).statusCode).toBe(401);
    expect((await post({ authorization: 'Bearer right' }, '/ingest/v1/try')).json()).toEqual({ id: 'a', name: 'a', agency: 'vn' });
    expect((await post({ authorization: 'Bearer right' })).statusCode).toBe(401);
  });

  it('makes reading the scope of a route open to anyone a bug', async () => {
    await start();
    expect((await app.inject('/api/mistake')).json()).toMatchObject({ error: { code: 'HTTP_BUG' } });
  });
});

describe('a session cookie', () => {
  it('is not readable by scripts, not sent across sites, and Secure behind TLS', async () => {
    await start({ publicUrl: 'https://soc.example.vn' });
    const answer = await signIn({ name: 'goc', password: PASSWORD });
    expect(answer.json()).toMatchObject({ user: { name: 'goc', role: 'administrator', agency: 'vn' } });
    expect(answer.headers['set-cookie']).toMatch(/^vong_session=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
    expect(answer.headers['strict-transport-security']).toBeDefined();
  });

  it('is new at every sign-in, and the one before it ends', async () => {
    await start();
    const answer = await signIn({ name: 'goc', password: PASSWORD }, { cookie: cookie() });
    expect(answer.cookies[0]?.value).not.toBe(world.rootSecret);
    expect((await app.inject({ url: '/api/session', headers: { cookie: cookie() } })).statusCode).toBe(401);
  });

  it('is not believed when there are two', async () => {
    await start();
    const headers = { cookie: `${cookie()}; vong_session=x` };
    expect((await app.inject({ url: '/api/session', headers })).statusCode).toBe(401);
  });

  it('changes something only with the console’s header and from the console’s own origin', async () => {
    await start({ publicUrl: 'https://soc.example.vn' });
    expect(await change({})).toBe(403);
    expect(await change({ 'x-vong': '1' })).toBe(200);
    expect(await change({ 'x-vong': '1', origin: 'http://soc.local:8080' })).toBe(200);
    expect(await change({ 'x-vong': '1', origin: 'https://soc.example.vn' })).toBe(200);
    for (const origin of ['http://evil.example', 'null', 'https://soc.example.vn.evil.example', 'http://soc.local:9090']) {
      expect([origin, await change({ 'x-vong': '1', origin })]).toEqual([origin, 403]);
    }
    expect(await change({ 'x-vong': '1', 'sec-fetch-site': 'same-site' })).toBe(403);
  });

  it('cannot be planted by another site’s form', async () => {
    await start();
    expect((await signIn({ name: 'goc', password: PASSWORD }, { origin: 'http://evil.example' })).statusCode).toBe(403);
    const form = { method: 'POST', url: '/api/session', payload: 'name=goc', headers: { 'content-type': 'text/plain' } } as const;
    expect((await app.inject(form)).json()).toMatchObject({ error: { code: 'HTTP_MEDIA_TYPE' } });
  });

  it('is cleared and worthless after signing out', async () => {
    await start();
    const answer = await app.inject({ method: 'DELETE', url: '/api/session', headers: { cookie: cookie() } });
    expect(answer.headers['set-cookie']).toMatch(/^vong_session=; .*Expires=Thu, 01 Jan 1970/);
    expect((await app.inject({ url: '/api/session', headers: { cookie: cookie() } })).statusCode).toBe(401);
  });
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
    expect(line).toContain('server.test.ts');
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

describe('the console’s files', () => {
  it('come with a strict policy; assets for ever, pages revalidated, unknown pages as the index', async () => {
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Vọng Gác</title>');
    writeFileSync(join(folder, 'assets', 'main-AbC1.js'), 'export {}');
    writeFileSync(join(folder, '..', 'outside.txt'), 'no');
    await start();
    for (const url of ['/', '/alerts/abc?x=1', '/setup/token']) {
      const page = await app.inject(url);
      expect(page.body).toContain('Vọng Gác');
      expect(page.headers['cache-control']).toBe('no-cache');
      expect(page.headers['content-security-policy']).toContain("script-src 'self';");
      expect(page.headers['x-content-type-options']).toBe('nosniff');
    }
    expect((await app.inject('/assets/main-AbC1.js')).headers['cache-control']).toBe('public, max-age=31536000, immutable');
    const page = await app.inject({ url: '/sources/web01.example.vn', headers: { accept: 'text/html' } });
    expect(page.body).toContain('Vọng Gác');
    expect((await app.inject(`/${'x'.repeat(300)}`)).body).toContain('Vọng Gác');
    for (const url of ['/assets/gone.js', '/api/unknown', '/ingest/x', '/..%2foutside.txt', '/%2e%2e/outside.txt', '//outside.txt']) {
      const answer = await app.inject(url);
      expect([url, answer.statusCode >= 400]).toEqual([url, true]);
      expect((await app.inject({ url, headers: { accept: 'text/html' } })).body).not.toBe('no');
      expect(answer.body).not.toBe('no');
    }
    expect((await app.inject('/api/unknown')).json()).toMatchObject({ error: { code: 'HTTP_NOT_FOUND' } });
    rmSync(join(folder, '..', 'outside.txt'));
  });

  it('not yet built are said to be so', async () => {
    await start();
    const answer = await app.inject('/');
    expect(answer.statusCode).toBe(503);
    expect(answer.body).toContain('not built');
  });

  it('and every answer of the API stay out of caches', async () => {
    await start();
    expect((await app.inject('/api/session')).headers['cache-control']).toBe('no-store');
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
