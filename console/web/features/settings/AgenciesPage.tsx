import { useMemo, type ReactNode } from 'react';
import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { inTreeOrder, useAgencies, type AgencyView } from '../../client/agencies.ts';
import { mayAdminister, useMe } from '../../client/session.ts';
import { useView } from '../../client/view.ts';
import { useLanguage } from '../../i18n/words.ts';
import { DataTable, type DataColumn } from '../../ui/DataTable.tsx';
import { fold } from '../../ui/format.ts';
import { AgencyForm } from '../../ui/intake/AgencyForm.tsx';
import { DetailPane } from '../../ui/list/DetailPane.tsx';
import css from '../../ui/list/list.module.css';
import { useList } from '../../ui/list/useList.ts';
import { Split } from '../../ui/Split.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { AgencyPane } from './AgencyPane.tsx';
import { ItemSearch, SettingsBar } from './SettingsBar.tsx';
import { NEW, type ItemView } from './view.ts';
import { useWords } from './words.ts';

interface Row {
  readonly agency: AgencyView;
  readonly depth: number;
}

const idOf = ({ agency }: Row): string => agency.code;
const STEP = 18;

/** The tree of agencies: with typed words, those that match, without their place. */
export function AgenciesPage(): ReactNode {
  const t = useWords();
  const language = useLanguage();
  const administers = mayAdminister(useMe());
  const agencies = useAgencies();
  const [{ q = '', item }, change] = useView<ItemView>();
  const rows = useMemo(() => {
    const wanted = fold(q.trim());
    const tree = inTreeOrder(agencies, language);
    if (wanted === '') return tree;
    return tree
      .filter(({ agency }) => fold(`${agency.name.vi} ${agency.name.en} ${agency.code}`).includes(wanted))
      .map(({ agency }) => ({ agency, depth: 0 }));
  }, [agencies, language, q]);
  const ids = useMemo(() => rows.map(idOf), [rows]);
  const show = (next: string | undefined): void => change({ item: next }, { replace: item !== undefined && next !== undefined });
  const list = useList({ ids, open: item === NEW ? undefined : item, show });
  const columns = useColumns();
  const leave = (): void => show(undefined);
  const right =
    item === undefined ? undefined : item === NEW ? (
      <DetailPane title={t('agencies.new')} onLeave={leave}>
        <AgencyForm parent={list.active} onCreated={({ code }) => show(code)} onCancel={leave} />
      </DetailPane>
    ) : (
      <AgencyPane key={item} agency={agencies.find(({ code }) => code === item)} onLeave={leave} />
    );
  return (
    <div className={css.page}>
      <SettingsBar here="agencies">
        <ItemSearch />
        {administers && (
          <Button leftSection={<IconPlus size={14} />} onClick={() => show(NEW)}>
            {t('agencies.new')}
          </Button>
        )}
      </SettingsBar>
      <div className={css.main}>
        <Split
          name="agencies"
          initial={420}
          right={right}
          left={
            <div className={css.list}>
              <DataTable
                name="agencies"
                label={t('agencies.label')}
                columns={columns}
                rows={rows}
                getId={idOf}
                active={list.active}
                onPick={({ agency }) => list.pick(agency.code)}
                empty={<EmptyState title={t('agencies.none')}>{t('agencies.none.text')}</EmptyState>}
              />
            </div>
          }
        />
      </div>
    </div>
  );
}

function useColumns(): readonly DataColumn<Row>[] {
  const t = useWords();
  const language = useLanguage();
  return useMemo(
    () => [
      {
        id: 'name',
        header: t('agencies.name'),
        size: 320,
        grow: true,
        cell: ({ agency, depth }) => (
          <span className="cut" style={{ paddingLeft: depth * STEP }} title={agency.name[language]}>
            {agency.name[language]}
          </span>
        ),
      },
      { id: 'code', header: t('agencies.code'), size: 220, cell: ({ agency }) => <span className="mono cut">{agency.code}</span> },
      { id: 'kind', header: t('agencies.kind'), size: 150, cell: ({ agency }) => t(`kind.${agency.kind}`) },
    ],
    [t, language],
  );
}
