/**
 * A stand-in for the server while working on the console, and for its tests: generated data in the contracts' shapes, and the built
 * console. Never part of the product. `node console/test/fixture-server.ts [--port 8099] [--alerts 20000] [--every 3000] [--signed-out]`
 */
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Server } from 'socket.io';
import type { Change } from '@vong/platform/live';
import { createAlertStore } from './fixtures/alert-store.ts';
import { makeEvent, makeExplanation } from './fixtures/alerts.ts';
import { AGENCIES, ME, PEOPLE } from './fixtures/people.ts';

const dist = fileURLToPath(new URL('../web/dist/', import.meta.url));
const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
};

type Answer = { status?: number; body?: unknown };
type Handler = (call: { path: string[]; query: URLSearchParams; body: Record<string, unknown> }) => Answer | Promise<Answer>;

const fail = (status: number, code: string, message: string, details?: object): Answer => ({
  status,
  body: { error: { code, message, details } },
});
const missing = fail(404, 'HTTP_NOT_FOUND', 'There is nothing at this address.');

const present = (body: unknown): Answer => (body === undefined ? missing : { body });

export interface FixtureOptions {
  port?: number;
  alerts?: number;
  /** Milliseconds between arriving alerts; 0: none. */
  every?: number;
  signedOut?: boolean;
}

export interface FixtureServer {
  readonly url: string;
  readonly arrive: (count?: number) => void;
  readonly shown: () => readonly string[];
  readonly disconnect: () => void;
  readonly close: () => Promise<void>;
}

