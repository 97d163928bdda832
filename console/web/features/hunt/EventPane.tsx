import { useMemo, type ReactNode } from 'react';
import { ActionIcon } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { AlertList } from '@vong/engine/contracts';
import type { EcsEvent } from '@vong/platform/events';
import { agencyName, useAgencies } from '../../client/agencies.ts';
import { api, ApiError } from '../../client/api.ts';
import { kindOf, summaryOf, timeOf } from '../../client/event-fields.ts';
import { useView } from '../../client/view.ts';
import { useLanguage } from '../../i18n/words.ts';
import { EmptyState, ErrorState, Skeleton } from '../../ui/states.tsx';
import { TimeText } from '../../ui/values.tsx';
import { FieldsTab } from './FieldsTab.tsx';
import { HostTab } from './HostTab.tsx';
import css from './pane.module.css';
import { RawTab } from './RawTab.tsx';
import { eventId, type EventCursor } from './useEventCursor.ts';
import { useEvent } from './useHunt.ts';
import { TABS, type HuntView, type Tab } from './view.ts';
import { useWords } from './words.ts';

interface EventPaneProps {
  id: string;
  rows: readonly EcsEvent[];
  cursor: EventCursor;
}

/** Everything that is known of one event. */
export function EventPane({ id, rows, cursor }: EventPaneProps): ReactNode {
  const t = useWords();
  const known = useMemo(() => rows.find((event) => eventId(event) === id), [rows, id]);
  const query = useEvent(id, known);
  const event = known ?? query.data;
  const [view, change] = useView<HuntView>();
  const tab = view.tab ?? 'fields';
  return (
    <article className={css.pane} aria-label={t('pane.label')}>
      <header className={css.head}>
        <div className={css.titleRow}>
          {event && <TimeText at={timeOf(event)} show="precise" />}
          {event && <b>{kindOf(event)}</b>}
          {event && <AgencyOf event={event} />}
          <span className={css.grow} />
          <Step label={t('pane.previous')} icon={IconChevronLeft} onClick={() => cursor.move(-1)} />
          <Step label={t('pane.next')} icon={IconChevronRight} onClick={() => cursor.move(1)} />
          <Step label={t('pane.close')} icon={IconX} onClick={() => cursor.show(undefined)} />
        </div>
        {event && <p className={`${css.summary} mono`}>{summaryOf(event)}</p>}
        {event?.host?.name !== undefined && <HostAlerts host={event.host.name} />}
        <Tabs tab={tab} onTab={(next) => change({ tab: next === 'fields' ? undefined : next }, { replace: true })} />
      </header>
      <div className={css.body} role="tabpanel" id="hunt-panel" aria-labelledby={`hunt-tab-${tab}`}>
        {event ? (
          <Body tab={tab} event={event} onShow={cursor.show} />
        ) : (
          <Missing error={query.error} onRetry={() => void query.refetch()} />
        )}
      </div>
    </article>
  );
}

function Body({ tab, event, onShow }: { tab: Tab; event: EcsEvent; onShow: (id: string) => void }): ReactNode {
  if (tab === 'raw') return <RawTab event={event} />;
  return tab === 'host' ? <HostTab event={event} onShow={onShow} /> : <FieldsTab event={event} />;
}

function Missing({ error, onRetry }: { error: unknown; onRetry: () => void }): ReactNode {
  const t = useWords();
  if (error instanceof ApiError && error.status === 404) return <EmptyState title={t('pane.gone')}>{t('pane.gone.text')}</EmptyState>;
  return error ? <ErrorState error={error} onRetry={onRetry} /> : <Skeleton rows={12} />;
}

function Step({ label, icon: Icon, onClick }: { label: string; icon: typeof IconX; onClick: () => void }): ReactNode {
  return (
    <ActionIcon size={22} onClick={onClick} aria-label={label} title={label}>
      <Icon size={16} />
    </ActionIcon>
  );
}

function AgencyOf({ event }: { event: EcsEvent }): ReactNode {
  const language = useLanguage();
  const name = agencyName(useAgencies(), event.organization.id, language);
  return (
    <span className="dim cut" title={name}>
      {name}
    </span>
  );
}

/** The way to the alerts of this host; not shown when there are none. */
function HostAlerts({ host }: { host: string }): ReactNode {
  const t = useWords();
  const status = 'open,acknowledged,closed';
  const { data } = useQuery({
    queryKey: ['alerts', 'of-host', host],
    queryFn: ({ signal }) => api.get<AlertList>('/api/alerts', { signal, query: { host, status, limit: 1 } }),
  });
  if (!data || data.total === 0) return null;
  return (
    <Link to="/alerts" search={{ host, status }} title={t('pane.alerts.title', { host })} className={css.alerts}>
      {t('pane.alerts', { count: data.total })}
    </Link>
  );
}

function Tabs({ tab, onTab }: { tab: Tab; onTab: (tab: Tab) => void }): ReactNode {
  const t = useWords();
  return (
    <div className={css.tabs} role="tablist">
      {TABS.map((one, at) => (
        <button
          key={one}
          type="button"
          role="tab"
          id={`hunt-tab-${one}`}
          aria-selected={one === tab}
          aria-controls="hunt-panel"
          tabIndex={one === tab ? 0 : -1}
          className={css.tab}
          onClick={() => onTab(one)}
          onKeyDown={(event) => {
            const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
            const next = TABS[(at + step + TABS.length) % TABS.length];
            if (step === 0 || next === undefined) return;
            onTab(next);
            document.getElementById(`hunt-tab-${next}`)?.focus();
          }}
        >
          {t(`tab.${one}`)}
        </button>
      ))}
    </div>
  );
}
