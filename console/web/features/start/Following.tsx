import type { ReactNode } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useAgency } from '../../client/view.ts';
import { useAgencies } from '../../client/agencies.ts';
import { Panel } from '../../ui/Panel.tsx';
import { MiddleTruncate } from '../../ui/MiddleTruncate.tsx';
import { ErrorState, Skeleton } from '../../ui/states.tsx';
import { StateMark } from '../../ui/StateMark.tsx';
import { agentsQuery } from './data.ts';
import { followed } from './followed.ts';
import css from './start.module.css';
import { useWords } from './words.ts';

const MOST = 12;

/** The sources that are followed now, of this server's own agent and of those connected. */
export function Following(): ReactNode {
  const t = useWords();
  const agents = useQuery(agentsQuery);
  const agency = useAgency();
  const agencies = useAgencies();
  const sources = agents.data ? followed(agents.data, agencies, agency) : [];
  const all = (
    <Link to="/sources" search={agency === undefined ? {} : { agency }}>
      {t('follow.all')}
    </Link>
  );
  return (
    <Panel title={t('follow.title')} actions={all} flush>
      {agents.error && <ErrorState error={agents.error} onRetry={() => void agents.refetch()} />}
      {agents.isPending && <Skeleton rows={3} />}
      {agents.data && sources.length === 0 && <p className={css.note}>{t('follow.none')}</p>}
      <ul className={css.list}>
        {sources.slice(0, MOST).map((source) => (
          <li key={`${source.agent} ${source.name}`} title={source.error}>
            <StateMark tone={source.tone}>{source.agent}</StateMark>
            <span className={css.grow}>
              <MiddleTruncate text={source.name} mono />
            </span>
            <span className="dim">{t('follow.read', { count: source.read })}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
