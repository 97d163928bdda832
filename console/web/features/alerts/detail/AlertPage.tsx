import type { ReactNode } from 'react';
import { useParams } from '@tanstack/react-router';
import css from './detail.module.css';
import { AlertPane } from './AlertPane.tsx';

/** The alert on a page of its own: for a second screen, or a link in a message. */
export function AlertPage(): ReactNode {
  const { id = '' }: { id?: string } = useParams({ strict: false });
  return (
    <div className={css.page}>
      <AlertPane key={id} id={id} />
    </div>
  );
}
