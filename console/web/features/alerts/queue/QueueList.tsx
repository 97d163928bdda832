import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import type { AlertSummary } from '@vong/engine/contracts';
import { useLive } from '../../../client/live-react.ts';
import { useView } from '../../../client/view.ts';
import { DataTable, type TableSort } from '../../../ui/DataTable.tsx';
import { ErrorState, Skeleton } from '../../../ui/states.tsx';
import { CloseForm } from '../CloseForm.tsx';
import { useTriage } from '../useTriage.ts';
import type { AlertsView, Sort } from '../view.ts';
import { useWords } from '../words.ts';
import { useQueueColumns } from './columns.tsx';
import css from './queue.module.css';
import { BulkBar, NewBar } from './QueueBars.tsx';
import { QueueEmpty } from './QueueEmpty.tsx';
import type { Cursor } from './useCursor.ts';
import { useQueueKeys } from './useQueueKeys.ts';
import type { Queue } from './useQueue.ts';

interface QueueListProps {
  queue: Queue;
  cursor: Cursor;
  onSearch: () => void;
}

const idOf = (alert: AlertSummary): string => alert.id;

export function QueueList({ queue, cursor, onSearch }: QueueListProps): ReactNode {
  const t = useWords();
  const triage = useTriage();
  const [closing, setClosing] = useState<readonly AlertSummary[]>([]);
  const columns = useQueueColumns(cursor.open !== undefined);
  const { entering, onRange } = useScreen(queue, cursor, closing.length > 0);
  const chosen = (): readonly AlertSummary[] => {
    const wanted = cursor.selected.size > 0 ? cursor.selected : new Set([cursor.active]);
    return queue.rows.filter(({ id }) => wanted.has(id));
  };
  const acts = {
    assign: () => triage.apply(chosen(), { assignee: triage.me.id }),
    acknowledge: () => triage.apply(chosen(), { status: 'acknowledged' }),
    close: () => setClosing(chosen().filter(({ status }) => status !== 'closed')),
    refresh: () => (queue.arrivals.held.length > 0 ? queue.reveal() : queue.refresh()),
  };
  const sort = useQueueSort();
  useQueueKeys({ cursor, acts, allowed: triage.allowed, onSearch });
  const { rows, belongs } = queue;
  const left = useMemo(() => rows.reduce((sum, alert) => (belongs(alert) ? sum : sum + 1), 0), [rows, belongs]);
  if (queue.error) return <ErrorState error={queue.error} onRetry={queue.refresh} />;
  return (
    <div className={css.list}>
      <BulkBar
        count={cursor.selected.size}
        triage={triage}
        onAssign={acts.assign}
        onAcknowledge={acts.acknowledge}
        onClose={acts.close}
        onAll={() => cursor.select(queue.rows.map(idOf))}
        onClear={() => cursor.select([])}
      />
      <NewBar held={queue.arrivals.held.length} left={left} onShow={acts.refresh} />
      <DataTable
        name={cursor.open === undefined ? 'queue' : 'queue-compact'}
        label={t('queue.label')}
        columns={columns}
        rows={queue.rows}
        total={queue.total}
        getId={idOf}
        active={cursor.active}
        onPick={({ id }) => cursor.show(id)}
        selection={cursor.selection}
        sort={sort}
        onRange={onRange}
        rowState={(alert) => ({ faded: !queue.belongs(alert), entering: entering.has(alert.id) })}
        empty={queue.loading ? <Skeleton rows={20} /> : <QueueEmpty />}
      />
      <CloseForm
        count={closing.length}
        onCancel={() => setClosing([])}
        onClose={(verdict, reason) => {
          triage.apply(closing, { status: 'closed', verdict, reason });
          setClosing([]);
          cursor.select([]);
        }}
      />
    </div>
  );
}

const ENTERING_MS = 400;

/** Tells the server which alerts are on the screen, and lets arrivals in while the list stands at its top. */
function useScreen(
  queue: Queue,
  cursor: Cursor,
  busy: boolean,
): { entering: ReadonlySet<string>; onRange: (first: number, last: number) => void } {
  const live = useLive();
  const [atTop, setAtTop] = useState(true);
  const [entering, setEntering] = useState<ReadonlySet<string>>(new Set());
  const [{ sort = 'newest' }] = useView<AlertsView>();
  const { held } = queue.arrivals;
  const welcome = atTop && sort === 'newest' && cursor.selected.size === 0 && !busy && held.length > 0;
  const { reveal } = queue;
  useEffect(() => {
    if (!welcome) return;
    setEntering(new Set(held.map(idOf)));
    reveal();
  }, [welcome, held, reveal]);
  useEffect(() => {
    if (entering.size === 0) return undefined;
    const timer = setTimeout(() => setEntering(new Set()), ENTERING_MS);
    return () => clearTimeout(timer);
  }, [entering]);
  const range = useRef<readonly [number, number]>([0, -1]);
  const onRange = (first: number, last: number): void => {
    range.current = [first, last];
    setAtTop(first === 0);
    queue.onRange(first, last);
    say();
  };
  const say = (): void => {
    const [first, last] = range.current;
    live?.shown(queue.rows.slice(first, last + 1).map(idOf));
  };
  useEffect(say);
  return { entering, onRange };
}

const COLUMN_SORTS: Readonly<Record<string, Sort>> = { time: 'newest', severity: 'severity', count: 'count' };
const SORT_COLUMNS: Readonly<Record<Sort, string>> = { newest: 'time', oldest: 'time', severity: 'severity', count: 'count' };

function useQueueSort(): TableSort {
  const [{ sort = 'newest' }, change] = useView<AlertsView>();
  return {
    column: SORT_COLUMNS[sort],
    direction: sort === 'oldest' ? 'ascending' : 'descending',
    onSort: (column) => {
      const wanted = COLUMN_SORTS[column] ?? 'newest';
      const next = wanted === 'newest' && sort === 'newest' ? 'oldest' : wanted;
      change({ sort: next === 'newest' ? undefined : next });
    },
  };
}
