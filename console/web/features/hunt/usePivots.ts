/** In the hunt "only this" and "without this" change the query that is there. */
import { use, useMemo } from 'react';
import { useView } from '../../client/view.ts';
import { PivotContext, type PivotActions } from '../../ui/pivot.ts';
import { condition, narrowed } from './kql-text.ts';
import type { HuntView } from './view.ts';

export type HuntPivots = PivotActions & Required<Pick<PivotActions, 'only' | 'without'>>;

export function useHuntPivots(): HuntPivots {
  const outer = use(PivotContext);
  const [{ q = '' }, change] = useView<HuntView>();
  return useMemo(
    () => ({
      ...outer,
      only: (field, value) => change({ q: narrowed(q, condition(field, value)) }),
      without: (field, value) => change({ q: narrowed(q, condition(field, value), true) }),
      add: undefined,
      // The open event gives its place to the field list on a small screen.
      group: (field) => change({ field, event: undefined }),
      timeline: (field, value) => change({ q: condition(field, value), order: 'oldest', event: undefined }),
    }),
    [outer, q, change],
  );
}
