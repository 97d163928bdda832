/**
 * Every route says who may call it, in `config.access`; a route that does not is refused when the server starts.
 * `anyone`: no sign-in. `agent`: an agent's token. A list: people and keys with one of these roles.
 */
import type {} from 'fastify';
import type { Actor, Role, Scope } from '../identity/scope.ts';

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
  }
}

export type { Actor };