export async function startFixtureServer(options: FixtureOptions = {}): Promise<FixtureServer> {
  const store = createAlertStore(options.alerts ?? 20_000, Date.now());
  let user: typeof ME | undefined = options.signedOut ? undefined : { ...ME };
  const changes: Change[] = [];
  const shown: string[] = [];
  const server = createServer((request, response) => void serve(request, response));
  const io = new Server(server, { path: '/live', serveClient: false });
  const record = (key: string, body: { agency: string }): void => {
    const change: Change = { sequence: changes.length + 1, kind: 'alert', agency: body.agency, key, body: { ...body }, at: Date.now() };
    changes.push(change);
    io.to('caught-up').emit('changes', [change], () => undefined);
  };
  io.on('connection', (socket) => {
    socket.on('follow', async ({ cursor }: { cursor: number | null }) => {
      let at = cursor ?? changes.length;
      while (at < changes.length) {
        const page = changes.slice(at, at + 500);
        await socket.emitWithAck('changes', page);
        at += page.length;
      }
      await socket.join('caught-up');
      socket.emit('caught-up', { cursor: at });
    });
    socket.on('shown', ({ ids }: { ids: string[] }) => shown.push(...ids));
  });

  const routes: [string, Handler][] = [
    ['GET api/session', () => (user ? { body: { user } } : fail(401, 'IDENTITY_SIGN_IN_NEEDED', 'Sign in first, or send a valid key.'))],
    [
      'POST api/session',
      ({ body }) => {
        if (body['password'] === 'locked') return fail(423, 'IDENTITY_LOCKED', 'Too many wrong passwords.', { retryAfterSeconds: 252 });
        if (body['password'] !== 'correct') return fail(401, 'IDENTITY_SIGN_IN_REFUSED', 'The name or the password is wrong.');
        user = { ...ME };
        return { body: { user } };
      },
    ],
    ['DELETE api/session', () => ((user = undefined), { status: 204 })],
    ['PATCH api/session', ({ body }) => ({ body: { user: (user = { ...(user ?? ME), ...body }) } })],
    [
      'GET api/setup/:',
      ({ path }) =>
        path[2] === 'used'
          ? fail(404, 'IDENTITY_LINK_INVALID', 'This link is not valid.')
          : { body: { kind: 'setup', expiresAt: Date.now() + 3_600_000 } },
    ],
    ['POST api/setup', () => ({ body: { user: (user = { ...ME }) } })],
    ['GET api/agencies', () => ({ body: { items: AGENCIES } })],
    [
      'GET api/users',
      () => ({ body: { items: PEOPLE.map((one) => ({ ...ME, id: one.id, displayName: one.name, disabled: false, createdAt: 0 })) } }),
    ],
    ['GET api/alerts', ({ query }) => ({ body: store.list(query) })],
    ['GET api/alerts/:', ({ path }) => present(store.detail(path[2]!))],
    [
      'PATCH api/alerts/:',
      ({ path, body }) => {
        const changed = store.change(path[2]!, body, Number(body['version']));
        if (changed === 'changed')
          return fail(409, 'ALERT_CHANGED', 'Someone else has changed this alert meanwhile.', { alert: store.find(path[2]!) });
        if (changed) record(changed.id, changed);
        return present(changed);
      },
    ],
    [
      'POST api/alerts/bulk',
      ({ body }) => {
        const { ids, ...change } = body;
        const changed = (Array.isArray(ids) ? ids.map(String) : [])
          .flatMap((id) => store.change(id, change) ?? [])
          .filter((alert) => alert !== 'changed');
        for (const alert of changed) record(alert.id, alert);
        return { body: { changed, failed: [] } };
      },
    ],
    [
      'POST api/alerts/:/comments',
      ({ path, body }) => {
        store.comment(path[2]!, String(body['text']));
        return present(store.detail(path[2]!));
      },
    ],
    [
      'GET api/alerts/:/events',
      ({ path, query }) => {
        const alert = store.find(path[2]!);
        if (!alert) return missing;
        const from = Number(query.get('cursor') ?? 0);
        const limit = Number(query.get('limit') ?? 50);
        const items = Array.from({ length: Math.max(0, Math.min(limit, alert.count - from)) }, (_, at) => makeEvent(alert, from + at));
        return { body: { items, total: alert.count, ...(from + limit < alert.count ? { next: String(from + limit) } : {}) } };
      },
    ],
    ['GET api/alerts/:/explain', () => ({ body: makeExplanation() })],
    [
      'GET api/alerts/:/timeline',
      ({ path }) => {
        const alert = store.find(path[2]!);
        return alert
          ? { body: { items: Array.from({ length: 90 }, (_, at) => makeEvent({ ...alert, first: alert.first - 290_000 }, at)) } }
          : missing;
      },
    ],
  ];

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://fixture');
    if (!url.pathname.startsWith('/api/')) return file(url.pathname, response);
    const path = url.pathname.slice(1).split('/').map(decodeURIComponent);
    const handler = routes.find(([pattern]) => matches(pattern, request.method ?? 'GET', path))?.[1];
    const answer = handler ? await handler({ path, query: url.searchParams, body: await bodyOf(request) }) : missing;
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' });
    response.end(answer.body === undefined ? '' : JSON.stringify(answer.body));
    return undefined;
  }

  const arrive = (count = 1): void => {
    for (let n = 0; n < count; n += 1) {
      const alert = store.arrive(Date.now());
      record(alert.id, alert);
    }
  };
  const timer = options.every ? setInterval(arrive, options.every, 1) : undefined;
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    arrive,
    shown: () => shown,
    disconnect: () => io.disconnectSockets(true),
    close: async () => {
      clearInterval(timer);
      await io.close();
    },
  };
}

function matches(pattern: string, method: string, path: readonly string[]): boolean {
  const [wanted, route = ''] = pattern.split(' ');
  const parts = route.split('/');
  return wanted === method && parts.length === path.length && parts.every((part, at) => part === ':' || part === path[at]);
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const parts: Buffer[] = [];
  for await (const part of request) if (Buffer.isBuffer(part)) parts.push(part);
  const text = Buffer.concat(parts).toString('utf8');
  const parsed: unknown = text.startsWith('{') ? JSON.parse(text) : {};
  return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
}

async function file(path: string, response: ServerResponse): Promise<void> {
  const known = /^\/(assets\/|icon)/.test(path);
  const name = known ? normalize(path).replace(/^\/+/, '') : 'index.html';
  try {
    const bytes = await readFile(join(dist, name));
    response.writeHead(200, { 'content-type': TYPES[extname(name)] ?? 'application/octet-stream' });
    response.end(bytes);
  } catch {
    response.writeHead(404).end();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8099' },
      alerts: { type: 'string', default: '20000' },
      every: { type: 'string', default: '3000' },
      'signed-out': { type: 'boolean', default: false },
    },
  });
  const server = await startFixtureServer({
    port: Number(values.port),
    alerts: Number(values.alerts),
    every: Number(values.every),
    signedOut: values['signed-out'],
  });
  console.log(server.url);
}
