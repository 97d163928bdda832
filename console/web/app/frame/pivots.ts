import { useMemo } from 'react';
import type { Feature } from '../../client/feature.ts';
import { useGo } from '../../client/view.ts';
import { condition, narrowed } from '../../features/hunt/kql-text.ts';
import { lastHunt } from '../../features/hunt/last-hunt.ts';
import type { PivotActions } from '../../ui/pivot.ts';

/** What every page can do with a value: look for it among the events, once there is a page that searches them. */
export function usePivots(features: readonly Feature[]): PivotActions {
  const go = useGo();
  const hunts = features.some(({ rail }) => rail?.path === '/hunt');
  return useMemo((): PivotActions => {
    if (!hunts) return {};
    return {
      search: (field, value) => go('/hunt', { q: condition(field, value) }),
      add: (field, value) => {
        const { q = '', ...last } = lastHunt();
        go('/hunt', { ...last, q: narrowed(q, condition(field, value)) });
      },
      group: (field) => go('/hunt', { ...lastHunt(), field }),
      timeline: (field, value) => go('/hunt', { q: condition(field, value), order: 'oldest', range: 'all' }),
    };
  }, [go, hunts]);
}
