import type { ReactNode } from 'react';
import { Button } from '@mantine/core';
import { useView } from '../../../client/view.ts';
import { EmptyState } from '../../../ui/states.tsx';
import type { AlertsView } from '../view.ts';
import { useWords } from '../words.ts';
import { CLEARED, isNarrowed } from './chips.ts';

/** Why there is nothing, and what to do about it. */
export function QueueEmpty(): ReactNode {
  const t = useWords();
  const [view, change] = useView<AlertsView>();
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
