import { useView } from '../../../client/view.ts';
import type { Chip } from '../../../ui/FilterChips.tsx';
import { formatTime } from '../../../ui/format.ts';
import { usePeople } from '../useTriage.ts';
import type { AlertsView } from '../view.ts';
import { useWords } from '../words.ts';

export const CLEARED = {
  status: undefined,
  severity: undefined,
  assignee: undefined,
  host: undefined,
  user: undefined,
  rule: undefined,
  q: undefined,
  range: undefined,
  from: undefined,
  to: undefined,
} satisfies Partial<Record<keyof AlertsView, undefined>>;

/** True when the view narrows the queue beyond its plain state. */
export function isNarrowed(view: AlertsView): boolean {
  return Object.keys(CLEARED).some((name) => name in view);
}

/** The conditions that the ticks of the column do not show. */
export function useChips(): { chips: readonly Chip[]; clear: () => void } {
  const t = useWords();
  const people = usePeople();
  const [view, change] = useView<AlertsView>();
  const plain = (['host', 'user', 'rule', 'q'] as const).flatMap((name): Chip[] => {
    const value = view[name];
    return value === undefined ? [] : [{ id: name, name: t(`filter.${name}`), value, onRemove: () => change({ [name]: undefined }) }];
  });
  const time = view.from !== undefined || view.to !== undefined;
  const span = `${view.from === undefined ? '…' : formatTime(view.from, 'minutes')} – ${view.to === undefined ? '…' : formatTime(view.to, 'minutes')}`;
  const owner = view.assignee !== undefined && view.assignee !== 'me' && view.assignee !== 'none' ? view.assignee : undefined;
  const chips: Chip[] = [
    ...plain,
    ...(owner === undefined
      ? []
      : [
          {
            id: 'assignee',
            name: t('filter.assignee'),
            value: people.find(({ id }) => id === owner)?.name ?? owner,
            onRemove: () => change({ assignee: undefined }),
          },
        ]),
    ...(time ? [{ id: 'time', name: t('filter.time'), value: span, onRemove: () => change({ from: undefined, to: undefined }) }] : []),
  ];
  return { chips, clear: () => change(CLEARED) };
}
