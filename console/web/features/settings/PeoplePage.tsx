import { useMemo, type ReactNode } from 'react';
import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { UserView } from '@vong/platform/identity';
import { agencyName, useAgencies } from '../../client/agencies.ts';
import { mayAdminister, useMe } from '../../client/session.ts';
import { useView } from '../../client/view.ts';
import { useLanguage } from '../../i18n/words.ts';
import { DataTable, type DataColumn } from '../../ui/DataTable.tsx';
import css from '../../ui/list/list.module.css';
import { useList } from '../../ui/list/useList.ts';
import { Split } from '../../ui/Split.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../ui/states.tsx';
import { StateMark } from '../../ui/StateMark.tsx';
import { TimeText } from '../../ui/values.tsx';
import { peopleQuery } from './data.ts';
import { NewPerson } from './NewPerson.tsx';
import { PersonPane } from './PersonPane.tsx';
import { ItemSearch, SettingsBar } from './SettingsBar.tsx';
import { NEW, PERSON_TONES, personState, within, type ItemView } from './view.ts';
import { useWords } from './words.ts';

const idOf = (person: UserView): string => person.id;
const textOf = (person: UserView): string => `${person.displayName} ${person.name} ${person.agency}`;

export function PersonMark({ person }: { person: UserView }): ReactNode {
  const t = useWords();
  const state = personState(person);
  return <StateMark tone={PERSON_TONES[state]}>{t(`person.${state}`)}</StateMark>;
}

export function PeoplePage(): ReactNode {
  const t = useWords();
  const administers = mayAdminister(useMe());
  const people = useQuery(peopleQuery);
  const agencies = useAgencies();
  const [{ q, item, agency }, change] = useView<ItemView>();
  const rows = useMemo(() => within(people.data ?? [], { agency, q, agencies }, textOf), [people.data, agency, q, agencies]);
  const ids = useMemo(() => rows.map(idOf), [rows]);
  const show = (next: string | undefined): void => change({ item: next }, { replace: item !== undefined && next !== undefined });
  const list = useList({ ids, open: item === NEW ? undefined : item, show });
  const columns = useColumns(item !== undefined);
  const leave = (): void => show(undefined);
  const right =
    item === undefined ? undefined : item === NEW ? (
      <NewPerson onLeave={leave} />
    ) : (
      people.data && <PersonPane key={item} person={people.data.find(({ id }) => id === item)} onLeave={leave} />
    );
  return (
    <div className={css.page}>
      <SettingsBar here="people">
        <ItemSearch />
        {administers && (
          <Button leftSection={<IconPlus size={14} />} onClick={() => show(NEW)}>
            {t('people.new')}
          </Button>
        )}
      </SettingsBar>
      <div className={css.main}>
        <Split
          name="people"
          initial={420}
          right={right}
          left={
            people.error ? (
              <ErrorState error={people.error} onRetry={() => void people.refetch()} />
            ) : (
              <div className={css.list}>
                <DataTable
                  name={item === undefined ? 'people' : 'people-compact'}
                  label={t('people.label')}
                  columns={columns}
                  rows={rows}
                  getId={idOf}
                  active={list.active}
                  onPick={({ id }) => list.pick(id)}
                  rowState={({ disabled }) => ({ faded: disabled })}
                  empty={
                    people.isPending ? <Skeleton rows={8} /> : <EmptyState title={t('people.none')}>{t('people.none.text')}</EmptyState>
                  }
                />
              </div>
            )
          }
        />
      </div>
    </div>
  );
}

function useColumns(compact: boolean): readonly DataColumn<UserView>[] {
  const t = useWords();
  const language = useLanguage();
  const agencies = useAgencies();
  return useMemo(() => {
    const all: DataColumn<UserView>[] = [
      {
        id: 'display',
        header: t('person.display'),
        size: 180,
        grow: true,
        cell: (person) => <span className="cut">{person.displayName}</span>,
      },
      { id: 'name', header: t('person.name'), size: 140, cell: (person) => <span className="mono cut">{person.name}</span> },
      { id: 'role', header: t('person.role'), size: 110, cell: (person) => t(`role.${person.role}`) },
      { id: 'state', header: t('person.state'), size: 140, cell: (person) => <PersonMark person={person} /> },
      {
        id: 'agency',
        header: t('person.agency'),
        size: 200,
        grow: true,
        cell: (person) => <span className="cut">{agencyName(agencies, person.agency, language)}</span>,
      },
      {
        id: 'seen',
        header: t('person.seen'),
        size: 158,
        cell: ({ lastSignInAt }) => (lastSignInAt === undefined ? <span className="dim">–</span> : <TimeText at={lastSignInAt} />),
      },
    ];
    return compact ? all.slice(0, 4) : all;
  }, [t, compact, agencies, language]);
}
