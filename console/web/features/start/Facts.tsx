import type { ReactNode } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useAgency } from '../../client/view.ts';
import { agentsQuery, enabledRulesQuery, newestAlertsQuery } from './data.ts';
import css from './start.module.css';
import { useWords } from './words.ts';

/** How much there is already, in one line. */
export function Facts(): ReactNode {
  const t = useWords();
  const agents = useQuery(agentsQuery).data?.filter(({ state }) => state === 'live').length;
  const rules = useQuery(enabledRulesQuery).data;
  const alerts = useQuery(newestAlertsQuery(useAgency())).data?.total;
  return (
    <div className={css.facts}>
      {agents !== undefined && <span>{t('facts.agents', { count: agents })}</span>}
      {rules !== undefined && <span>{t('facts.rules', { count: rules })}</span>}
      {alerts !== undefined && <span>{t('facts.alerts', { count: alerts })}</span>}
    </div>
  );
}
