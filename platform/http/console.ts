/** The console's files: hashed assets for ever, everything else revalidated, every page of the single-page application its index. */
import { statSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { httpError } from './errors.ts';

const RESERVED = /^\/(?:api|ingest|live|health|metrics)(?:[/?]|$)/;
const HASHED = /^assets\//;
const YEAR_MS = 31_536_000_000;

const NOT_BUILT = 'The console is not built yet. Run "npm start" in the product folder, or "npm run build", then reload this page.\n';

export function serveConsole(app: FastifyInstance, directory: string | undefined): void {
  if (directory !== undefined) app.register(fastifyStatic, { root: directory, serve: false, dotfiles: 'ignore' });
  app.get<{ Params: { '*': string } }>('/*', { config: { access: 'anyone' } }, (request, reply) => {
    if (RESERVED.test(request.url)) throw httpError('HTTP_NOT_FOUND');
    if (directory === undefined || !isFile(directory, 'index.html')) {
      return reply.status(503).type('text/plain; charset=utf-8').send(NOT_BUILT);
    }
    const file = request.params['*'];
    if (isFile(directory, file)) {
      if (HASHED.test(file)) return reply.sendFile(file, { maxAge: YEAR_MS, immutable: true });
      return reply.header('cache-control', 'no-cache').sendFile(file, { cacheControl: false });
    }
    // A page's address may end like a file's (`/sources/web01.example.vn`): a browser asking for a page gets the index.
    const page = !HASHED.test(file) && (!file.includes('.') || (request.headers.accept ?? '').includes('text/html'));
    if (!page) throw httpError('HTTP_NOT_FOUND');
    return reply.header('cache-control', 'no-cache').sendFile('index.html', { cacheControl: false });
  });
  app.setNotFoundHandler(() => {
    throw httpError('HTTP_NOT_FOUND');
  });
}

function isFile(directory: string, file: string): boolean {
  if (file.includes('\0')) return false;
  const path = resolve(directory, file);
  if (!path.startsWith(resolve(directory) + sep)) return false;
  try {
    return statSync(path).isFile();
  } catch {
    // Not there, or a name the file system does not take: either way nothing to serve.
    return false;
  }
}
