/** HTTP face of recordings and replays; see docs/reference/http-api.md. */
import multipart from '@fastify/multipart';
import { Type } from 'typebox';
import { ANALYSTS, READERS, type ApiPlugin } from '@vong/platform/http';
import type { By } from '@vong/platform/identity';
import type { FastifyRequest } from 'fastify';
import { ReplayCreate } from '../contracts.ts';
import { recordingError } from '../recordings/index.ts';
import { UPLOAD_BYTES } from './recordings.ts';
import type { Replays } from './service.ts';

/** What a multipart body has beside the file. */
const OVERHEAD_BYTES = 1024 * 1024;
const Id = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });

export function replaysApi({ replays }: { replays: Replays }): ApiPlugin {
  return async (app) => {
    await app.register(multipart, { limits: { fileSize: UPLOAD_BYTES, files: 1, fields: 10, fieldSize: 1024 } });
    app.get('/api/recordings', { config: { access: READERS } }, async (request) => ({
      items: await replays.recordings.list(request.scope),
    }));
    const upload = { config: { access: ANALYSTS }, bodyLimit: UPLOAD_BYTES + OVERHEAD_BYTES };
    app.post('/api/recordings', upload, async (request, reply) => {
      if (!request.isMultipart()) throw recordingError('RECORDING_EMPTY');
      const part = await request.file();
      if (part === undefined) throw recordingError('RECORDING_EMPTY');
      return reply.status(201).send(await replays.recordings.add(byOf(request), { name: part.filename, content: part.file }));
    });
    app.get('/api/replays', { config: { access: READERS } }, async (request) => ({ items: await replays.list(request.scope) }));
    app.post('/api/replays', { config: { access: ANALYSTS }, schema: { body: ReplayCreate } }, async (request, reply) =>
      reply.status(201).send(await replays.create(byOf(request), request.body)),
    );
    app.delete('/api/replays/:id', { config: { access: ANALYSTS }, schema: { params: Id } }, async (request) =>
      replays.cancel(byOf(request), request.params.id),
    );
  };
}

function byOf(request: FastifyRequest): By {
  return { scope: request.scope, from: request.ip };
}
