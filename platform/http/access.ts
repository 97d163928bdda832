/**
 * Every route says who may call it, in `config.access`; a route that does not is refused when the server starts.
 * `anyone`: no sign-in. `agent`: an agent's token. A list: people and keys with one of these roles.
 */
import type { Role, Scope } from '../identity/scope.ts';
import type { LiveSession } from '../identity/sessions.ts';

export type Access = 'anyone' | 'agent' | readonly Role[];

export const READERS: readonly Role[] = ['administrator', 'analyst', 'auditor'];
export const ANALYSTS: readonly Role[] = ['administrator', 'analyst'];
export const ADMINISTRATORS: readonly Role[] = ['administrator'];

/** An agent whose token was checked. */
export interface AgentIdentity {
  readonly id: string;
  readonly name: string;
  readonly agency: string;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
  interface FastifyRequest {
    /** Set before the handler of every route whose access is a list of roles. Reading it elsewhere throws. */
    scope: Scope;
    /** Set before the handler of every route whose access is `agent`. */
    agent: AgentIdentity;
    /** The person's session, when the caller signed in with one (and not with a key). */
    session: LiveSession | undefined;
  }
  interface FastifyInstance {
    /** Cookies are sent over TLS only. */
    secureCookies: boolean;
    /** Origin of the address people use, when it is not the one listened on. */
    publicOrigin: string | undefined;
  }
}
