import { useMemo, type ReactNode } from 'react';
import { useQuery } from '@tanstack/react-query';
import type { ProcessingView, RulePipelines } from '@vong/engine/contracts';
import { pipelinesQuery } from '../../ui/checks/findings.ts';
import { DataTable, type DataColumn } from '../../ui/DataTable.tsx';
import css from '../../ui/list/list.module.css';
import { StateMark } from '../../ui/StateMark.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../ui/states.tsx';
import { Num, TimeText } from '../../ui/values.tsx';
import own from './rules.module.css';
import { RulesBar } from './RulesBar.tsx';
import { useWords } from './words.ts';

const idOf = ({ file, version, priority }: ProcessingView): string => `${priority} ${file} ${version}`;

/** The processing pipelines that change rules before they run: which are in use, and why newer ones are not. */
export function PipelinesPage(): ReactNode {
  const t = useWords();
  const pipelines = useQuery(pipelinesQuery);
  const columns = useMemo(
    (): readonly DataColumn<ProcessingView>[] => [
      { id: 'priority', header: t('pipelines.priority'), size: 84, align: 'end', cell: ({ priority }) => <Num value={priority} /> },
      { id: 'file', header: t('failures.file'), size: 220, cell: ({ file }) => <span className="mono cut">{file}</span> },
      { id: 'name', header: t('pipelines.name'), size: 220, grow: true, cell: ({ name = '–' }) => <span className="cut">{name}</span> },
      {
        id: 'transformations',
        header: t('pipelines.transformations'),
        size: 120,
        align: 'end',
        cell: ({ transformations }) => <Num value={transformations} />,
      },
      { id: 'version', header: t('detail.version'), size: 128, cell: ({ version }) => <span className="mono">{version}</span> },
      { id: 'notes', header: t('pipelines.notes'), size: 260, cell: ({ notes }) => <Notes notes={notes} /> },
    ],
    [t],
  );
  const { data } = pipelines;
  return (
    <div className={css.page}>
      <RulesBar here="pipelines" />
      {data !== undefined && <Standing pipelines={data} />}
      <div className={css.main}>
        {pipelines.error && !data ? (
          <ErrorState error={pipelines.error} onRetry={() => void pipelines.refetch()} />
        ) : (
          <DataTable
            name="rule-pipelines"
            label={t('pipelines.label')}
            columns={columns}
            rows={data?.processing ?? []}
            getId={idOf}
            empty={data ? <EmptyState title={t('pipelines.none')}>{t('pipelines.none.text')}</EmptyState> : <Skeleton rows={6} />}
          />
        )}
      </div>
    </div>
  );
}

function Standing({ pipelines: { processing, since, problem } }: { pipelines: RulePipelines }): ReactNode {
  const t = useWords();
  if (problem === undefined && processing.length === 0) return null;
  const place = problem === undefined ? '' : [problem.file, problem.line].filter((part) => part !== undefined).join(':');
  return (
    <div className={own.standing} role={problem === undefined ? 'status' : 'alert'}>
      {since === undefined ? (
        <StateMark tone="waiting">{t('pipelines.pending')}</StateMark>
      ) : (
        <span className={own.marks}>
          <StateMark tone="ok">{t('pipelines.inUse')}</StateMark> <TimeText at={since} />
        </span>
      )}
      {problem !== undefined && (
        <>
          <span className={own.marks}>
            <StateMark tone="failed">{t('pipelines.problem')}</StateMark> <TimeText at={problem.at} />
          </span>
          <span className={`mono ${own.reason}`} lang="en">
            {place === '' ? problem.reason : `${place} ${problem.reason}`}
          </span>
        </>
      )}
    </div>
  );
}

function Notes({ notes }: Pick<ProcessingView, 'notes'>): ReactNode {
  const text = notes.map(({ line, note }) => `${line}: ${note}`).join('; ');
  return (
    <span className="cut" title={text} lang="en">
      {text === '' ? '–' : text}
    </span>
  );
}
