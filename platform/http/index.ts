/** The HTTP border: one server, guarded in one place. Domains bring thin plugins. */
export { ADMINISTRATORS, ANALYSTS, READERS } from './access.ts';
export type { Access, AgentIdentity } from './access.ts';
export type { ErrorBody } from './answers.ts';
export { clearSessionCookie, SESSION_COOKIE, sessionSecret, setSessionCookie } from './cookie.ts';
export { callerOf, type Caller } from './authenticate.ts';
export { crossSite } from './origin.ts';
export { CREDENTIAL_RATE } from './rate-limit.ts';
export { createHttpServer, type ApiPlugin, type HttpServer, type HttpServerOptions } from './server.ts';
