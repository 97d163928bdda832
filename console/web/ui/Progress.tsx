import type { ReactNode } from 'react';
import css from './intake/intake.module.css';

/** How much of something is done, 0 to 1. */
export function Progress({ part, label }: { part: number; label: string }): ReactNode {
  const percent = Math.round(Math.max(0, Math.min(1, part)) * 100);
  return (
    <div className={css.bar} role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent}>
      <div style={{ width: `${percent}%` }} />
    </div>
  );
}
