import type { IdentityTables } from '../identity/schema.ts';
import { reaches, type Scope } from '../identity/scope.ts';
import type { State } from '../state/contract.ts';
import { eventsError } from './errors.ts';

/**
 * The scope cut down to one agency and everything below it.
 * @throws EVENTS_AGENCY_UNKNOWN when there is no such agency in reach
 */
export async function narrowed(state: State, scope: Scope, agency: string): Promise<Scope> {
  const rows = await state.as<IdentityTables>(scope).selectFrom('agencies').select(['agency', 'path']).execute();
  const top = rows.find((row) => row.agency === agency);
  if (top === undefined || !reaches(scope, agency)) throw eventsError('EVENTS_AGENCY_UNKNOWN', { agency });
  const below = rows.filter((row) => row.agency === agency || row.path.startsWith(`${top.path}/`)).map((row) => row.agency);
  return { ...scope, agencies: new Set(below.filter((code) => reaches(scope, code))) };
}
