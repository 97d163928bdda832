import type { ReactNode } from 'react';
import type { AlertSummary } from '@vong/engine/contracts';
import { useView } from '../../../client/view.ts';
import { DataTable } from '../../../ui/DataTable.tsx';
import type { AlertsView } from '../view.ts';
import { useWords } from '../words.ts';
import css from './detail.module.css';
import { eventId, useEventColumns } from './event-columns.tsx';
import type { AlertEventList } from './useAlert.ts';

const AHEAD = 50;

/** Every event of the alert, none left out; a click looks at one. */
export function EventsTab({ alert, events }: { alert: AlertSummary; events: AlertEventList }): ReactNode {
  const t = useWords();
  const [{ event }, change] = useView<AlertsView>();
  const columns = useEventColumns('precise');
  return (
    <div className={css.grow}>
      <DataTable
        name="alert-events"
        label={t('detail.events', { count: alert.count })}
        columns={columns}
        rows={events.items}
        total={events.total}
        getId={eventId}
        active={event}
        onPick={(one) => change({ event: one.event.id, tab: 'event' })}
        onRange={(_first, last) => {
          if (last > events.items.length - AHEAD) events.more();
        }}
        empty={<p className={css.empty}>{t('events.empty')}</p>}
      />
    </div>
  );
}
