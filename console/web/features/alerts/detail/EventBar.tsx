import type { ReactNode } from 'react';
import { ActionIcon } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import type { EcsEvent } from '@vong/platform/events';
import { useView } from '../../../client/view.ts';
import { TimeText } from '../../../ui/values.tsx';
import type { AlertsView } from '../view.ts';
import { useWords } from '../words.ts';
import css from './detail.module.css';
import type { AlertEventList } from './useAlert.ts';

/** Which of the alert's events is looked at; shown when there is more than one. */
export function EventBar({ events, current }: { events: AlertEventList; current: EcsEvent }): ReactNode {
  const t = useWords();
  const [, change] = useView<AlertsView>();
  const at = events.items.indexOf(current);
  if (events.total < 2) return null;
  const step = (by: number): void => {
    const next = events.items[at + by];
    if (next) change({ event: next.event.id }, { replace: true });
    if (at + by > events.items.length - 5) events.more();
  };
  return (
    <div className={css.eventBar}>
      <ActionIcon
        size={22}
        disabled={at === 0}
        onClick={() => step(-1)}
        aria-label={t('detail.event.previous')}
        title={t('detail.event.previous')}
      >
        <IconChevronLeft size={16} />
      </ActionIcon>
      <ActionIcon
        size={22}
        disabled={at >= events.items.length - 1}
        onClick={() => step(1)}
        aria-label={t('detail.event.next')}
        title={t('detail.event.next')}
      >
        <IconChevronRight size={16} />
      </ActionIcon>
      {t('detail.event', { number: at + 1, total: events.total })}
      <span style={{ flex: 1 }} />
      <TimeText at={Date.parse(current['@timestamp'])} show="precise" />
    </div>
  );
}
