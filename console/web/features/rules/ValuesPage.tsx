import { useMemo, type ReactNode } from 'react';
import { useQuery } from '@tanstack/react-query';
import type { PlaceholderView } from '@vong/engine/contracts';
import { agencyName, useAgencies } from '../../client/agencies.ts';
import { useAgency, useView } from '../../client/view.ts';
import { useLanguage } from '../../i18n/words.ts';
import { DataTable, type DataColumn } from '../../ui/DataTable.tsx';
import css from '../../ui/list/list.module.css';
import { Split } from '../../ui/Split.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../ui/states.tsx';
import { StateMark } from '../../ui/StateMark.tsx';
import { Num } from '../../ui/values.tsx';
import { placeholdersQuery, useLiveRules } from './data.ts';
import { RulesBar } from './RulesBar.tsx';
import { ValuesPane } from './ValuesPane.tsx';
import { originOf, type ValuesView } from './view.ts';
import { useWords } from './words.ts';

/** Values for the placeholders of rules, as the chosen agency sees them. */
export function ValuesPage(): ReactNode {
  const t = useWords();
  const language = useLanguage();
  const agencies = useAgencies();
  const [{ name }, change] = useView<ValuesView>();
  const found = useQuery(placeholdersQuery(useAgency()));
  useLiveRules();
  const columns = useValueColumns();
  const open = found.data?.items.find((view) => view.name === name);
  const leave = (): void => change({ name: undefined });
  const empty = found.isPending ? <Skeleton rows={8} /> : <EmptyState title={t('values.none')}>{t('values.none.text')}</EmptyState>;
  return (
    <div className={css.page}>
      <RulesBar here="values">
        {found.data && <span className="dim">{t('values.agency', { agency: agencyName(agencies, found.data.agency, language) })}</span>}
      </RulesBar>
      <div className={css.main}>
        <Split
          name="values"
          right={
            open &&
            found.data && <ValuesPane key={`${found.data.agency} ${open.name}`} agency={found.data.agency} view={open} onLeave={leave} />
          }
          left={
            found.error ? (
              <ErrorState error={found.error} onRetry={() => void found.refetch()} />
            ) : (
              <DataTable
                name="values"
                label={t('values.label')}
                columns={columns}
                rows={found.data?.items ?? []}
                getId={(view) => view.name}
                active={name}
                onPick={(view) => change({ name: view.name }, { replace: name !== undefined })}
                empty={empty}
              />
            )
          }
        />
      </div>
    </div>
  );
}

function useValueColumns(): readonly DataColumn<PlaceholderView>[] {
  const t = useWords();
  return useMemo(
    () => [
      { id: 'name', header: t('values.name'), size: 180, cell: ({ name }) => <span className="mono cut">%{name}%</span> },
      {
        id: 'from',
        header: t('values.from'),
        size: 184,
        cell: (view) => {
          const origin = originOf(view);
          return <StateMark tone={origin === 'none' ? 'late' : 'ok'}>{t(`values.from.${origin}`)}</StateMark>;
        },
      },
      { id: 'number', header: t('values.number'), size: 84, align: 'end', cell: ({ effective }) => <Num value={effective.length} /> },
      {
        id: 'effective',
        header: t('values.effective'),
        size: 200,
        grow: true,
        cell: ({ effective }) => (
          <span className="mono cut" title={effective.slice(0, 50).join('\n')}>
            {effective.slice(0, 50).join(', ')}
          </span>
        ),
      },
      { id: 'rules', header: t('values.rules'), size: 72, align: 'end', cell: ({ rules }) => <Num value={rules.length} /> },
    ],
    [t],
  );
}
