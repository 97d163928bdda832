import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { ADMINISTRATORS, READERS } from '../../http/access.ts';
import type { ApiPlugin } from '../../http/server.ts';
import type { By } from '../by.ts';
import { AgencyChange, AgencyCreate, AuditListQuery, KeyCreate, UserChange, UserCreate } from '../contracts.ts';
import type { Identity } from '../identity.ts';

const Id = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });
const Code = Type.Object({ code: Type.String({ minLength: 1, maxLength: 64 }) });
const readers = { access: READERS } as const;
const administrators = { access: ADMINISTRATORS } as const;
const auditors = { access: ['administrator', 'auditor'] } as const;

export function peopleApi(identity: Identity): ApiPlugin {
  return async (app) => {
    app.get('/api/agencies', { config: readers }, async (request) => ({ items: await identity.agencies.list(request.scope) }));
    app.post('/api/agencies', { config: administrators, schema: { body: AgencyCreate } }, async (request, reply) =>
      reply.status(201).send(await identity.agencies.create(byOf(request), request.body)),
    );
    app.patch('/api/agencies/:code', { config: administrators, schema: { params: Code, body: AgencyChange } }, (request) =>
      identity.agencies.change(byOf(request), request.params.code, request.body),
    );
    app.get('/api/users', { config: readers }, async (request) => ({ items: await identity.users.list(request.scope) }));
    app.post('/api/users', { config: administrators, schema: { body: UserCreate } }, async (request, reply) =>
      reply.status(201).send(await identity.users.create(byOf(request), request.body)),
    );
    app.patch('/api/users/:id', { config: administrators, schema: { params: Id, body: UserChange } }, (request) =>
      identity.users.change(byOf(request), request.params.id, request.body),
    );
    app.post('/api/users/:id/link', { config: administrators, schema: { params: Id } }, async (request, reply) =>
      reply.status(201).send(await identity.createPasswordLink(byOf(request), request.params.id)),
    );
    app.get('/api/keys', { config: administrators }, async (request) => ({ items: await identity.keys.list(request.scope) }));
    app.post('/api/keys', { config: administrators, schema: { body: KeyCreate } }, async (request, reply) =>
      reply.status(201).send(await identity.keys.create(byOf(request), request.body)),
    );
    app.delete('/api/keys/:id', { config: administrators, schema: { params: Id } }, async (request, reply) => {
      await identity.keys.revoke(byOf(request), request.params.id);
      return reply.status(204).send();
    });
    app.get('/api/audit', { config: auditors, schema: { querystring: AuditListQuery } }, (request) =>
      identity.audit(request.scope, request.query),
    );
  };
}

function byOf(request: FastifyRequest): By {
  return { scope: request.scope, from: request.ip };
}
