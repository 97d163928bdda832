import type { ReactNode } from 'react';
import { ActionIcon } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import css from './list.module.css';
import { useWords } from './words.ts';

interface DetailPaneProps {
  title: string;
  onLeave: () => void;
  /** Under the title: what can be done with it. */
  actions?: ReactNode;
  children: ReactNode;
}

/** What is read beside a list. */
export function DetailPane({ title, onLeave, actions, children }: DetailPaneProps): ReactNode {
  const t = useWords();
  return (
    <article className={css.pane} aria-label={title}>
      <header className={css.paneHead}>
        <div className={css.titleRow}>
          <h2>{title}</h2>
          <ActionIcon size={24} onClick={onLeave} aria-label={t('leave')} title={t('leave')}>
            <IconX size={16} />
          </ActionIcon>
        </div>
        {actions !== undefined && <div className={css.actions}>{actions}</div>}
      </header>
      <div className={css.paneBody}>{children}</div>
    </article>
  );
}

/** A titled part of a detail pane. */
export function Section({ title, children }: { title?: string; children: ReactNode }): ReactNode {
  return (
    <section className={css.section}>
      {title !== undefined && <h3>{title}</h3>}
      {children}
    </section>
  );
}

/** Names and values; those without a value are left out. */
export function FactList({ facts }: { facts: readonly (readonly [name: string, value: ReactNode])[] }): ReactNode {
  return (
    <dl className={css.facts}>
      {facts
        .filter(([, value]) => value !== undefined && value !== '')
        .map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
