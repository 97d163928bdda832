import type { ReactNode } from 'react';
import css from './values.module.css';
import { CopyButton } from './CopyButton.tsx';

const TAIL = 16;

/**
 * Text that gives up its middle when it does not fit; full text on hover, copy copies the exact value. The last characters are kept
 * apart and never shrink, so it follows the width of its container without measuring.
 */
export function MiddleTruncate({ text, mono = false, copy = false }: { text: string; mono?: boolean; copy?: boolean }): ReactNode {
  // One line: what is on further lines would be drawn over the rows around it.
  const characters = Array.from(text.replace(/\s+/g, ' '));
  const tail = characters.length > TAIL * 1.5 ? characters.slice(-TAIL).join('') : '';
  const head = tail === '' ? characters.join('') : characters.slice(0, -TAIL).join('');
  return (
    <span className={`${css.middle} ${mono ? 'mono' : ''}`} title={text}>
      <span className={css.head}>{head}</span>
      {tail !== '' && <span className={css.tail}>{tail}</span>}
      {copy && <CopyButton value={text} />}
    </span>
  );
}
