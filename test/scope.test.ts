import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '@vong/platform/config';
import { walkRoutes, type RouteInfo } from '@vong/platform/http/testing';
import type { Change } from '@vong/platform/live';
import type { TestServer } from '../deploy/testbed/vong.ts';
import { startVong } from '../main.ts';
import { allAlerts, drained, enrol, sendBatch, temporaryDirectory } from './harness/product.ts';
import { addressOf, bodyOf, SECRET, VICTIM, type Ids } from './harness/what-routes-take.ts';

const SIBLING = 'bo-hang-xom';
const ROLES = ['administrator', 'analyst', 'auditor'] as const;
const PASSWORD = 'mot cau dai de nho 2026';

let data: Awaited<ReturnType<typeof temporaryDirectory>>;
let vong: Awaited<ReturnType<typeof startVong>>;
let server: TestServer;
let routes: readonly RouteInfo[];
let ids: Ids;
const keys = new Map<string, string>();

/** The recorded attack of our rule on a cleared log, on a host of the agency. */
function attack(host: string, n: number): string {
  const event = { '@timestamp': new Date().toISOString(), Channel: 'Security', EventID: 1102, SourceName: 'Microsoft-Windows-Eventlog' };
  return JSON.stringify({ ...event, Hostname: host, SubjectUserName: host, RecordNumber: n });
}

async function send(token: string, sequence: number, host: string): Promise<void> {
  const collected = new Date().toISOString();
  const good = { id: `r${sequence}`, source: 'file', format: 'windows' as const, collected, raw: attack(host, sequence) };
  const tooDeep = {
    id: `d${sequence}`,
    source: 'file',
    format: 'json' as const,
    collected,
    raw: `${'{"a":'.repeat(500)}"${SECRET}"${'}'.repeat(500)}`,
  };
  await sendBatch(server, { token, sequence, records: [good, tooDeep] });
  await drained(server);
}

