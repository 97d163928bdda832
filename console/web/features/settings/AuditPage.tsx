import { useMemo, type ReactNode } from 'react';
import { Select } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { AuditEntry } from '@vong/platform/identity';
import { agencyName, useAgencies } from '../../client/agencies.ts';
import { api } from '../../client/api.ts';
import { useMe } from '../../client/session.ts';
import { useView } from '../../client/view.ts';
import { useLanguage } from '../../i18n/words.ts';
import { DataTable, type DataColumn } from '../../ui/DataTable.tsx';
import { DetailPane, FactList } from '../../ui/list/DetailPane.tsx';
import css from '../../ui/list/list.module.css';
import { useList } from '../../ui/list/useList.ts';
import { now } from '../../ui/now.ts';
import { Split } from '../../ui/Split.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../ui/states.tsx';
import { TimeText } from '../../ui/values.tsx';
import { ACTIONS, isAction } from './actions.ts';
import { AuditDetails, DetailsLine } from './AuditDetails.tsx';
import { AuditWord } from './AuditWord.tsx';
import { SettingsBar } from './SettingsBar.tsx';
import { auditQuery, partsFor, RANGES, type AuditView } from './view.ts';
import { useWords } from './words.ts';

const PAGE = 200;
const AHEAD = 100;
const KINDS = ['user', 'key', 'agent', 'system'] as const;
const idOf = (entry: AuditEntry): string => entry.id;

function useTrail({ entry: _entry, ...view }: AuditView) {
  const may = partsFor(useMe().role).includes('audit');
  return useInfiniteQuery({
    queryKey: ['audit', view],
    enabled: may,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      api.get<{ items: AuditEntry[]; next?: string }>('/api/audit', {
        signal,
        query: { ...auditQuery(view, now()), cursor: pageParam, limit: PAGE },
      }),
    getNextPageParam: (page) => page.next,
  });
}

export function AuditPage(): ReactNode {
  const t = useWords();
  const [view, change] = useView<AuditView>();
  const { actor, action, target, range, entry: open } = view;
  const trail = useTrail({ ...(actor && { actor }), ...(action && { action }), ...(target && { target }), ...(range && { range }) });
  const rows = useMemo(() => trail.data?.pages.flatMap(({ items }) => items) ?? [], [trail.data]);
  const ids = useMemo(() => rows.map(idOf), [rows]);
  const show = (entry: string | undefined): void => change({ entry }, { replace: open !== undefined && entry !== undefined });
  const list = useList({ ids, open, show });
  const columns = useColumns(open !== undefined);
  const found = rows.find(({ id }) => id === open);
  const onRange = (_first: number, last: number): void => {
    if (last > rows.length - AHEAD && trail.hasNextPage && !trail.isFetchingNextPage && !trail.isError) void trail.fetchNextPage();
  };
  return (
    <div className={css.page}>
      <SettingsBar here="audit">
        <AuditWord name="actor" label={t('audit.actor.hint')} width={130} />
        <Select
          w={230}
          aria-label={t('audit.action')}
          placeholder={t('audit.action.any')}
          searchable
          clearable
          data={ACTIONS.map((one) => ({ value: one, label: t(`audit.action.${one}`) }))}
          value={action ?? null}
          onChange={(next) => change({ action: next ?? undefined })}
        />
        <Select
          w={140}
          aria-label={t('audit.range')}
          placeholder={t('audit.range.any')}
          clearable
          data={RANGES.map((one) => ({ value: one, label: t(`audit.range.${one}`) }))}
          value={range ?? null}
          onChange={(next) => change({ range: RANGES.find((one) => one === next) })}
        />
      </SettingsBar>
      <div className={css.main}>
        <Split
          name="audit"
          initial={460}
          right={found && <Entry entry={found} onLeave={() => show(undefined)} />}
          left={
            trail.error && !trail.data ? (
              <ErrorState error={trail.error} onRetry={() => void trail.refetch()} />
            ) : (
              <div className={css.list}>
                <DataTable
                  name={open === undefined ? 'audit' : 'audit-compact'}
                  label={t('audit.label')}
                  columns={columns}
                  rows={rows}
                  getId={idOf}
                  active={list.active}
                  onPick={({ id }) => list.pick(id)}
                  onRange={onRange}
                  empty={trail.isLoading ? <Skeleton rows={16} /> : <EmptyState title={t('audit.none')}>{t('audit.none.text')}</EmptyState>}
                />
              </div>
            )
          }
        />
      </div>
    </div>
  );
}

function Entry({ entry, onLeave }: { entry: AuditEntry; onLeave: () => void }): ReactNode {
  const t = useWords();
  const language = useLanguage();
  const agencies = useAgencies();
  const kind = KINDS.find((one) => one === entry.actor.kind);
  return (
    <DetailPane title={isAction(entry.action) ? t(`audit.action.${entry.action}`) : entry.action} onLeave={onLeave}>
      <FactList
        facts={[
          [t('audit.at'), <TimeText key="at" at={entry.at} />],
          [t('audit.actor'), `${entry.actor.name} (${kind === undefined ? entry.actor.kind : t(`audit.kind.${kind}`)})`],
          [
            t('audit.target'),
            <span key="target" className="mono">
              {entry.target}
            </span>,
          ],
          [t('audit.agency'), agencyName(agencies, entry.agency, language)],
          [t('audit.from'), entry.from && <span className="mono">{entry.from}</span>],
        ]}
      />
      <AuditDetails details={entry.details} />
    </DetailPane>
  );
}

function ActionName({ action }: { action: string }): ReactNode {
  const t = useWords();
  return (
    <span className="cut" title={action}>
      {isAction(action) ? t(`audit.action.${action}`) : action}
    </span>
  );
}

function useColumns(compact: boolean): readonly DataColumn<AuditEntry>[] {
  const t = useWords();
  return useMemo(() => {
    const all: DataColumn<AuditEntry>[] = [
      { id: 'at', header: t('audit.at'), size: 158, cell: ({ at }) => <TimeText at={at} /> },
      { id: 'actor', header: t('audit.actor'), size: 130, cell: ({ actor }) => <span className="cut">{actor.name}</span> },
      { id: 'action', header: t('audit.action'), size: 190, cell: ({ action }) => <ActionName action={action} /> },
      {
        id: 'details',
        header: t('audit.details'),
        size: 260,
        grow: true,
        cell: ({ details }) => <DetailsLine details={details} />,
      },
      { id: 'target', header: t('audit.target'), size: 190, cell: ({ target }) => <span className="mono cut">{target}</span> },
      { id: 'from', header: t('audit.from'), size: 120, cell: ({ from }) => <span className="mono cut">{from ?? '–'}</span> },
    ];
    return compact ? all.slice(0, 4) : all;
  }, [t, compact]);
}
