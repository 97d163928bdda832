import { useMemo, type ReactNode } from 'react';
import { SegmentedControl } from '@mantine/core';
import type { PipelineStatus } from '@vong/engine/contracts';
import { agencyName, useAgencies } from '../../client/agencies.ts';
import { useView } from '../../client/view.ts';
import { useLanguage } from '../../i18n/words.ts';
import { DataTable, type DataColumn } from '../../ui/DataTable.tsx';
import { Num } from '../../ui/values.tsx';
import { agencyRows, STAGES, type AgencyRow } from './judge.ts';
import css from './pipeline.module.css';
import { Delay } from './StageTable.tsx';
import { PERCENTILES, type PipelineView } from './view.ts';
import { useWords } from './words.ts';

const ROW = 28;
const MOST = 14;

/** The stages agency by agency, those beyond their targets first. */
export function AgencyTable({ status }: { status: PipelineStatus }): ReactNode {
  const t = useWords();
  const [{ by = 'p95', agency }, change] = useView<PipelineView>();
  const agencies = useAgencies();
  const rows = useMemo(() => {
    const reach = (code: string): boolean =>
      agency === undefined || code === agency || agencies.some((one) => one.code === code && one.path.includes(agency));
    return agencyRows(status).filter((row) => reach(row.agency));
  }, [status, agency, agencies]);
  const columns = useColumns(by);
  return (
    <section className={css.agencies}>
      <header className={css.agencyHead}>
        <h2>{t('agencies.title')}</h2>
        <SegmentedControl
          data={PERCENTILES.map((value) => ({ value, label: value }))}
          value={by}
          onChange={(value) => change({ by: value === 'p95' ? undefined : PERCENTILES.find((one) => one === value) }, { replace: true })}
          title={t(`percentile.${by}`)}
        />
        <span className="dim">{t(`percentile.${by}`)}</span>
      </header>
      {rows.length === 0 ? (
        <p className={css.none}>{t('agencies.none')}</p>
      ) : (
        <div style={{ height: Math.min(MOST, Math.max(2, rows.length + 1)) * ROW + 2 }}>
          <DataTable
            name="pipeline-agencies"
            label={t('agencies.title')}
            columns={columns}
            rows={rows}
            getId={(row) => row.agency}
            empty={null}
          />
        </div>
      )}
    </section>
  );
}

function useColumns(by: (typeof PERCENTILES)[number]): readonly DataColumn<AgencyRow>[] {
  const t = useWords();
  const language = useLanguage();
  const agencies = useAgencies();
  return useMemo(
    () => [
      {
        id: 'agency',
        header: t('agencies.agency'),
        size: 150,
        grow: true,
        cell: ({ agency }) => <span className="cut">{agencyName(agencies, agency, language)}</span>,
      },
      { id: 'events', header: t('agencies.events'), size: 84, align: 'end', cell: ({ events }) => <Num value={events} /> },
      ...STAGES.map((stage): DataColumn<AgencyRow> => ({
        id: stage,
        header: t(`stage.${stage}`),
        size: 148,
        align: 'end',
        cell: ({ stages }) => {
          const row = stages[stage];
          return row ? <Delay stage={stage} ms={row[by]} judged={by !== 'p50'} /> : <span className="dim">–</span>;
        },
      })),
    ],
    [t, language, agencies, by],
  );
}