async function as(key: string, method: string, path: string, body?: unknown): Promise<{ status: number; text: string }> {
  const headers: Record<string, string> = { authorization: `Bearer ${key}` };
  if (body !== undefined) headers['content-type'] = 'application/json';
  const answer = await fetch(`${server.url}${path}`, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
  return { status: answer.status, text: await answer.text() };
}

async function makeKey(agency: string, role: string): Promise<string> {
  const created = await server.call<{ secret: string }>('/api/keys', { method: 'POST', body: { name: `${agency}-${role}`, agency, role } });
  return created.secret;
}

async function signIn(name: string, agency: string, role: string): Promise<string> {
  const user = await server.call<{ id: string }>('/api/users', { method: 'POST', body: { name, displayName: name, role, agency } });
  const { token } = await server.call<{ token: string }>(`/api/users/${user.id}/link`, { method: 'POST' });
  const headers = { 'content-type': 'application/json', 'x-vong': '1' };
  const answer = await fetch(`${server.url}/api/setup`, { method: 'POST', headers, body: JSON.stringify({ token, password: PASSWORD }) });
  if (!answer.ok) throw new Error(`no session: ${answer.status} ${await answer.text()}`);
  return answer.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ');
}

beforeAll(async () => {
  data = await temporaryDirectory('scope');
  const env = { VONG_DATA: data.path, VONG_LISTEN: '127.0.0.1:0', VONG_AGENT: 'off', VONG_LOG_LEVEL: 'error' };
  vong = await startVong(loadConfig(env));
  const { token } = JSON.parse((await import('node:fs')).readFileSync(join(data.path, 'operator.json'), 'utf8')) as { token: string };
  server = {
    url: vong.url,
    token,
    call: async (path: string, options: { method?: string; body?: unknown } = {}) => {
      const { status, text } = await as(token, options.method ?? 'GET', path, options.body);
      if (status >= 400) throw new Error(`${path}: ${status} ${text}`);
      return text === '' ? undefined : JSON.parse(text);
    },
  } as TestServer;
  routes = await walkRoutes(vong.http);
  for (const [code, kind] of [
    [VICTIM, 'ministry'],
    [SIBLING, 'ministry'],
    [`vu-${SECRET}`, 'unit'],
  ] as const) {
    const parent = kind === 'unit' ? VICTIM : 'vn';
    await server.call('/api/agencies', { method: 'POST', body: { code, nameVi: code, nameEn: code, kind, parent } });
  }
  for (const role of ROLES) keys.set(role, await makeKey(SIBLING, role));
  ids = await plant();
}, 90_000);

afterAll(async () => {
  await vong?.stop();
  await data?.remove();
});

/** One of everything in the victim's agency; returns the ids by the routes that take them. */
async function plant(): Promise<Ids> {
  const token = await enrol(server, `tac-nhan-${SECRET}`, `vu-${SECRET}`);
  await send(token, 0, `may-${SECRET}`);
  for (let i = 0; i < 100 && (await allAlerts(server)).length === 0; i++) await sleep(100);
  const victim = await makeKey(VICTIM, 'administrator');
  const made = async (path: string, body: unknown): Promise<Record<string, string>> =>
    JSON.parse((await as(victim, 'POST', path, body)).text) as Record<string, string>;
  const list = async (path: string): Promise<Record<string, string>[]> =>
    (JSON.parse((await as(victim, 'GET', path)).text) as { items: Record<string, string>[] }).items;
  const search = await made('/api/saved-searches', { name: SECRET, query: SECRET, columns: [] });
  const user = await made('/api/users', { name: `nguoi-${SECRET}`, displayName: SECRET, role: 'analyst', agency: VICTIM });
  const file = join(data.path, 'upload.ndjson');
  writeFileSync(file, `${attack(`may-${SECRET}`, 9)}\n`);
  const form = new FormData();
  form.append('file', new Blob([`${attack(`may-${SECRET}`, 9)}\n`]), `${SECRET}.ndjson`);
  const uploaded = await fetch(`${server.url}/api/recordings`, {
    method: 'POST',
    headers: { authorization: `Bearer ${victim}` },
    body: form,
  });
  const recording = (await uploaded.json()) as { id: string };
  const replay = await made('/api/replays', { recording: recording.id, agency: VICTIM, speed: 0 });
  await sleep(500);
  await drained(server);
  const alerts = await list('/api/alerts');
  const events = await list('/api/events');
  let letters = await list('/api/dead-letters');
  // The table follows the topic every second.
  for (let i = 0; i < 50 && letters.length === 0; i++) {
    await sleep(100);
    letters = await list('/api/dead-letters');
  }
  const agents = await list('/api/agents');
  const found = {
    alert: alerts[0]?.['id'],
    event: (events[0] as { event?: { id: string } } | undefined)?.event?.id,
    letter: letters[0]?.['id'],
    agent: agents[0]?.['id'],
  };
  const all = {
    ...found,
    search: search['id'],
    user: user['id'],
    recording: recording.id,
    replay: replay['id'],
    key: (await list('/api/keys'))[0]?.['id'],
  };
  for (const [name, id] of Object.entries(all)) if (id === undefined) throw new Error(`nothing planted: ${name}`);
  return all as Ids;
}

const QUERIES = ['', `?agency=${VICTIM}`, `?q=${SECRET}`, `?event=EVENT&host=may-${SECRET}&from=0&to=9999999999999`];

const forPeople = (route: RouteInfo): boolean => Array.isArray(route.access);

describe('a user of a sibling agency', () => {
  it('the victim has one of everything, and its own people see it', async () => {
    const key = await makeKey(VICTIM, 'administrator');
    for (const path of [
      '/api/alerts',
      '/api/events',
      '/api/dead-letters',
      '/api/agents',
      '/api/users',
      '/api/keys',
      '/api/saved-searches',
      '/api/replays',
      '/api/agencies',
      '/api/audit',
    ]) {
      expect(`${path} ${(await as(key, 'GET', path)).text}`).toContain(SECRET);
    }
  });

  it('sees nothing of it on any reading route, in any role', async () => {
    const reading = routes.filter((route) => route.method === 'GET' && forPeople(route));
    expect(reading.length).toBeGreaterThan(20);
    for (const [role, key] of keys) {
      for (const route of reading) {
        for (const query of QUERIES) {
          const path = `${addressOf(route.url, ids)}${query.replace('EVENT', ids['event'] ?? '')}`;
          const { text, status } = await as(key, 'GET', path);
          // What the caller asked for may be named in a refusal; nothing else may.
          const told = status >= 400 ? text.replaceAll(VICTIM, '').replaceAll(SECRET, '') : text.replaceAll(`"query":"${SECRET}"`, '');
          expect(told, `${role} GET ${path} (${status})`).not.toContain(SECRET);
        }
      }
    }
  });

  it('changes nothing of it on any changing route, in any role', async () => {
    const changing = routes.filter((route) => route.method !== 'GET' && forPeople(route));
    expect(changing.length).toBeGreaterThan(15);
    const snapshot = async (): Promise<string> => {
      const paths = [
        '/api/alerts',
        '/api/users',
        '/api/keys',
        '/api/saved-searches',
        '/api/replays',
        '/api/agencies',
        '/api/dead-letters',
        '/api/rules?limit=500',
      ];
      const answers = await Promise.all(paths.map(async (path) => (await as(server.token, 'GET', path)).text));
      // What the pipeline counts of the events sent above comes when it comes.
      return answers.join('\n').replaceAll(/"(?:(?:lastUsedAt|seenAt|tookMs|matches24h|lastMatch)":\d+|hourly":\[[\d,]*\]),?/g, '');
    };
    const before = await snapshot();
    for (const [role, key] of keys) {
      for (const route of changing) {
        const { status, text } = await as(key, route.method, addressOf(route.url, ids), bodyOf(route, ids));
        const harmless = status >= 400 || /"changed":(\[\]|0)|"replayed":0/.test(text) || route.url.startsWith('/api/session');
        expect(
          harmless || (route.url === '/api/saved-searches' && !text.includes(SECRET)),
          `${role} ${route.method} ${route.url} (${status}) ${text}`,
        ).toBe(true);
      }
    }
    const after = await snapshot();
    const own = /\{[^{}]*"agency":"bo-hang-xom"[^{}]*\},?/g;
    expect(after.replaceAll(own, '')).toBe(before.replaceAll(own, ''));
  });

  it('is sent nothing of it by the live push, while the victim is', async () => {
    const watch = async (agency: string): Promise<{ seen: Change[]; close: () => void }> => {
      const cookie = await signIn(`xem-${agency === VICTIM ? 'a' : 'b'}`, agency, 'administrator');
      const socket = io(server.url, { path: '/live', extraHeaders: { cookie, origin: server.url }, transports: ['websocket'] });
      const seen: Change[] = [];
      socket.on('changes', (changes: Change[], acknowledge?: () => void) => {
        seen.push(...changes);
        acknowledge?.();
      });
      await new Promise((resolve, reject) => {
        socket.once('connect', () => resolve(undefined));
        socket.once('connect_error', reject);
      });
      socket.emit('follow', { cursor: 0 });
      return { seen, close: () => socket.close() };
    };
    const victim = await watch(VICTIM);
    const sibling = await watch(SIBLING);
    const token = await enrol(server, `nua-${SECRET}`, VICTIM);
    await send(token, 0, `may-${SECRET}-2`);
    for (
      let i = 0;
      i < 100 && !victim.seen.some(({ kind, body }) => kind === 'alert' && JSON.stringify(body).includes(`may-${SECRET}-2`));
      i++
    )
      await sleep(100);
    expect(JSON.stringify(victim.seen)).toContain(`may-${SECRET}-2`);
    expect(JSON.stringify(sibling.seen)).not.toContain(SECRET);
    victim.close();
    sibling.close();
  }, 60_000);

  it('every route says who may call it, and none but these is open to anyone', () => {
    const open = routes.filter((route) => route.access === 'anyone').map(({ method, url }) => `${method} ${url}`);
    expect(
      open.filter(
        (route) => !/^(GET \/(healthz|readyz|metrics|\*?)?|(GET|POST) \/api\/setup.*|(GET|POST|DELETE) \/api\/session)$/.test(route),
      ),
    ).toEqual([]);
  });
});
