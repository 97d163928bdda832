import { useView } from '../../client/view.ts';
import { useKeys } from '../../ui/keys.ts';
import type { EventCursor } from './useEventCursor.ts';
import type { Hunt } from './useHunt.ts';
import type { HuntView } from './view.ts';
import { useWords } from './words.ts';

interface HuntKeys {
  readonly hunt: Hunt;
  readonly cursor: EventCursor;
  readonly onQuery: () => void;
  readonly onField: () => void;
}

const PAGE = 20;

export function useHuntKeys({ hunt, cursor, onQuery, onField }: HuntKeys): void {
  const t = useWords();
  const [{ order }, change] = useView<HuntView>();
  const open = (): void => cursor.show(cursor.active);
  const host = (): void => {
    if (cursor.active !== undefined) change({ event: cursor.active, tab: 'host' });
  };
  useKeys([
    { keys: 'j', label: t('key.down'), run: () => cursor.move(1) },
    { keys: 'k', label: t('key.up'), run: () => cursor.move(-1) },
    { keys: 'ArrowDown', label: t('key.down'), run: () => cursor.move(1) },
    { keys: 'ArrowUp', label: t('key.up'), run: () => cursor.move(-1) },
    { keys: 'PageDown', label: t('key.down'), run: () => cursor.move(PAGE) },
    { keys: 'PageUp', label: t('key.up'), run: () => cursor.move(-PAGE) },
    { keys: 'o', label: t('key.open'), run: open },
    { keys: 'Enter', label: t('key.open'), run: open },
    { keys: 'Escape', label: t('key.leave'), run: () => cursor.show(undefined) },
    { keys: 't', label: t('key.host'), run: host },
    { keys: 's', label: t('key.order'), run: () => change({ order: order === 'oldest' ? undefined : 'oldest' }) },
    { keys: 'f', label: t('key.field'), run: onField },
    { keys: '/', label: t('key.search'), run: onQuery },
    { keys: 'r', label: t('query.refresh'), run: hunt.refresh },
  ]);
}
