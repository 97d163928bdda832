import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import ipaddr from 'ipaddr.js';
import { httpError } from './errors.ts';

/** For `config.rateLimit` of routes that take a password or a one-time token: attempts a minute and address. */
export const CREDENTIAL_RATE = { max: 30, timeWindow: 60_000 } as const;

/** Limits only the routes that set `config.rateLimit`. Counted in memory, for at most 20,000 addresses. */
export function addRateLimit(app: FastifyInstance): void {
  app.register(rateLimit, {
    global: false,
    cache: 20_000,
    keyGenerator: (request) => addressGroup(request.ip),
    errorResponseBuilder: (_request, context) => httpError('HTTP_TOO_MANY', { retryAfterSeconds: Math.ceil(context.ttl / 1000) }),
  });
}

/** One IPv6 subscriber holds a whole /64: they count as one address. */
export function addressGroup(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed.kind() === 'ipv4' ? parsed.toString() : parsed.toByteArray().slice(0, 8).join('.');
}
