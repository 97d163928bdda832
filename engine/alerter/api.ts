/** HTTP face of the alerts; see docs/reference/http-api.md. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { ANALYSTS, READERS } from '@vong/platform/http';
import { AlertBulkChange, AlertChange, AlertQuery } from '../contracts.ts';
import { AlertReads, type AlertReadDeps } from './reads.ts';
import { Triage, type By, type TriageDeps } from './triage.ts';

const HUNDRED_DAYS_MS = 8_640_000_000;

const Id = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });
const EventsQuery = Type.Object({
  cursor: Type.Optional(Type.String({ maxLength: 1024 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
});
const TimelineQuery = Type.Object({
  before: Type.Optional(Type.Integer({ minimum: 0, maximum: HUNDRED_DAYS_MS })),
  after: Type.Optional(Type.Integer({ minimum: 0, maximum: HUNDRED_DAYS_MS })),
});
const ExplainQuery = Type.Object({ event: Type.String({ minLength: 1, maxLength: 256 }) });
const Comment = Type.Object({ text: Type.String({ minLength: 1, maxLength: 10_000, pattern: String.raw`\S` }) });

export interface AlertsApiDeps extends AlertReadDeps, TriageDeps {}

export function alertsApi(deps: AlertsApiDeps) {
  const reads = new AlertReads(deps);
  const triage = new Triage(deps);
  return async (app: FastifyInstance): Promise<void> => {
    readRoutes(app, reads);
    changeRoutes(app, triage);
  };
}

function readRoutes(app: FastifyInstance, reads: AlertReads): void {
  const config = { access: READERS };
  app.get<{ Querystring: AlertQuery }>('/api/alerts', { config, schema: { querystring: AlertQuery } }, async (request) =>
    reads.list(request.scope, request.query),
  );
  app.get<{ Params: Static<typeof Id> }>('/api/alerts/:id', { config, schema: { params: Id } }, async (request) =>
    reads.detail(request.scope, request.params.id),
  );
  app.get<{ Params: Static<typeof Id>; Querystring: Static<typeof EventsQuery> }>(
    '/api/alerts/:id/events',
    { config, schema: { params: Id, querystring: EventsQuery } },
    async (request) => reads.events(request.scope, request.params.id, request.query),
  );
  app.get<{ Params: Static<typeof Id>; Querystring: Static<typeof TimelineQuery> }>(
    '/api/alerts/:id/timeline',
    { config, schema: { params: Id, querystring: TimelineQuery } },
    async (request) => reads.timeline(request.scope, request.params.id, request.query),
  );
  app.get<{ Params: Static<typeof Id>; Querystring: Static<typeof ExplainQuery> }>(
    '/api/alerts/:id/explain',
    { config, schema: { params: Id, querystring: ExplainQuery } },
    async (request) => reads.explain(request.scope, request.params.id, request.query.event),
  );
}

function changeRoutes(app: FastifyInstance, triage: Triage): void {
  const config = { access: ANALYSTS };
  app.patch<{ Params: Static<typeof Id>; Body: AlertChange }>(
    '/api/alerts/:id',
    { config, schema: { params: Id, body: AlertChange } },
    async (request) => triage.change(byOf(request), request.params.id, request.body),
  );
  app.post<{ Body: AlertBulkChange }>('/api/alerts/bulk', { config, schema: { body: AlertBulkChange } }, async (request) =>
    triage.changeMany(byOf(request), request.body),
  );
  app.post<{ Params: Static<typeof Id>; Body: Static<typeof Comment> }>(
    '/api/alerts/:id/comments',
    { config, schema: { params: Id, body: Comment } },
    async (request) => triage.comment(byOf(request), request.params.id, request.body.text),
  );
}

function byOf(request: Pick<FastifyRequest, 'scope' | 'ip'>): By {
  return { scope: request.scope, from: request.ip };
}
