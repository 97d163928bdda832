import type { ReactNode } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useLanguage } from '../../i18n/words.ts';
import { formatNumber } from '../../ui/format.ts';
import { PageBar } from '../../ui/list/PageBar.tsx';
import css from '../../ui/list/list.module.css';
import { agentsQuery, waitingLettersQuery } from './data.ts';
import { useWords } from './words.ts';

export function SourcesBar({ here, children }: { here: 'agents' | 'letters'; children?: ReactNode }): ReactNode {
  const t = useWords();
  const language = useLanguage();
  const agents = useQuery(agentsQuery).data?.filter(({ state }) => state !== 'revoked').length;
  const letters = useQuery(waitingLettersQuery).data;
  const number = (count: number | undefined): string | undefined => (count === undefined ? undefined : formatNumber(count, language));
  return (
    <PageBar
      title={t('title')}
      tabs={[
        { label: t('tab.agents'), path: '/sources', here: here === 'agents', count: number(agents) },
        { label: t('tab.letters'), path: '/sources/dead-letters', here: here === 'letters', count: number(letters) },
      ]}
    >
      <span className={css.grow} />
      {children}
    </PageBar>
  );
}
