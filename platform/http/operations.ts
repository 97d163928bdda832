/** For those who run the server: its metrics. Whether it lives and can work: `platform/health`. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { identityError } from '../identity/errors.ts';
import type { Identity } from '../identity/identity.ts';
import { callerOf } from './authenticate.ts';

export interface OperationsOptions {
  readonly identity: Identity;
  /** The metrics in Prometheus' text format. */
  readonly metrics?: (() => string | Promise<string>) | undefined;
}

export function addOperations(app: FastifyInstance, options: OperationsOptions): void {
  const config = { access: 'anyone' } as const;
  const { metrics } = options;
  if (!metrics) return;
  app.get('/metrics', { config }, async (request, reply) => {
    if (!fromThisMachine(request) && !(await callerOf(options.identity, request))) throw identityError('IDENTITY_SIGN_IN_NEEDED');
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metrics());
  });
}

/**
 * A request that a proxy on this machine passes on comes from loopback too, but carries the proxy's headers; and a page of a
 * stranger whose name was pointed at 127.0.0.1 comes with that name in Host.
 */
function fromThisMachine(request: FastifyRequest): boolean {
  const { headers, socket } = request;
  if (headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined || headers['x-real-ip'] !== undefined) return false;
  const address = socket.remoteAddress ?? '';
  const loopback = address === '::1' || /^(?:::ffff:)?127\./.test(address);
  return loopback && /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i.test(headers.host ?? '');
}
