import type { Transaction } from 'kysely';
import type { Scope } from '@vong/platform/identity';
import { alertError } from './errors.ts';
import type { Assignee } from './plan-change.ts';
import type { AlertTables } from './schema.ts';

/** The person an alert is to be given to: one in the caller's reach, who is not switched off and whose own reach holds the alert. */
export async function findAssignee(
  trx: Transaction<AlertTables>,
  scope: Scope,
  { wanted, agency }: { wanted: string | null | undefined; agency: string },
): Promise<Assignee | null | undefined> {
  if (wanted === undefined || wanted === null) return wanted;
  const id = wanted === 'me' ? scope.actor.id : wanted;
  const user = await trx.selectFrom('users').select(['id', 'agency', 'display_name', 'disabled']).where('id', '=', id).executeTakeFirst();
  if (user === undefined || user.disabled !== 0) throw alertError('ALERT_ASSIGNEE_UNKNOWN', { assignee: wanted });
  const place = await trx.selectFrom('agencies').select('path').where('agency', '=', agency).executeTakeFirst();
  const above = place === undefined ? [agency] : place.path.split('/');
  if (!above.includes(user.agency)) throw alertError('ALERT_ASSIGNEE_UNKNOWN', { assignee: wanted });
  return { id: user.id, name: user.display_name };
}
