import type { ReactNode } from 'react';
import { Link } from '@tanstack/react-router';
import { useAgency } from '../../client/view.ts';
import css from './list.module.css';

export interface PageTab {
  readonly label: string;
  readonly path: string;
  readonly search?: Readonly<Record<string, unknown>>;
  readonly here: boolean;
  /** How many are there, already written. */
  readonly count?: string | undefined;
}

/** The line above a list: what it is, its parts, its filters and what can be done. */
export function PageBar({ title, tabs = [], children }: { title: string; tabs?: readonly PageTab[]; children?: ReactNode }): ReactNode {
  const agency = useAgency();
  return (
    <div className={css.bar}>
      <h1>{title}</h1>
      {tabs.map((tab) => (
        <Link
          key={tab.label}
          to={tab.path}
          search={{ ...(agency === undefined ? {} : { agency }), ...tab.search }}
          className={`${css.tab} ${tab.here ? css.here : ''}`}
          aria-current={tab.here ? 'page' : undefined}
        >
          {tab.label}
          {tab.count !== undefined && <span className="dim">{tab.count}</span>}
        </Link>
      ))}
      {children}
    </div>
  );
}
