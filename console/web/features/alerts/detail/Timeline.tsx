import { useMemo, type ReactNode } from 'react';
import { useQuery } from '@tanstack/react-query';
import type { AlertSummary } from '@vong/engine/contracts';
import type { EcsEvent } from '@vong/platform/events';
import { api } from '../../../client/api.ts';
import { useLanguage } from '../../../i18n/words.ts';
import { Chart } from '../../../ui/Chart.tsx';
import { DataTable } from '../../../ui/DataTable.tsx';
import { formatClock, formatDuration, formatNumber } from '../../../ui/format.ts';
import { ErrorState, Skeleton } from '../../../ui/states.tsx';
import { useWords } from '../words.ts';
import { countByTime } from './buckets.ts';
import css from './detail.module.css';
import { eventId, useEventColumns } from './event-columns.tsx';
import { alertPath } from './useAlert.ts';

const AROUND_MS = 300_000;

/** What else happened on the host around the alert. */
export function Timeline({ alert, own }: { alert: AlertSummary; own: readonly EcsEvent[] }): ReactNode {
  const t = useWords();
  const query = useQuery({
    queryKey: ['alerts', 'timeline', alert.id],
    queryFn: ({ signal }) =>
      api.get<{ items: EcsEvent[] }>(`${alertPath(alert.id)}/timeline`, { signal, query: { before: AROUND_MS, after: AROUND_MS } }),
  });
  const columns = useEventColumns('clock');
  const ownIds = useMemo(() => new Set(own.map(eventId)), [own]);
  const inOrder = useMemo(() => query.data?.items.toSorted((a, b) => (a['@timestamp'] < b['@timestamp'] ? -1 : 1)) ?? [], [query.data]);
  const first = inOrder.find((event) => ownIds.has(eventId(event)));
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton rows={12} />;
  if (inOrder.length === 0) return <p className={css.empty}>{t('timeline.empty')}</p>;
  return (
    <>
      <section className={css.section}>
        <p className="dim" style={{ margin: '0 0 6px' }}>
          {t('timeline.around', { host: alert.host, minutes: AROUND_MS / 60_000 })}
        </p>
        <Counts events={inOrder} ownIds={ownIds} from={alert.first - AROUND_MS} to={alert.last + AROUND_MS} />
      </section>
      <div className={css.grow}>
        <DataTable
          name="alert-timeline"
          label={t('tab.timeline')}
          columns={columns}
          rows={inOrder}
          getId={eventId}
          active={first && eventId(first)}
        />
      </div>
    </>
  );
}

interface CountsProps {
  events: readonly EcsEvent[];
  ownIds: ReadonlySet<string>;
  from: number;
  to: number;
}

function Counts({ events, ownIds, from, to }: CountsProps): ReactNode {
  const t = useWords();
  const language = useLanguage();
  const { step, buckets } = useMemo(
    () =>
      countByTime(
        events.map((event) => ({ at: Date.parse(event['@timestamp']), own: ownIds.has(eventId(event)) })),
        [from, to],
      ),
    [events, ownIds, from, to],
  );
  return (
    <Chart
      title={t('timeline.chart')}
      unit={t('timeline.unit', { time: formatDuration(step, language) })}
      kind="bars"
      height={120}
      points={buckets.map(({ x, own, other }) => ({ x, values: { own, other } }))}
      series={[
        { key: 'own', label: t('timeline.here'), color: 'var(--vg-accent)' },
        { key: 'other', label: t('timeline.other') },
      ]}
      formatX={(x) => formatClock(x)}
      formatY={(y) => formatNumber(y, language)}
    />
  );
}
