import { useEffect, useMemo, useRef, type ReactNode } from 'react';
import { Button } from '@mantine/core';
import type { EcsEvent } from '@vong/platform/events';
import { kindOf, summaryOf, timeOf } from '../../client/event-fields.ts';
import { useAgency, useView } from '../../client/view.ts';
import { DataTable, ROW_HEIGHT, type DataColumn } from '../../ui/DataTable.tsx';
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
  const place = useMiddle(query.data, eventId(event));
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
      <div className={css.around} ref={place}>
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

/** Brings the event to the middle of its list: what came before and what came after are both in view. */
function useMiddle(rows: readonly EcsEvent[] | undefined, id: string) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const at = rows?.findIndex((row) => eventId(row) === id) ?? -1;
    if (at < 0) return undefined;
    // After the table has brought it into view in its own way, at an edge.
    const frame = setTimeout(() => {
      const grid = place.current?.querySelector('[role="grid"]');
      if (grid) grid.scrollTop = Math.max(0, (at + 2) * ROW_HEIGHT - grid.clientHeight / 2);
    }, 50);
    return () => clearTimeout(frame);
  }, [rows, id]);
  return place;
}

function useColumns(): readonly DataColumn<EcsEvent>[] {
  const t = useWords();
  return useMemo(
    () => [
      { id: 'time', header: t('column.time'), size: 190, cell: (event) => <TimeText at={timeOf(event)} show="precise" /> },
      { id: 'kind', header: t('column.kind'), size: 108, cell: (event) => <span className="cut">{kindOf(event)}</span> },
      { id: 'what', header: t('column.summary'), size: 180, grow: true, cell: (event) => <MiddleTruncate mono text={summaryOf(event)} /> },
    ],
    [t],
  );
}
