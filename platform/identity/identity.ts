import type { Clock } from '../clock/index.ts';
import type { Logger } from '../logger/index.ts';
import type { Signals } from '../live/signals.ts';
import type { State } from '../state/contract.ts';
import { createAgencies, type Agencies } from './agencies.ts';
import { createAttempts } from './attempts.ts';
import { listAudit, recordAudit, type AuditQuery } from './audit.ts';
import type { AuditEntry, UserLink } from './contracts.ts';
import { identityError } from './errors.ts';
import { createKeys, type Keys } from './keys.ts';
import { createLinks, type Links } from './links.ts';
import { createPasswords } from './passwords.ts';
import type { IdentityTables, UserRow } from './schema.ts';
import { reaches, type Scope } from './scope.ts';
import { createSessions, type LiveSession, type Sessions } from './sessions.ts';
import { createSignIn, type SignInService } from './sign-in.ts';
import { createUsers, type Users } from './users.ts';

export interface IdentityDeps {
  readonly state: State;
  readonly clock: Clock;
  readonly logger?: Logger;
  /** Words to and from other processes on the same state; without them their changes are seen after some seconds. */
  readonly signals?: Pick<Signals, 'bump' | 'subscribe'>;
}

/** Who people and programs are, and what they may see. The only place that makes a `Scope`. */
export interface Identity extends SignInService, Pick<Links, 'inspect' | 'redeem' | 'createPasswordLink'> {
  readonly agencies: Agencies;
  readonly users: Users;
  readonly keys: Keys;
  readonly sessions: Sessions;
  /** Ends one of the person's own sessions; throws IDENTITY_SESSION_UNKNOWN. */
  endSession(person: LiveSession, id: string, from: string): Promise<void>;
  audit(scope: Scope, query: AuditQuery): Promise<{ items: AuditEntry[]; next?: string }>;
  /** For main to print: a fresh one-time link (path and token) while nobody is registered, else undefined. */
  createSetupLink(): Promise<UserLink | undefined>;
  /** For main to write to `<data>/operator.json`, mode 0600. Valid until the next call or the end of the process. */
  createOperatorKey(): string;
  /** Session and scope of a cookie's secret; undefined when it is not, or no longer, valid. */
  authenticateSession(secret: string): Promise<{ session: LiveSession; scope: Scope } | undefined>;
  /** Scope of a key. */
  authenticateKey(secret: string): Promise<Scope | undefined>;
  /** Own agency and all below it. */
  scopeOf(user: Pick<UserRow, 'id' | 'name' | 'role' | 'agency'>): Promise<Scope>;
  /** The part of the scope at and below `agency` (the scope itself without one); throws IDENTITY_AGENCY_UNKNOWN outside it. */
  narrow(scope: Scope, agency: string | undefined): Promise<Scope>;
}

export function createIdentity(deps: IdentityDeps): Identity {
  const { state, clock } = deps;
  const agencies = createAgencies(deps);
  const attempts = createAttempts(deps);
  const sessions = createSessions(deps);
  const passwords = createPasswords();
  const parts = { state, clock, attempts, sessions, passwords };
  const users = createUsers(parts);
  const keys = createKeys({ state, clock, below: (agency) => agencies.below(agency) });
  const links = createLinks(parts);
  const scopeOf = async ({ id, name, role, agency }: Pick<UserRow, 'id' | 'name' | 'role' | 'agency'>): Promise<Scope> => ({
    actor: { kind: 'user', id, name },
    role,
    agency,
    agencies: await agencies.below(agency),
  });
  return {
    ...createSignIn(parts),
    ...links,
    agencies,
    users,
    keys,
    sessions,
    scopeOf,
    audit: (scope, query) => listAudit(state, scope, query),
    createOperatorKey: () => keys.createOperatorKey(),
    authenticateKey: (secret) => keys.resolve(secret),
    async authenticateSession(secret) {
      const session = await sessions.resolve(secret);
      return session && { session, scope: await scopeOf(session.user) };
    },
    endSession: ({ user }, id, from) =>
      state.transaction<IdentityTables, void>('system', async (trx) => {
        if (!(await sessions.revoke(trx, user.id, id))) throw identityError('IDENTITY_SESSION_UNKNOWN');
        const actor = { kind: 'user', id: user.id, name: user.name } as const;
        await recordAudit(trx, { actor, action: 'user.session_end', target: user.id, agency: user.agency, from, at: clock.now() });
      }),
    async narrow(scope, agency) {
      if (agency === undefined || agency === scope.agency) return scope;
      const below = await agencies.below(agency);
      if (!reaches(scope, agency) || (below !== 'all' && below.size === 0)) throw identityError('IDENTITY_AGENCY_UNKNOWN', { agency });
      return { ...scope, agency, agencies: below };
    },
  };
}
