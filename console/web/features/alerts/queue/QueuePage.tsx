import { useMemo, useRef, useState, type ReactNode } from 'react';
import { ActionIcon } from '@mantine/core';
import { IconLayoutSidebarLeftExpand } from '@tabler/icons-react';
import { useView } from '../../../client/view.ts';
import { PivotContext } from '../../../ui/pivot.ts';
import { Split } from '../../../ui/Split.tsx';
import { AlertPane } from '../detail/AlertPane.tsx';
import type { AlertsView } from '../view.ts';
import { useWords } from '../words.ts';
import { Facets } from './Facets.tsx';
import css from './queue.module.css';
import { QueueList } from './QueueList.tsx';
import { useCursor } from './useCursor.ts';
import { useCounts, useQueue } from './useQueue.ts';
import { useQueuePivots } from './useQueuePivots.ts';

const HIDDEN_KEY = 'vong.queue.filters';
const WIDE = 1600;

/** The queue on the left, the alert that is read on the right. */
export function QueuePage(): ReactNode {
  const t = useWords();
  const [view] = useView<AlertsView>();
  const queue = useQueue(view);
  const counts = useCounts(view);
  const cursor = useCursor(queue.rows);
  const search = useRef<HTMLInputElement>(null);
  const [shut, setShut] = useState(() => localStorage.getItem(HIDDEN_KEY) === 'hidden');
  const hide = (hidden: boolean): void => {
    setShut(hidden);
    localStorage.setItem(HIDDEN_KEY, hidden ? 'hidden' : 'shown');
  };
  // Beside an open alert a small screen has no room for the filters; they come back with it closed.
  const facets = !shut && (cursor.open === undefined || window.innerWidth >= WIDE);
  const left = (
    <div className={css.page}>
      {facets && <Facets total={queue.total} counts={counts} search={search} onHide={() => hide(true)} />}
      {shut && (
        <div className={css.toggle}>
          <ActionIcon size={18} onClick={() => hide(false)} aria-label={t('queue.filters')} title={t('queue.filters')}>
            <IconLayoutSidebarLeftExpand size={16} />
          </ActionIcon>
        </div>
      )}
      <QueueList
        queue={queue}
        cursor={cursor}
        onSearch={() => {
          if (shut) hide(false);
          else if (!facets) cursor.show(undefined);
          setTimeout(() => search.current?.focus(), 0);
        }}
      />
    </div>
  );
  const open = cursor.open;
  const known = useMemo(() => queue.rows.find(({ id }) => id === open), [queue.rows, open]);
  return (
    <PivotContext value={useQueuePivots()}>
      <h1 className="hidden-text">{t('title')}</h1>
      <Split
        name="alerts"
        left={left}
        right={open === undefined ? undefined : <AlertPane key={open} id={open} known={known} onLeave={() => cursor.show(undefined)} />}
      />
    </PivotContext>
  );
}
