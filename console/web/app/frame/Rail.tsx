import type { ReactNode } from 'react';
import { Link, useLocation } from '@tanstack/react-router';
import { Tooltip } from '@mantine/core';
import type { Feature, RailEntry } from '../../client/feature.ts';
import { formatNumber } from '../../ui/format.ts';
import { useLanguage } from '../../i18n/words.ts';
import { useWords } from '../words.ts';
import css from './frame.module.css';

/** One entry per kind of work; a feature that is not there has none. */
export function Rail({ features }: { features: readonly Feature[] }): ReactNode {
  const t = useWords();
  const entries = features.flatMap((feature) => (feature.rail ? [feature.rail] : []));
  return (
    <nav className={css.rail} aria-label={t('rail.label')}>
      <span className={css.mark} aria-hidden>
        <img src="/icon.svg" width="28" height="28" alt="" />
      </span>
      {entries
        .filter((entry) => entry.last !== true)
        .map((entry) => (
          <Entry key={entry.path} entry={entry} />
        ))}
      <span className={css.grow} />
      {entries
        .filter((entry) => entry.last === true)
        .map((entry) => (
          <Entry key={entry.path} entry={entry} />
        ))}
    </nav>
  );
}

const noBadge = (): undefined => undefined;

function Entry({ entry }: { entry: RailEntry }): ReactNode {
  const label = entry.useLabel();
  const useBadge = entry.useBadge ?? noBadge;
  const badge = useBadge();
  const language = useLanguage();
  const { pathname } = useLocation();
  const here = pathname === entry.path || pathname.startsWith(`${entry.path}/`);
  return (
    <Tooltip label={`${label} · g ${entry.key}`} position="right">
      <Link to={entry.path} className={`${css.entry} ${here ? css.here : ''}`} aria-label={label} aria-current={here ? 'page' : undefined}>
        <entry.icon size={20} stroke={1.6} aria-hidden />
        {badge !== undefined && badge > 0 && <span className={css.badge}>{badge > 999 ? '999+' : formatNumber(badge, language)}</span>}
      </Link>
    </Tooltip>
  );
}
