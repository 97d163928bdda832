import { useMemo, type ReactNode } from 'react';
import { Button } from '@mantine/core';
import type { EcsEvent } from '@vong/platform/events';
import { kindOf, summaryOf, timeOf, valuesOf } from '../../client/event-fields.ts';
import { useView } from '../../client/view.ts';
import { DataTable, type DataColumn, type TableSort } from '../../ui/DataTable.tsx';
import { MiddleTruncate } from '../../ui/MiddleTruncate.tsx';
import { PivotValue } from '../../ui/PivotValue.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../ui/states.tsx';
import { TimeText } from '../../ui/values.tsx';
import css from './hunt.module.css';
import { queryFault } from './kql-error.ts';
import { NothingFound } from './NothingFound.tsx';
import { eventId, type EventCursor } from './useEventCursor.ts';
import type { Hunt } from './useHunt.ts';
import { columnsOf, DEFAULT_COLUMNS, KIND, SUMMARY, type HuntView } from './view.ts';
import { useWords, type HuntWords } from './words.ts';

export function Results({ hunt, cursor }: { hunt: Hunt; cursor: EventCursor }): ReactNode {
  const t = useWords();
  const columns = useResultColumns(cursor.open !== undefined);
  const sort = useTimeSort();
  const { error } = hunt;
  // What the query box says already is not said twice; the last answer stays until there is a new one.
  if (error && !queryFault(error)) return <ErrorState error={error} onRetry={hunt.refresh} />;
  if (hunt.stopped)
    return (
      <EmptyState
        title={t('results.cancelled')}
        action={
          <Button variant="default" onClick={hunt.refresh}>
            {t('query.refresh')}
          </Button>
        }
      >
        {t('results.cancelled.text')}
      </EmptyState>
    );
  const waiting = <Skeleton rows={16} onCancel={hunt.stop} />;
  const nothing = hunt.old || error ? null : <NothingFound />;
  return (
    <div className={`${css.results} ${hunt.old ? css.old : ''}`} aria-busy={hunt.busy}>
      <DataTable
        name={cursor.open === undefined ? 'hunt' : 'hunt-compact'}
        label={t('results.label')}
        columns={columns}
        rows={hunt.rows}
        total={hunt.length}
        getId={eventId}
        active={cursor.active}
        onPick={(event) => cursor.show(eventId(event))}
        sort={sort}
        onRange={hunt.onRange}
        empty={hunt.busy ? waiting : nothing}
      />
    </div>
  );
}

const SIZES: Readonly<Record<string, number>> = {
  'host.name': 150,
  'user.name': 110,
  'process.name': 130,
  'process.command_line': 360,
  'process.executable': 240,
  'source.ip': 130,
  'destination.ip': 130,
  'event.code': 80,
  'event.module': 90,
};

/** What of the usual columns is shown beside an open event, which says the rest. */
const FEW: readonly string[] = ['host.name', KIND, SUMMARY];

/** Beside an open event the milliseconds give their room to what happened. */
function useResultColumns(narrow: boolean): readonly DataColumn<EcsEvent>[] {
  const t = useWords();
  const [view] = useView<HuntView>();
  const all = columnsOf(view);
  const chosen = narrow && all === DEFAULT_COLUMNS ? FEW : all;
  return useMemo(() => {
    const time: DataColumn<EcsEvent> = {
      id: 'time',
      header: t('column.time'),
      size: narrow ? 160 : 190,
      sortable: true,
      cell: (event) => <TimeText at={timeOf(event)} show={narrow ? 'full' : 'precise'} />,
    };
    const last = chosen.length - 1;
    return [time, ...chosen.map((name, at) => ({ ...columnFor(name, t), grow: at === last || name === SUMMARY }))];
  }, [t, chosen, narrow]);
}

function columnFor(name: string, t: HuntWords): DataColumn<EcsEvent> {
  if (name === SUMMARY)
    return { id: name, header: t('column.summary'), size: 190, cell: (event) => <MiddleTruncate mono text={summaryOf(event)} /> };
  if (name === KIND) return { id: name, header: t('column.kind'), size: 104, cell: (event) => <Kind event={event} /> };
  return { id: name, header: name, size: SIZES[name] ?? 160, cell: (event) => <Values event={event} name={name} /> };
}

function Kind({ event }: { event: EcsEvent }): ReactNode {
  const { code, module } = event.event;
  return (
    <PivotValue field={code === undefined ? 'event.module' : 'event.code'} value={code ?? module}>
      <span className="cut">{kindOf(event)}</span>
    </PivotValue>
  );
}

function Values({ event, name }: { event: EcsEvent; name: string }): ReactNode {
  const values = valuesOf(event, name);
  return values.slice(0, 5).map((value, at) => (
    <span key={at} className={css.value}>
      <PivotValue field={name} value={value}>
        <Short value={value} />
      </PivotValue>
    </span>
  ));
}

const LONG = 40;
const MOST = 400;

/** Paths and command lines differ at their ends; names are read from their beginning. */
function Short({ value }: { value: string }): ReactNode {
  if (value.length > LONG || /[\\/]/.test(value)) return <MiddleTruncate mono text={value.slice(0, MOST)} />;
  return (
    <span className="mono cut" title={value}>
      {value}
    </span>
  );
}

function useTimeSort(): TableSort {
  const [{ order }, change] = useView<HuntView>();
  return {
    column: 'time',
    direction: order === 'oldest' ? 'ascending' : 'descending',
    onSort: () => change({ order: order === 'oldest' ? undefined : 'oldest' }),
  };
}
