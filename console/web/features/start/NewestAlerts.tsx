import { useEffect, useRef, type ReactNode } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { AlertList, AlertSummary } from '@vong/engine/contracts';
import { useLive, useLiveChanges } from '../../client/live-react.ts';
import { useAgency } from '../../client/view.ts';
import { Panel } from '../../ui/Panel.tsx';
import { SeverityMark } from '../../ui/SeverityMark.tsx';
import { ErrorState, Skeleton } from '../../ui/states.tsx';
import { Num, TimeText } from '../../ui/values.tsx';
import { newestAlertsQuery } from './data.ts';
import css from './start.module.css';
import { useWords } from './words.ts';

const BATCH_MS = 500;

/** The newest alerts as they come in: asked for again at most twice a second while changes arrive. */
export function NewestAlerts(): ReactNode {
  const t = useWords();
  const agency = useAgency();
  const client = useQueryClient();
  const live = useLive();
  const alerts = useQuery(newestAlertsQuery(agency));
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useLiveChanges('alert', () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void client.invalidateQueries({ queryKey: ['alerts', 'newest'] });
    }, BATCH_MS);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  const items = alerts.data?.items;
  useEffect(() => {
    if (items) live?.shown(items.map(({ id }) => id));
  }, [items, live]);
  const search = agency === undefined ? {} : { agency };
  const queue = (
    <Link to="/alerts" search={search}>
      {t('alerts.queue')}
    </Link>
  );
  return (
    <Panel title={t('alerts.title')} actions={queue} flush>
      {alerts.error && <ErrorState error={alerts.error} onRetry={() => void alerts.refetch()} />}
      {alerts.isPending && <Skeleton rows={3} />}
      {alerts.data && <List alerts={alerts.data} search={search} />}
    </Panel>
  );
}

function List({ alerts, search }: { alerts: AlertList; search: { agency?: string } }): ReactNode {
  const t = useWords();
  if (alerts.items.length === 0) return <p className={css.note}>{t('alerts.none')}</p>;
  return (
    <ul className={css.list} aria-live="polite">
      {alerts.items.map((alert: AlertSummary) => (
        <li key={alert.id}>
          <SeverityMark level={alert.rule.level} bare />
          <TimeText at={alert.createdAt} show="clock" />
          <Link to="/alerts" search={{ ...search, alert: alert.id }} className="cut" title={alert.rule.title}>
            {alert.rule.title}
          </Link>
          <span className="dim cut" style={{ maxWidth: 180 }} title={alert.host}>
            {alert.host}
          </span>
          <span className="mono" style={{ minWidth: 40, textAlign: 'right' }}>
            <Num value={alert.count} />
          </span>
        </li>
      ))}
    </ul>
  );
}
