import type { ReactNode } from 'react';
import type { Severity } from '@vong/engine/contracts';
import css from './marks.module.css';
import { useWords } from './words/index.ts';

/** One shape for each severity, so that nothing is lost without colour: square, triangle, diamond, circle, ring. */
const SHAPES: Record<Severity, ReactNode> = {
  critical: <rect x="1" y="1" width="10" height="10" fill="currentColor" />,
  high: <path d="M6 .8 11.4 11H.6z" fill="currentColor" />,
  medium: <path d="M6 0l6 6-6 6-6-6z" fill="currentColor" />,
  low: <circle cx="6" cy="6" r="5" fill="currentColor" />,
  informational: <circle cx="6" cy="6" r="4.2" fill="none" stroke="currentColor" strokeWidth="1.6" />,
};

/** Severity by colour, shape and word; `bare` keeps the word for screen readers and on hover only. */
export function SeverityMark({ level, bare = false }: { level: Severity; bare?: boolean }): ReactNode {
  const t = useWords();
  const word = t(`severity.${level}`);
  return (
    <span className={`${css.severity} ${css[level]}`} title={bare ? word : undefined}>
      <svg className={css.shape} width="12" height="12" viewBox="0 0 12 12" aria-hidden>
        {SHAPES[level]}
      </svg>
      <span className={bare ? 'hidden-text' : undefined}>{word}</span>
    </span>
  );
}
