/** The one place where a request gets its scope: enforces `config.access` before anything else of the request is read. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { identityError } from '../identity/errors.ts';
import type { Identity } from '../identity/identity.ts';
import type { Scope } from '../identity/scope.ts';
import type { LiveSession } from '../identity/sessions.ts';
import type { AgentIdentity } from './access.ts';
import { sessionSecret } from './cookie.ts';
import { httpError } from './errors.ts';
import { crossSite } from './origin.ts';

export interface Caller {
  scope?: Scope;
  session?: LiveSession;
  agent?: AgentIdentity;
}

const callers = new WeakMap<FastifyRequest, Caller>();
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
const BEARER = /^Bearer ([A-Za-z0-9._~+/=-]{1,512})$/i;

export interface AuthenticateOptions {
  readonly identity: Identity;
  readonly publicOrigin: string | undefined;
  /** The agent of a token, undefined for a wrong one. */
  readonly verifyAgent: (token: string) => Promise<AgentIdentity | undefined>;
}

/** Adds the check to every route, and `request.scope`, `request.agent`, `request.session`. */
export function enforceAccess(app: FastifyInstance, options: AuthenticateOptions): void {
  const { identity, publicOrigin, verifyAgent } = options;
  app.decorateRequest('scope', { getter: scopeOf });
  app.decorateRequest('agent', { getter: agentOf });
  app.decorateRequest('session', { getter: sessionOf });
  app.addHook('onRequest', async (request) => {
    if (request.is404) return;
    const access = request.routeOptions.config.access;
    if (access === undefined) throw httpError('HTTP_ACCESS_MISSING', { method: request.method, url: request.routeOptions.url });
    const changes = !SAFE.has(request.method);
    if (access === 'agent') {
      callers.set(request, { agent: await agentBy(request, verifyAgent) });
      return;
    }
    if (changes && crossSite(request.headers, publicOrigin)) throw httpError('HTTP_CROSS_SITE');
    if (access === 'anyone') return;
    const caller = await callerOf(identity, request);
    if (!caller?.scope) throw identityError('IDENTITY_SIGN_IN_NEEDED');
    if (changes && caller.session && request.headers['x-vong'] !== '1') throw httpError('HTTP_CROSS_SITE');
    if (!access.includes(caller.scope.role)) throw identityError('IDENTITY_FORBIDDEN');
    callers.set(request, caller);
  });
}

/** Who calls, by key or else by session cookie; for routes open to anyone that answer a signed-in caller differently. */
export async function callerOf(identity: Identity, request: FastifyRequest): Promise<Caller | undefined> {
  if (request.headers.authorization !== undefined) {
    const token = bearer(request);
    const scope = token === undefined ? undefined : await identity.authenticateKey(token);
    return scope && { scope };
  }
  const secret = sessionSecret(request.headers.cookie);
  return secret === undefined ? undefined : identity.authenticateSession(secret);
}

/** Who called, after `enforceAccess`; for the access log. */
export function knownCaller(request: FastifyRequest): Caller | undefined {
  return callers.get(request);
}

async function agentBy(request: FastifyRequest, verify: AuthenticateOptions['verifyAgent']): Promise<AgentIdentity> {
  const token = bearer(request);
  const agent = token === undefined ? undefined : await verify(token);
  if (!agent) throw identityError('IDENTITY_SIGN_IN_NEEDED');
  return agent;
}

function bearer(request: FastifyRequest): string | undefined {
  return BEARER.exec(request.headers.authorization ?? '')?.[1];
}

function scopeOf(this: FastifyRequest): Scope {
  return callers.get(this)?.scope ?? missing(this, 'scope');
}

function agentOf(this: FastifyRequest): AgentIdentity {
  return callers.get(this)?.agent ?? missing(this, 'agent');
}

function sessionOf(this: FastifyRequest): LiveSession | undefined {
  return callers.get(this)?.session;
}

function missing(request: FastifyRequest, property: string): never {
  throw httpError('HTTP_SCOPE_MISSING', { url: request.routeOptions.url, property });
}
