import { useMemo } from 'react';
import type { Feature } from '../../client/feature.ts';
import { useGo } from '../../client/view.ts';
import type { PivotActions } from '../../ui/pivot.ts';

/** A KQL term for exactly this value. */
export function kqlTerm(field: string, value: string): string {
  return `${field}: "${value.replace(/[\\"]/g, (character) => `\\${character}`)}"`;
}

/** What every page can do with a value: look for it among the events, once there is a page that searches them. */
export function usePivots(features: readonly Feature[]): PivotActions {
  const go = useGo();
  const hunts = features.some(({ rail }) => rail?.path === '/hunt');
  return useMemo(() => (hunts ? { search: (field, value) => go('/hunt', { q: kqlTerm(field, value) }) } : {}), [go, hunts]);
}
