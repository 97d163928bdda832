import { useMemo, type ReactNode } from 'react';
import type { AlertSummary } from '@vong/engine/contracts';
import { agencyName, useAgencies } from '../../../client/agencies.ts';
import { useLanguage } from '../../../i18n/words.ts';
import type { DataColumn } from '../../../ui/DataTable.tsx';
import { PivotValue } from '../../../ui/PivotValue.tsx';
import { SeverityMark } from '../../../ui/SeverityMark.tsx';
import { Num, TimeText } from '../../../ui/values.tsx';
import { AlertStatusMark } from '../AlertStatusMark.tsx';
import { useWords, type words } from '../words.ts';

type T = ReturnType<typeof words>;
type Column = DataColumn<AlertSummary>;

const none = <span className="dim">–</span>;

function severity(t: T, bare: boolean): Column {
  const header = bare ? '' : t('column.severity');
  return {
    id: 'severity',
    header,
    size: bare ? 28 : 108,
    sortable: !bare,
    cell: ({ rule }) => <SeverityMark level={rule.level} bare={bare} />,
  };
}

function time(t: T, short: boolean): Column {
  const cell = ({ createdAt }: AlertSummary) => <TimeText at={createdAt} show={short ? 'clock' : 'full'} />;
  return { id: 'time', header: t('column.time'), size: short ? 92 : 156, sortable: true, cell };
}

function titleCell({ rule: { title } }: AlertSummary): ReactNode {
  return cut(title);
}

function rule(t: T): Column {
  return { id: 'rule', header: t('column.rule'), size: 180, grow: true, cell: titleCell };
}

function value(id: 'host' | 'user', header: string, size: number): Column {
  const cell = (alert: AlertSummary) =>
    alert[id] === '' ? (
      none
    ) : (
      <PivotValue field={`${id}.name`} value={alert[id]}>
        <span className="cut" title={alert[id]}>
          {alert[id]}
        </span>
      </PivotValue>
    );
  return { id, header, size, cell };
}

function count(t: T): Column {
  return { id: 'count', header: t('column.count'), size: 66, align: 'end', sortable: true, cell: (alert) => <Num value={alert.count} /> };
}

function status(t: T, bare: boolean): Column {
  const cell = (alert: AlertSummary) => <AlertStatusMark status={alert.status} bare={bare} />;
  return { id: 'status', header: bare ? '' : t('column.status'), size: bare ? 28 : 92, cell };
}

function cut(text: string): ReactNode {
  return (
    <span className="cut" title={text}>
      {text}
    </span>
  );
}

/** All columns, or the few that fit beside an open alert. */
export function useQueueColumns(compact: boolean): readonly Column[] {
  const t = useWords();
  const language = useLanguage();
  const agencies = useAgencies();
  return useMemo(() => {
    const first = [severity(t, compact), time(t, compact), rule(t), value('host', t('column.host'), compact ? 120 : 136)];
    if (compact) return [...first, count(t), status(t, true)];
    return [
      ...first,
      value('user', t('column.user'), 104),
      count(t),
      status(t, false),
      { id: 'assignee', header: t('column.assignee'), size: 100, cell: ({ assignee }) => (assignee ? cut(assignee.name) : none) },
      { id: 'agency', header: t('column.agency'), size: 100, cell: ({ agency }) => cut(agencyName(agencies, agency, language)) },
    ];
  }, [t, compact, agencies, language]);
}
