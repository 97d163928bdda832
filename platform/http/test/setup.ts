/** A server with a route for each way a request can end, made by `start` in each test; what it logged, the folder of its console. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { Type } from 'typebox';
import { afterEach, beforeEach } from 'vitest';
import { openServer, openWorld, type World } from '../../identity/test/setup.ts';
import { httpError } from '../errors.ts';
import { ANALYSTS, READERS, type HttpServer, type HttpServerOptions } from '../index.ts';

export let world: World;
export let app: HttpServer;
export let logged: string[];
export let folder: string;

export const start = async (options: Partial<HttpServerOptions> = {}) => {
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

export const cookie = () => `vong_session=${world.rootSecret}`;
export const post = (headers: Record<string, string>, url = '/api/try') =>
  app.inject({ method: 'POST', url, payload: { name: 'a' }, headers });
export const change = async (headers: Record<string, string>) =>
  (await post({ cookie: cookie(), host: 'soc.local:8080', ...headers })).statusCode;
export const JSON_TYPE = { 'content-type': 'application/json' };
export const signIn = (body: object, headers: Record<string, string> = {}) =>
  app.inject({ method: 'POST', url: '/api/session', payload: body, headers });
