/** Routes of sign-in, agencies, people, keys and the audit trail; thin: the work is in the services. */
import type { ApiPlugin } from '../../http/server.ts';
import type { Identity } from '../identity.ts';
import { peopleApi } from './people.ts';
import { sessionApi } from './session.ts';

export interface IdentityApiDeps {
  readonly identity: Identity;
}

export function identityApi(deps: IdentityApiDeps): ApiPlugin {
  return async (app) => {
    await app.register(sessionApi(deps.identity));
    await app.register(peopleApi(deps.identity));
  };
}
