/** The console's files: hashed assets for ever, everything else revalidated, every page of the single-page application its index. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { httpError } from './errors.ts';

const RESERVED = /^\/(?:api|ingest|live|health|metrics)(?:\/|$)/;
const HASHED = /^assets\//;
const YEAR_MS = 31_536_000_000;

const NOT_BUILT = 'The console is not built yet. Run "npm start" in the product folder, or "npm run build", then reload this page.\n';

export function serveConsole(app: FastifyInstance, directory: string | undefined): void {
  if (directory !== undefined) app.register(fastifyStatic, { root: directory, serve: false, dotfiles: 'ignore' });
  app.get('/*', { config: { access: 'anyone' } }, async (request, reply) => {
    if (RESERVED.test(pathOf(request))) throw httpError('HTTP_NOT_FOUND');
    if (directory === undefined || !existsSync(join(directory, 'index.html'))) {
      return reply.status(503).type('text/plain; charset=utf-8').send(NOT_BUILT);
    }
    const file = (request.params as { '*': string })['*'];
    if (HASHED.test(file)) return reply.sendFile(file, { maxAge: YEAR_MS, immutable: true });
    return file.includes('.') ? reply.header('cache-control', 'no-cache').sendFile(file, { cacheControl: false }) : index(reply);
  });
  app.setNotFoundHandler((request, reply) => {
    // A page's address may end like a file's (`/sources/web01.example.vn`): a browser asking for a page gets the index.
    const page = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');
    const path = pathOf(request);
    if (page && directory !== undefined && !RESERVED.test(path) && !HASHED.test(path.slice(1))) return index(reply);
    throw httpError('HTTP_NOT_FOUND');
  });
}

function index(reply: FastifyReply): FastifyReply {
  return reply.header('cache-control', 'no-cache').sendFile('index.html', { cacheControl: false });
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '';
}
