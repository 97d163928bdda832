import { useMemo } from 'react';
import type { EcsEvent } from '@vong/platform/events';
import { kindOf, summaryOf, timeOf } from '../../../client/event-fields.ts';
import type { DataColumn } from '../../../ui/DataTable.tsx';
import { MiddleTruncate } from '../../../ui/MiddleTruncate.tsx';
import { TimeText } from '../../../ui/values.tsx';
import { useWords } from '../words.ts';

export const eventId = (event: EcsEvent): string => event.event.id;

export function useEventColumns(show: 'precise' | 'clock'): readonly DataColumn<EcsEvent>[] {
  const t = useWords();
  return useMemo(
    () => [
      {
        id: 'time',
        header: t('column.time'),
        size: show === 'precise' ? 186 : 92,
        cell: (event) => <TimeText at={timeOf(event)} show={show} />,
      },
      { id: 'kind', header: t('column.kind'), size: 84, cell: (event) => <span className="cut">{kindOf(event)}</span> },
      { id: 'what', header: t('column.what'), size: 160, grow: true, cell: (event) => <MiddleTruncate mono text={summaryOf(event)} /> },
    ],
    [t, show],
  );
}
