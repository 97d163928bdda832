import type { ReactNode } from 'react';
import css from './blocks.module.css';

interface PanelProps {
  title?: ReactNode;
  actions?: ReactNode;
  /** No padding inside: for tables. */
  flush?: boolean;
  children: ReactNode;
}

/** A bordered surface with an optional heading. */
export function Panel({ title, actions, flush = false, children }: PanelProps): ReactNode {
  return (
    <section className={css.panel}>
      {(title !== undefined || actions !== undefined) && (
        <header className={css.panelHead}>
          <h2>{title}</h2>
          {actions}
        </header>
      )}
      <div className={flush ? undefined : css.panelBody}>{children}</div>
    </section>
  );
}
