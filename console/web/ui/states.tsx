/** What stands where content is missing: nothing to show, something failed, not here yet. */
import { useEffect, useState, type ReactNode } from 'react';
import { Button } from '@mantine/core';
import { useLanguage } from '../i18n/words.ts';
import css from './blocks.module.css';
import { CopyButton } from './CopyButton.tsx';
import { formatDuration } from './format.ts';
import { problemOf } from './problems.ts';
import { useWords } from './words/index.ts';

/** The reason there is nothing, and the next step. */
export function EmptyState({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }): ReactNode {
  return (
    <div className={css.empty} role="status">
      <h2>{title}</h2>
      {children !== undefined && <p>{children}</p>}
      {action}
    </div>
  );
}

/** What happened, what to do, and the code and number to quote. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }): ReactNode {
  const t = useWords();
  const { message, code, incident } = problemOf(error, useLanguage());
  return (
    <div className={css.error} role="alert">
      <h2>{t('error.title')}</h2>
      <p>{message}</p>
      {code !== undefined && (
        <div className={css.ids}>
          <span className="mono">{t('error.code', { code })}</span>
          {incident !== undefined && <span className="mono">{t('error.incident', { incident })}</span>}
          <CopyButton value={incident === undefined ? code : `${code} ${incident}`} />
        </div>
      )}
      {onRetry && (
        <Button variant="default" onClick={onRetry}>
          {t('retry')}
        </Button>
      )}
    </div>
  );
}

const SHOW_AFTER_MS = 150;
const COUNT_AFTER_MS = 2000;

/** Grey bars after 150 ms (a flash of them would be noise), the time taken after two seconds, with the way to cancel. */
export function Skeleton({ rows = 6, onCancel }: { rows?: number; onCancel?: () => void }): ReactNode {
  const t = useWords();
  const language = useLanguage();
  const [waited, setWaited] = useState(0);
  useEffect(() => {
    const started = performance.now();
    const soon = setTimeout(() => setWaited(SHOW_AFTER_MS), SHOW_AFTER_MS);
    const ticking = setInterval(() => setWaited(performance.now() - started), 1000);
    return () => {
      clearTimeout(soon);
      clearInterval(ticking);
    };
  }, []);
  if (waited < SHOW_AFTER_MS) return null;
  return (
    <div className={css.bones} aria-busy="true">
      {waited >= COUNT_AFTER_MS && (
        <div className={css.ids} role="status">
          <span className={css.taking}>{t('loading.taking', { time: formatDuration(Math.floor(waited / 1000) * 1000, language) })}</span>
          {onCancel && (
            <Button variant="default" size="compact-xs" onClick={onCancel}>
              {t('cancel')}
            </Button>
          )}
        </div>
      )}
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className={css.bone} style={{ width: `${90 - ((row * 17) % 40)}%` }} />
      ))}
    </div>
  );
}
