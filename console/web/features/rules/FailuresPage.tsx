import { useMemo, type ReactNode } from 'react';
import { useQuery } from '@tanstack/react-query';
import type { RuleFailure } from '@vong/engine/contracts';
import { DataTable, type DataColumn } from '../../ui/DataTable.tsx';
import css from '../../ui/list/list.module.css';
import { MiddleTruncate } from '../../ui/MiddleTruncate.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../ui/states.tsx';
import { failuresQuery } from './data.ts';
import { RulesBar } from './RulesBar.tsx';
import { useWords } from './words.ts';

const idOf = ({ file, line, column, code }: RuleFailure): string => `${file}:${line ?? ''}:${column ?? ''}:${code}`;

/** Rule files the server could not take, where and why. */
export function FailuresPage(): ReactNode {
  const t = useWords();
  const failures = useQuery(failuresQuery);
  const columns = useMemo(
    (): readonly DataColumn<RuleFailure>[] => [
      { id: 'file', header: t('failures.file'), size: 380, cell: ({ file }) => <MiddleTruncate text={file} mono copy /> },
      {
        id: 'place',
        header: t('failures.place'),
        size: 96,
        cell: ({ line, column }) => (
          <span className="mono">{line === undefined ? '–' : `${line}${column === undefined ? '' : `:${column}`}`}</span>
        ),
      },
      {
        id: 'reason',
        header: t('failures.reason'),
        size: 300,
        grow: true,
        cell: ({ reason }) => (
          <span className="cut" title={reason}>
            {reason}
          </span>
        ),
      },
      { id: 'code', header: t('failures.code'), size: 240, cell: ({ code }) => <span className="mono">{code}</span> },
    ],
    [t],
  );
  return (
    <div className={css.page}>
      <RulesBar here="failures" />
      <div className={css.main}>
        {failures.error ? (
          <ErrorState error={failures.error} onRetry={() => void failures.refetch()} />
        ) : (
          <DataTable
            name="rule-failures"
            label={t('failures.label')}
            columns={columns}
            rows={failures.data ?? []}
            getId={idOf}
            empty={
              failures.isPending ? <Skeleton rows={12} /> : <EmptyState title={t('failures.none')}>{t('failures.none.text')}</EmptyState>
            }
          />
        )}
      </div>
    </div>
  );
}
