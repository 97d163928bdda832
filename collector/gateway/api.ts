/** Routes of the front door and of the console's sources page; thin: the work is in the services. */
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { ADMINISTRATORS, ANALYSTS, type ApiPlugin, READERS } from '@vong/platform/http';
import type { By } from '@vong/platform/identity';
import { AgentCreate, AgentStatus, LIMITS } from '../contracts.ts';
import type { Encoding } from './decompress.ts';
import { drainRest } from './drain.ts';
import { gatewayError } from './errors.ts';
import type { Gateway } from './gateway.ts';

export interface GatewayApiDeps {
  readonly gateway: Gateway;
}

export interface AgentsApiDeps extends GatewayApiDeps {
  /** Address agents reach this server at, for the command shown; default: the address the request was sent to. */
  readonly publicUrl?: string;
}

const Id = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });
const Replay = Type.Object({
  ids: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { minItems: 1, maxItems: 500 })),
  all: Type.Optional(Type.Literal(true)),
});
const DeadLetterQuery = Type.Object({
  agent: Type.Optional(Type.String({ maxLength: 64 })),
  cursor: Type.Optional(Type.String({ maxLength: 128 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
});
const ENCODINGS: ReadonlySet<string> = new Set(['zstd', 'gzip', 'identity']);

/** `POST /ingest/v1/batches` and `/status`. The body of a batch is read as a stream, whatever content type it claims. */
export function gatewayApi({ gateway }: GatewayApiDeps): ApiPlugin {
  return async (app) => {
    app.post('/ingest/v1/status', { config: { access: 'agent' }, schema: { body: AgentStatus } }, (request) =>
      gateway.report(request.agent, request.body),
    );
    await app.register(async (batches) => {
      batches.removeAllContentTypeParsers();
      batches.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
      batches.post(
        '/ingest/v1/batches',
        { config: { access: 'agent' }, bodyLimit: LIMITS.batchCompressedBytes },
        async (request, reply) => {
          try {
            return await gateway.receive({
              agent: request.agent,
              sequence: sequenceOf(request),
              encoding: encodingOf(request),
              announced: lengthOf(request),
              stream: request.raw,
            });
          } catch (error) {
            await drainRest(request.raw);
            // What is still not read is not waited for.
            if (!request.raw.complete) reply.header('connection', 'close');
            throw error;
          }
        },
      );
    });
  };
}

export function agentsApi({ gateway, publicUrl }: AgentsApiDeps): ApiPlugin {
  const readers = { access: READERS } as const;
  const administrators = { access: ADMINISTRATORS } as const;
  const { agents, deadLetters } = gateway;
  return async (app) => {
    app.get('/api/agents', { config: readers }, async (request) => ({ items: await agents.list(request.scope) }));
    app.post('/api/agents', { config: administrators, schema: { body: AgentCreate } }, async (request, reply) =>
      reply.status(201).send(await agents.create(byOf(request), request.body, publicUrl ?? `${request.protocol}://${request.host}`)),
    );
    app.delete('/api/agents/:id', { config: administrators, schema: { params: Id } }, async (request, reply) => {
      await agents.revoke(byOf(request), request.params.id);
      return reply.status(204).send();
    });
    app.get('/api/dead-letters', { config: readers, schema: { querystring: DeadLetterQuery } }, (request) =>
      deadLetters.list(request.scope, request.query),
    );
    app.get('/api/dead-letters/:id/raw', { config: readers, schema: { params: Id } }, async (request, reply) =>
      reply
        .header('content-disposition', 'attachment; filename="record.bin"')
        .type('application/octet-stream')
        .send(Buffer.from(await deadLetters.raw(request.scope, request.params.id))),
    );
    app.post('/api/dead-letters/replay', { config: { access: ANALYSTS }, schema: { body: Replay } }, (request) => {
      const { ids = [], all } = request.body;
      return deadLetters.replay(byOf(request), all === true ? 'all' : { ids });
    });
  };
}

function byOf(request: FastifyRequest): By {
  return { scope: request.scope, from: request.ip };
}

function sequenceOf(request: FastifyRequest): number {
  const header = request.headers['x-vong-sequence'];
  if (typeof header !== 'string' || !/^\d{1,15}$/.test(header)) throw gatewayError('INGEST_SEQUENCE');
  return Number(header);
}

function encodingOf(request: FastifyRequest): Encoding {
  const header = (request.headers['content-encoding'] ?? 'identity').toLowerCase();
  if (!isEncoding(header)) throw gatewayError('INGEST_ENCODING', { encoding: header.slice(0, 64) });
  return header;
}

function isEncoding(text: string): text is Encoding {
  return ENCODINGS.has(text);
}

function lengthOf(request: FastifyRequest): number | undefined {
  const length = Number(request.headers['content-length']);
  return Number.isSafeInteger(length) ? length : undefined;
}
