import { use, useMemo } from 'react';
import { useView } from '../../../client/view.ts';
import { PivotContext, type PivotActions } from '../../../ui/pivot.ts';
import type { AlertsView } from '../view.ts';

const FILTERS: Readonly<Record<string, 'host' | 'user'>> = { 'host.name': 'host', 'user.name': 'user' };

/** In the queue "only this" narrows the queue itself. */
export function useQueuePivots(): PivotActions {
  const outer = use(PivotContext);
  const [, change] = useView<AlertsView>();
  return useMemo(
    () => ({
      ...outer,
      only: (field, value) => {
        const name = FILTERS[field];
        if (name) change({ [name]: value });
        else outer.search?.(field, value);
      },
    }),
    [outer, change],
  );
}
