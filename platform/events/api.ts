/** The routes of event search and saved searches. Thin: the store applies the scope, the services do the work. */
import type { FastifyReply } from 'fastify';
import type { Clock } from '../clock/index.ts';
import { READERS } from '../http/access.ts';
import type { ApiPlugin } from '../http/server.ts';
import {
  EventFieldsQuery,
  EventHistogramQuery,
  EventId,
  EventSearchQuery,
  EventValuesQuery,
  FieldName,
  SavedSearchCreate,
} from './contracts.ts';
import type { Aggregable, EventStore } from './contract.ts';
import { eventsError } from './errors.ts';
import type { Scope } from '../identity/scope.ts';
import type { State } from '../state/contract.ts';
import { createSavedSearches } from './saved-searches.ts';
import { narrowed } from './narrow.ts';

export interface EventsApiDeps {
  readonly events: Pick<EventStore, 'search' | 'get' | 'histogram' | 'fields' | 'fieldValues' | 'stats'>;
  readonly state: State;
  readonly clock?: Clock;
}

const readers = { access: READERS } as const;

export function eventsApi(deps: EventsApiDeps): ApiPlugin {
  const { events, state } = deps;
  return async (app) => {
    app.get('/api/events', { config: readers, schema: { querystring: EventSearchQuery } }, async (request, reply) => {
      const { cursor, limit, order } = request.query;
      const paging = {
        ...(cursor === undefined ? {} : { cursor }),
        ...(limit === undefined ? {} : { limit }),
        ...(order === undefined ? {} : { order }),
      };
      return events.search({ ...(await asked(state, request)), ...paging }, gone(reply));
    });
    app.get('/api/events/histogram', { config: readers, schema: { querystring: EventHistogramQuery } }, async (request, reply) => {
      const { buckets } = request.query;
      const base = await asked(state, request);
      const range = base.range ?? (await wholeRange(events));
      return events.histogram({ ...base, range, ...(buckets === undefined ? {} : { buckets }) }, gone(reply));
    });
    app.get('/api/events/fields', { config: readers, schema: { querystring: EventFieldsQuery } }, async (request, reply) => ({
      items: await events.fields(await asked(state, request), gone(reply)),
    }));
    const values = { config: readers, schema: { params: FieldName, querystring: EventValuesQuery } };
    app.get('/api/events/fields/:name/values', values, async (request, reply) => {
      const { limit } = request.query;
      const field = request.params.name;
      return events.fieldValues({ ...(await asked(state, request)), field, ...(limit === undefined ? {} : { limit }) }, gone(reply));
    });
    app.get('/api/events/:id', { config: readers, schema: { params: EventId } }, async (request) => {
      const { id } = request.params;
      const [event] = await events.get(request.scope, [id]);
      if (event === undefined) throw eventsError('EVENTS_NOT_FOUND', { id });
      return event;
    });
    await app.register(savedSearchesApi(deps));
  };
}

function savedSearchesApi({ state, clock }: EventsApiDeps): ApiPlugin {
  const saved = createSavedSearches(state, clock);
  return async (app) => {
    app.get('/api/saved-searches', { config: readers }, async (request) => ({ items: await saved.list(request.scope) }));
    app.post('/api/saved-searches', { config: readers, schema: { body: SavedSearchCreate } }, async (request, reply) =>
      reply.status(201).send(await saved.create({ scope: request.scope, from: request.ip }, request.body)),
    );
    app.delete('/api/saved-searches/:id', { config: readers, schema: { params: EventId } }, async (request, reply) => {
      await saved.remove({ scope: request.scope, from: request.ip }, request.params.id);
      return reply.status(204).send();
    });
  };
}

async function asked(state: State, request: { readonly scope: Scope; readonly query: EventFieldsQuery }): Promise<Aggregable> {
  const { q = '', from, to, agency } = request.query;
  const scope = agency === undefined ? request.scope : await narrowed(state, request.scope, agency);
  if (from === undefined && to === undefined) return { scope, query: q };
  return { scope, query: q, range: { from: from ?? 0, to: to ?? Number.MAX_SAFE_INTEGER } };
}

async function wholeRange(events: EventsApiDeps['events']): Promise<{ from: number; to: number }> {
  const { oldest = 0, newest = oldest } = await events.stats();
  return { from: oldest, to: newest + 1 };
}

/** Aborted when the client goes away before it has its answer. */
function gone(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
