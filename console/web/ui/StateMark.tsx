import type { ReactNode } from 'react';
import css from './marks.module.css';

export type StateTone = 'ok' | 'waiting' | 'late' | 'failed';

/** A state: its word, and a dot whose colour and shape say how it stands. */
export function StateMark({ tone, children }: { tone: StateTone; children: ReactNode }): ReactNode {
  return (
    <span className={`${css.state} ${css[tone]}`}>
      <span className={css.dot} aria-hidden />
      {children}
    </span>
  );
}
