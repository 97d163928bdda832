/** Where a person starts: here while nothing has raised an alert yet and they may change that, else at the queue. */
import type { AlertList } from '@vong/engine/contracts';
import { api } from '../../client/api.ts';
import { queries } from '../../client/queries.ts';
import { mayTriage, sessionQuery } from '../../client/session.ts';

/** Never throws: in doubt, the queue. */
export async function homePath(): Promise<'/start' | '/alerts'> {
  try {
    const me = await queries.ensureQueryData(sessionQuery);
    if (!me || !mayTriage(me)) return '/alerts';
    const { total } = await api.get<AlertList>('/api/alerts', { query: { limit: 1, status: 'open,acknowledged,closed' } });
    return total === 0 ? '/start' : '/alerts';
  } catch {
    return '/alerts';
  }
}
