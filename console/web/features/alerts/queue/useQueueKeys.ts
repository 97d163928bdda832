import { toasts } from '../../../ui/toasts.ts';
import { useKeys, type KeyBinding } from '../../../ui/keys.ts';
import { useWords } from '../words.ts';
import type { Cursor } from './useCursor.ts';

interface QueueKeys {
  readonly cursor: Cursor;
  readonly acts: {
    readonly assign: () => void;
    readonly acknowledge: () => void;
    readonly close: () => void;
    readonly refresh: () => void;
  };
  readonly allowed: boolean;
  readonly onSearch: () => void;
}

const PAGE = 20;

export function useQueueKeys({ cursor, acts, allowed, onSearch }: QueueKeys): void {
  const t = useWords();
  const back = (): void => (cursor.selected.size > 0 ? cursor.select([]) : cursor.show(undefined));
  const triage: KeyBinding[] = [
    { keys: 'e', label: t('act.assignMe'), run: acts.assign },
    { keys: 'a', label: t('act.acknowledge'), run: acts.acknowledge },
    { keys: 'c', label: t('act.close'), run: acts.close },
  ];
  useKeys([
    { keys: 'j', label: t('key.down'), run: () => cursor.move(1) },
    { keys: 'k', label: t('key.up'), run: () => cursor.move(-1) },
    { keys: 'ArrowDown', label: t('key.down'), run: () => cursor.move(1) },
    { keys: 'ArrowUp', label: t('key.up'), run: () => cursor.move(-1) },
    { keys: 'PageDown', label: t('key.down'), run: () => cursor.move(PAGE) },
    { keys: 'PageUp', label: t('key.up'), run: () => cursor.move(-PAGE) },
    { keys: 'o', label: t('key.open'), run: cursor.openActive },
    { keys: 'Enter', label: t('key.open'), run: cursor.openActive },
    { keys: 'Escape', label: t('key.leave'), run: back },
    { keys: 'x', label: t('key.select'), run: cursor.toggleActive },
    ...(allowed ? triage : []),
    { keys: 'u', label: t('key.undo'), run: () => toasts.undoLast() },
    { keys: 'r', label: t('key.refresh'), run: acts.refresh },
    { keys: '/', label: t('key.search'), run: onSearch },
  ]);
}
