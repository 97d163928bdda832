/**
 * Who is reading or changing, and what they may see. A scope is made once, where a request or socket is authenticated
 * (`platform/identity`), and applied once, where data is read: the state's scope plugin, the event store, the live rooms.
 * No route filters by agency itself.
 */
export type Role = 'administrator' | 'analyst' | 'auditor';

export interface Actor {
  readonly kind: 'user' | 'key' | 'agent' | 'system';
  readonly id: string;
  readonly name: string;
}

export interface Scope {
  readonly actor: Actor;
  readonly role: Role;
  /** The actor's own agency: sees it and everything below it. */
  readonly agency: string;
  /** Codes of every agency in reach (own and below), or 'all' for the root of the tree. */
  readonly agencies: 'all' | ReadonlySet<string>;
}

/** True when the scope reaches the agency. */
export function reaches(scope: Scope, agency: string): boolean {
  return scope.agencies === 'all' || scope.agencies.has(agency);
}
