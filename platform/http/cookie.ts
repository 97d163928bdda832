import type { FastifyReply } from 'fastify';
import { SESSION_LIFE_MS } from '../identity/sessions.ts';

export const SESSION_COOKIE = 'vong_session';

/** Not readable by scripts, never sent with another site's request, only over TLS when the console is served over TLS. */
function attributes(reply: FastifyReply) {
  return { path: '/', httpOnly: true, sameSite: 'strict', secure: reply.server.secureCookies } as const;
}

export function setSessionCookie(reply: FastifyReply, secret: string): void {
  reply.setCookie(SESSION_COOKIE, secret, { ...attributes(reply), maxAge: SESSION_LIFE_MS / 1000 });
}

export function clearSessionCookie(reply: FastifyReply): void {
  reply.clearCookie(SESSION_COOKIE, attributes(reply));
}

/** The session secret in a Cookie header, if it has exactly one: a second one planted by a neighbour host is not trusted. */
export function sessionSecret(header: string | undefined): string | undefined {
  if (header === undefined || header.length > 8192) return undefined;
  const found = header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${SESSION_COOKIE}=`))
    .map((pair) => pair.slice(SESSION_COOKIE.length + 1));
  return found.length === 1 ? found[0] : undefined;
}
