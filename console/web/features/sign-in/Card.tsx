import type { ReactNode } from 'react';
import css from './page.module.css';
import { useWords } from './words.ts';

/** The one thing on the page. */
export function Card({ title, children }: { title: string; children: ReactNode }): ReactNode {
  const t = useWords();
  return (
    <main className={css.page}>
      <div className={css.card}>
        <div className={css.brand}>
          <img src="/icon.svg" width="32" height="32" alt="" />
          <div>
            <div style={{ fontWeight: 600 }}>{t('product')}</div>
            <div className="dim">{t('tagline')}</div>
          </div>
        </div>
        <h1 style={{ marginBottom: 12 }}>{title}</h1>
        {children}
      </div>
    </main>
  );
}
