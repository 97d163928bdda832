import type { ReactNode } from 'react';
import { Button } from '@mantine/core';
import { KeyHint } from '../KeyHint.tsx';
import css from './list.module.css';
import { useWords } from './words.ts';

/** Takes the place of the column heads while rows are selected; its children are what can be done with them. */
export function BulkBar({ count, onClear, children }: { count: number; onClear: () => void; children: ReactNode }): ReactNode {
  const t = useWords();
  if (count === 0) return null;
  return (
    <div className={css.bulk} role="toolbar" aria-label={t('selected', { count })}>
      <b>{t('selected', { count })}</b>
      {children}
      <span className={css.grow} />
      <Button variant="subtle" size="compact-xs" onClick={onClear} rightSection={<KeyHint keys="Esc" />}>
        {t('clear')}
      </Button>
    </div>
  );
}
