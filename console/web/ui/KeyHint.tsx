import type { ReactNode } from 'react';
import css from './values.module.css';

/** Keys as the console's own notation writes them: `g q`, `Ctrl K`. */
export function KeyHint({ keys }: { keys: string }): ReactNode {
  return (
    <span>
      {keys.split(' ').map((key, at) => (
        <span key={`${key}${at}`}>
          {at > 0 && ' '}
          <kbd className={css.key}>{key}</kbd>
        </span>
      ))}
    </span>
  );
}
