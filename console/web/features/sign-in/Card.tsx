import type { ReactNode } from 'react';
import { Button } from '@mantine/core';
import { chooseLanguage } from '../../client/language.ts';
import { useLanguage } from '../../i18n/words.ts';
import css from './page.module.css';
import { useWords } from './words.ts';

/** The one thing on the page. */
export function Card({ title, children }: { title: string; children: ReactNode }): ReactNode {
  const t = useWords();
  const other = useLanguage() === 'vi' ? 'en' : 'vi';
  return (
    <main className={css.page}>
      <div className={css.card}>
        <div className={css.brand}>
          <img src="/icon.svg" width="32" height="32" alt="" />
          <div className={css.names}>
            <div style={{ fontWeight: 600 }}>{t('product')}</div>
            <div className="dim">{t('tagline')}</div>
          </div>
          <Button variant="subtle" color="gray" size="compact-sm" lang={other} onClick={() => chooseLanguage(other)}>
            {t('language.other')}
          </Button>
        </div>
        <h1 style={{ marginBottom: 12 }}>{title}</h1>
        {children}
      </div>
    </main>
  );
}
