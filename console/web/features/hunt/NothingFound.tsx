import type { ReactNode } from 'react';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { EcsEvent, SearchPage } from '@vong/platform/events';
import { api } from '../../client/api.ts';
import { timeOf } from '../../client/event-fields.ts';
import { useView } from '../../client/view.ts';
import { formatTime } from '../../ui/format.ts';
import { now } from '../../ui/now.ts';
import { EmptyState, Skeleton } from '../../ui/states.tsx';
import { spanOf, type HuntView } from './view.ts';
import { useWords } from './words.ts';

const AROUND_MS = 30 * 60_000;

/** Why there is nothing here, and where there is something: the nearest matching event before or after the range. */
export function NothingFound(): ReactNode {
  const t = useWords();
  const [view, change] = useView<HuntView>();
  const nearest = useNearest(view);
  if (nearest.isPending) return <Skeleton rows={2} />;
  const event = nearest.data;
  if (event) {
    const at = timeOf(event);
    const go = (): void => change({ from: at - AROUND_MS, to: at + AROUND_MS, range: undefined, event: undefined });
    return (
      <EmptyState title={t('empty.title')} action={<Button onClick={go}>{t('empty.go')}</Button>}>
        {t('empty.nearest', { time: formatTime(at) })}
      </EmptyState>
    );
  }
  if (view.q === undefined)
    return (
      <EmptyState
        title={t('empty.nothing')}
        action={<Button renderRoot={(props) => <Link to="/sources" {...props} />}>{t('empty.connect')}</Button>}
      >
        {t('empty.nothing.text')}
      </EmptyState>
    );
  return (
    <EmptyState
      title={t('empty.never')}
      action={
        <Button variant="default" onClick={() => change({ q: undefined })}>
          {t('empty.clear')}
        </Button>
      }
    >
      {t('empty.never.text')}
    </EmptyState>
  );
}

function useNearest(view: HuntView) {
  const { agency, q } = view;
  const { from, to } = spanOf(view, now());
  return useQuery({
    queryKey: ['hunt', 'nearest', agency, q, view.range, view.from, view.to],
    queryFn: async ({ signal }): Promise<EcsEvent | null> => {
      const ask = async (query: Record<string, string | number | undefined>): Promise<EcsEvent | undefined> =>
        (await api.get<SearchPage>('/api/events', { signal, query: { agency, q, limit: 1, ...query } })).items[0];
      const before = from === undefined ? await ask({}) : await ask({ to: from, order: 'newest' });
      return before ?? (to === undefined ? undefined : await ask({ from: to, order: 'oldest' })) ?? null;
    },
  });
}
