import type { ReactNode } from 'react';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { AgentView } from '@vong/collector/contracts';
import { api } from '../../../client/api.ts';
import { useView } from '../../../client/view.ts';
import { EmptyState } from '../../../ui/states.tsx';
import type { AlertsView } from '../view.ts';
import { useWords } from '../words.ts';
import { CLEARED, isNarrowed } from './chips.ts';

/** Why there is nothing, and what to do about it. */
export function QueueEmpty(): ReactNode {
  const t = useWords();
  const [view, change] = useView<AlertsView>();
  const silent = useNothingReceived(view.agency);
  if (isNarrowed(view)) {
    return (
      <EmptyState
        title={t('empty.filtered')}
        action={
          <Button variant="default" onClick={() => change(CLEARED)}>
            {t('empty.clear')}
          </Button>
        }
      >
        {t('empty.filtered.text')}
      </EmptyState>
    );
  }
  if (silent) {
    return (
      <EmptyState
        title={t('empty.none')}
        action={<Button renderRoot={(props) => <Link to="/start" {...props} />}>{t('empty.connect')}</Button>}
      >
        {t('empty.silent')}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      title={t('empty.none')}
      action={
        <Button variant="default" onClick={() => change({ status: 'open,acknowledged,closed' })}>
          {t('empty.all')}
        </Button>
      }
    >
      {t('empty.none.text')}
    </EmptyState>
  );
}

/** True when it is known that no agent of this scope has ever sent an event: then no rule could match. */
function useNothingReceived(agency: string | undefined): boolean {
  const { data } = useQuery({
    queryKey: ['agents', 'empty-queue', agency],
    queryFn: async ({ signal }) => (await api.get<{ items: AgentView[] }>('/api/agents', { signal, query: { agency } })).items,
  });
  return data !== undefined && data.every(({ received }) => received === 0);
}
