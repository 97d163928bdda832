import type { ReactNode } from 'react';
import type { AlertDetail, AlertSummary } from '@vong/engine/contracts';
import { ApiError } from '../../../client/api.ts';
import { useView } from '../../../client/view.ts';
import { EmptyState, ErrorState, Skeleton } from '../../../ui/states.tsx';
import { TABS, type AlertsView, type Tab } from '../view.ts';
import { useWords } from '../words.ts';
import { AlertHead } from './AlertHead.tsx';
import css from './detail.module.css';
import { EventBar } from './EventBar.tsx';
import { EventFields } from './EventFields.tsx';
import { EventsTab } from './EventsTab.tsx';
import { History } from './History.tsx';
import { RawRecord } from './RawRecord.tsx';
import { Timeline } from './Timeline.tsx';
import { useAlert, useAlertEvents, type AlertEventList } from './useAlert.ts';
import { Why } from './Why.tsx';

interface AlertPaneProps {
  id: string;
  /** What the list already knows: shown while the rest is loading. */
  known?: AlertSummary | undefined;
  /** Absent on the alert's own page. */
  onLeave?: () => void;
}

export function AlertPane({ id, known, onLeave }: AlertPaneProps): ReactNode {
  const t = useWords();
  const query = useAlert(id);
  const events = useAlertEvents(id);
  if (query.error instanceof ApiError && query.error.status === 404)
    return <EmptyState title={t('detail.gone')}>{t('detail.gone.text')}</EmptyState>;
  const alert = query.data ?? known;
  if (!alert) return query.error ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : <Skeleton rows={12} />;
  return (
    <article className={css.pane} aria-label={t('detail.label')}>
      <AlertHead alert={alert} onLeave={onLeave} />
      <Tabs alert={alert} detail={query.data} events={events} />
    </article>
  );
}

interface TabsProps {
  alert: AlertSummary;
  /** Undefined while it is loading. */
  detail: AlertDetail | undefined;
  events: AlertEventList;
}

function Tabs({ alert, detail, events }: TabsProps): ReactNode {
  const t = useWords();
  const [view, change] = useView<AlertsView>();
  const tab = view.tab ?? 'why';
  const show = (next: Tab): void => change({ tab: next === 'why' ? undefined : next }, { replace: true });
  return (
    <>
      <div className={css.tabs} role="tablist" style={{ padding: '0 8px', borderBottom: '1px solid var(--vg-line)', flex: 'none' }}>
        {TABS.map((one, at) => (
          <button
            key={one}
            type="button"
            role="tab"
            id={`tab-${one}`}
            aria-selected={one === tab}
            aria-controls="alert-panel"
            tabIndex={one === tab ? 0 : -1}
            className={css.tab}
            onClick={() => show(one)}
            onKeyDown={(event) => {
              const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
              const next = TABS[(at + step + TABS.length) % TABS.length];
              if (step === 0 || next === undefined) return;
              show(next);
              document.getElementById(`tab-${next}`)?.focus();
            }}
          >
            {t(`tab.${one}`)}
          </button>
        ))}
      </div>
      <div className={css.body} role="tabpanel" id="alert-panel" aria-labelledby={`tab-${tab}`}>
        <TabBody tab={tab} alert={alert} detail={detail} events={events} />
      </div>
    </>
  );
}

function TabBody({ tab, alert, detail, events }: TabsProps & { tab: Tab }): ReactNode {
  const t = useWords();
  const [{ event: wanted }] = useView<AlertsView>();
  if (tab === 'history') return detail ? <History alert={alert} entries={detail.history} /> : <Skeleton />;
  if (events.error) return <ErrorState error={events.error} onRetry={events.retry} />;
  if (events.loading) return <Skeleton rows={12} />;
  if (tab === 'events') return <EventsTab alert={alert} events={events} />;
  if (tab === 'timeline') return <Timeline alert={alert} own={events.items} />;
  const event = events.items.find((one) => one.event.id === wanted) ?? events.items[0];
  if (!event) return <p className={css.empty}>{t('events.empty')}</p>;
  return (
    <>
      <EventBar events={events} current={event} />
      {tab === 'why' && <Why alert={alert} event={event} rule={detail?.ruleDetail} correlation={detail?.correlation} />}
      {tab === 'event' && <EventFields alert={alert} event={event} />}
      {tab === 'raw' && <RawRecord event={event} />}
    </>
  );
}
