import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ManualClock } from '../clock/index.ts';
import { VongError } from '../errors/index.ts';
import { identityModule, type IdentityTables } from '../identity/index.ts';
import type { Scope } from '../identity/scope.ts';
import type { State } from '../state/index.ts';
import { openTestState } from '../state/testing.ts';
import { eventsApi, eventsModule, openEventStore, type EmbeddedEventStore } from './index.ts';
import { scopeOf } from './test/conformance.ts';
import { eventAt } from './test/corpus.ts';

let path = '';
let state: State;
let events: EmbeddedEventStore;
let app: FastifyInstance;
let scope: Scope;

beforeAll(async () => {
  path = await mkdtemp(join(tmpdir(), 'vong-events-api-'));
  const clock = new ManualClock(1000);
  state = await openTestState({ modules: [identityModule, eventsModule], clock });
  const row = { name_vi: 'x', name_en: 'x', kind: 'ministry' as const, created_at: 0 };
  for (const [agency, parent, above] of [
    ['bo-a', 'vn', 'vn'],
    ['bo-b', 'bo-a', 'vn/bo-a'],
    ['tinh-c', 'vn', 'vn'],
  ] as const) {
    await state
      .system<IdentityTables>()
      .insertInto('agencies')
      .values({ ...row, agency, parent, path: `${above}/${agency}` })
      .execute();
  }
  events = await openEventStore({ path });
  await events.append(
    Array.from({ length: 60 }, (_, n) => eventAt(n)),
    [],
  );
  app = Fastify();
  app.decorateRequest('scope');
  app.addHook('onRequest', async (request) => {
    request.scope = scope;
  });
  app.setErrorHandler((error, _request, reply) =>
    reply
      .status(error instanceof VongError ? error.status : 500)
      .send(error instanceof VongError ? { code: error.code, details: error.details } : { text: String(error) }),
  );
  await app.register(eventsApi({ events, state, clock }));
});

afterAll(async () => {
  await app.close();
  await events.close();
  await state.close();
  await rm(path, { recursive: true, force: true });
});

/** The parts of the answers that the tests look at. */
interface Body {
  items: { event: { id: string }; organization: { id: string } }[];
  total: number;
  event: { id: string };
}

async function get(url: string): Promise<{ status: number; body: Body }> {
  const answer = await app.inject({ url });
  return { status: answer.statusCode, body: answer.json<Body>() };
}

it('narrows a search to an agency and what is below it, never beyond the reader', async () => {
  scope = { ...scopeOf('vn'), agencies: 'all' };
  const of = async (agency: string): Promise<Set<string>> =>
    new Set((await get(`/api/events?limit=1000&agency=${agency}`)).body.items.map((event) => event.organization.id));
  expect(await of('bo-a')).toEqual(new Set(['bo-a', 'bo-b']));
  expect(await of('tinh-c')).toEqual(new Set(['tinh-c']));
  expect((await get('/api/events?agency=none')).status).toBe(404);
  scope = scopeOf('tinh-c');
  expect((await get('/api/events?agency=bo-a')).status).toBe(404);
  expect(await of('tinh-c')).toEqual(new Set(['tinh-c']));
});

it('answers histogram, fields, values and one event', async () => {
  scope = scopeOf('bo-a');
  const page = await get('/api/events?q=event.module:%20windows&limit=2');
  expect(page.body.items).toHaveLength(2);
  const id: string = page.body.items[0]!.event.id;
  expect((await get(`/api/events/${id}`)).body.event.id).toBe(id);
  expect((await get('/api/events/histogram')).body.total).toBe(20);
  expect((await get('/api/events/fields')).body.items.length).toBeGreaterThan(20);
  expect((await get('/api/events/fields/organization.id/values')).body).toEqual({
    values: [{ value: 'bo-a', count: 20 }],
    other: 0,
    missing: 0,
  });
  scope = scopeOf('tinh-c');
  expect((await get(`/api/events/${id}`)).status).toBe(404);
});

it('answers a query that can not be read with 400 and the position', async () => {
  const { status, body } = await get('/api/events?q=a:%20(b');
  expect(status).toBe(400);
  expect(body).toMatchObject({ code: 'EVENTS_KQL_SYNTAX', details: { position: 5 } });
});

it('keeps saved searches within the agency, audits them, and lets only owner or administrator delete', async () => {
  scope = scopeOf('bo-a');
  const payload = { name: 'đăng nhập', query: 'event.code: 4625', columns: ['host.name'] };
  // oxlint-disable-next-line no-unsafe-type-assertion -- checked by what produced it
  const made = (await app.inject({ method: 'POST', url: '/api/saved-searches', payload })).json() as { id: string };
  expect((await get('/api/saved-searches')).body.items).toMatchObject([{ ...payload, agency: 'bo-a' }]);
  expect((await app.inject({ method: 'POST', url: '/api/saved-searches', payload: { ...payload, query: '(' } })).statusCode).toBe(400);
  expect((await app.inject({ method: 'POST', url: '/api/saved-searches', payload: { ...payload, agency: 'tinh-c' } })).statusCode).toBe(
    404,
  );
  scope = scopeOf('tinh-c');
  expect((await get('/api/saved-searches')).body.items).toEqual([]);
  expect((await app.inject({ method: 'DELETE', url: `/api/saved-searches/${made.id}` })).statusCode).toBe(404);
  scope = { ...scopeOf('bo-a'), actor: { kind: 'user', id: 'other', name: 'Other' } };
  expect((await app.inject({ method: 'DELETE', url: `/api/saved-searches/${made.id}` })).statusCode).toBe(403);
  scope = { ...scope, role: 'administrator' };
  expect((await app.inject({ method: 'DELETE', url: `/api/saved-searches/${made.id}` })).statusCode).toBe(204);
  const audit = await state.system<IdentityTables>().selectFrom('audit').select('action').execute();
  expect(audit.map((entry) => entry.action)).toEqual(['saved_search.create', 'saved_search.delete']);
});
