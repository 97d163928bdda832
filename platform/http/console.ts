/** The console's files: hashed assets for ever, everything else revalidated, every page of the single-page application its index. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { httpError } from './errors.ts';

const RESERVED = /^\/(?:api|ingest|live|health|metrics)(?:\/|$)/;
const HASHED = /^assets\//;
const YEAR_MS = 31_536_000_000;

const NOT_BUILT = 'The console is not built yet. Run "npm start" in the product folder, or "npm run build", then reload this page.\n';

export function serveConsole(app: FastifyInstance, directory: string | undefined): void {
  if (directory !== undefined) app.register(fastifyStatic, { root: directory, serve: false, dotfiles: 'ignore' });
  app.get('/*', { config: { access: 'anyone' } }, async (request, reply) => {
    const path = new URL(request.url, 'http://console').pathname;
    if (RESERVED.test(path)) throw httpError('HTTP_NOT_FOUND');
    if (directory === undefined || !existsSync(join(directory, 'index.html'))) {
      return reply.status(503).type('text/plain; charset=utf-8').send(NOT_BUILT);
    }
    const file = (request.params as { '*': string })['*'];
    if (!lastPart(file).includes('.')) return reply.header('cache-control', 'no-cache').sendFile('index.html', { cacheControl: false });
    if (HASHED.test(file)) return reply.sendFile(file, { maxAge: YEAR_MS, immutable: true });
    return reply.header('cache-control', 'no-cache').sendFile(file, { cacheControl: false });
  });
  app.setNotFoundHandler(() => {
    throw httpError('HTTP_NOT_FOUND');
  });
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
