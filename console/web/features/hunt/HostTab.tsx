import { useMemo, type ReactNode } from 'react';
import { Button } from '@mantine/core';
import type { EcsEvent } from '@vong/platform/events';
import { kindOf, summaryOf, timeOf } from '../../client/event-fields.ts';
import { useAgency, useView } from '../../client/view.ts';
import { DataTable, type DataColumn } from '../../ui/DataTable.tsx';
import { MiddleTruncate } from '../../ui/MiddleTruncate.tsx';
import { ErrorState, Skeleton } from '../../ui/states.tsx';
import { TimeText } from '../../ui/values.tsx';
import { condition } from './kql-text.ts';
import css from './pane.module.css';
import { eventId } from './useEventCursor.ts';
import { useHostAround } from './useHunt.ts';
import type { HuntView } from './view.ts';
import { useWords } from './words.ts';

export function HostTab({ event, onShow }: { event: EcsEvent; onShow: (id: string) => void }): ReactNode {
  const t = useWords();
  const host = event.host?.name;
  if (host === undefined) return <p className={css.section}>{t('host.none')}</p>;
  return <Around event={event} host={host} onShow={onShow} />;
}

const AROUND_MS = 300_000;

/** What the host did just before and after, however long ago that was; a click goes on from there. */
function Around({ event, host, onShow }: { event: EcsEvent; host: string; onShow: (id: string) => void }): ReactNode {
  const t = useWords();
  const at = timeOf(event);
  const [, change] = useView<HuntView>();
  const query = useHostAround(host, at, useAgency());
  const columns = useColumns();
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton rows={12} />;
  const open = (): void =>
    change({
      q: condition('host.name', host),
      from: at - AROUND_MS,
      to: at + AROUND_MS,
      range: undefined,
      order: 'oldest',
      tab: undefined,
    });
  return (
    <>
      <div className={css.bar}>
        <span className="dim cut" title={host}>
          {t('host.around', { host })}
        </span>
        <span className={css.grow} />
        <Button variant="subtle" size="compact-xs" onClick={open}>
          {t('host.open')}
        </Button>
      </div>
      <div className={css.around}>
        <DataTable
          name="hunt-host"
          label={t('tab.host')}
          columns={columns}
          rows={query.data}
          getId={eventId}
          active={eventId(event)}
          onPick={(picked) => onShow(eventId(picked))}
        />
      </div>
    </>
  );
}

function useColumns(): readonly DataColumn<EcsEvent>[] {
  const t = useWords();
  return useMemo(
    () => [
      { id: 'time', header: t('column.time'), size: 196, cell: (event) => <TimeText at={timeOf(event)} show="precise" /> },
      { id: 'kind', header: t('column.kind'), size: 96, cell: (event) => <span className="cut">{kindOf(event)}</span> },
      { id: 'what', header: t('column.summary'), size: 180, grow: true, cell: (event) => <MiddleTruncate mono text={summaryOf(event)} /> },
    ],
    [t],
  );
}
