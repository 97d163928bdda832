import { useEffect, useState, useSyncExternalStore, type ReactNode } from 'react';
import { ActionIcon, Button } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import css from './blocks.module.css';
import { KeyHint } from './KeyHint.tsx';
import { toasts, type Toast } from './toasts.ts';
import { useWords } from './words/index.ts';

/** Shows the board of `toasts`; mounted once, by the frame. */
export function Toasts(): ReactNode {
  const list = useSyncExternalStore(toasts.subscribe, toasts.list);
  const [, tick] = useState(0);
  useEffect(() => {
    if (list.length === 0) return undefined;
    const timer = setInterval(() => {
      toasts.expire();
      tick((n) => n + 1);
    }, 500);
    return () => clearInterval(timer);
  }, [list.length]);
  return (
    <div className={css.toasts} aria-live="polite">
      {list.map((toast) => (
        <ToastLine key={toast.id} toast={toast} />
      ))}
    </div>
  );
}

function ToastLine({ toast }: { toast: Toast }): ReactNode {
  const t = useWords();
  const seconds = Math.max(1, Math.ceil((toast.until - performance.now()) / 1000));
  const take = (run: () => void) => (): void => {
    toasts.dismiss(toast.id);
    run();
  };
  return (
    <div className={`${css.toast} ${toast.tone === 'failed' ? css.failed : ''}`} role={toast.tone === 'failed' ? 'alert' : 'status'}>
      <span>{toast.text}</span>
      {toast.undo && (
        <Button
          variant="default"
          size="compact-xs"
          title={t('undo.left', { seconds })}
          rightSection={<KeyHint keys="u" />}
          onClick={take(toast.undo)}
        >
          {t('undo')}
        </Button>
      )}
      {toast.offer && (
        <Button variant="default" size="compact-xs" onClick={take(toast.offer.run)}>
          {toast.offer.label}
        </Button>
      )}
      <ActionIcon size={22} onClick={() => toasts.dismiss(toast.id)} aria-label={t('close')}>
        <IconX size={14} />
      </ActionIcon>
    </div>
  );
}
