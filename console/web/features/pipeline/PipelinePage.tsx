import { type ReactNode } from 'react';
import type { PipelineStatus } from '@vong/engine/contracts';
import { useLanguage } from '../../i18n/words.ts';
import { Chart } from '../../ui/Chart.tsx';
import { formatBytes, formatClock, formatNumber } from '../../ui/format.ts';
import { Panel } from '../../ui/Panel.tsx';
import { ErrorState, Skeleton } from '../../ui/states.tsx';
import { AgencyTable } from './AgencyTable.tsx';
import { Findings } from './Findings.tsx';
import type { Sample } from './judge.ts';
import { LagTable } from './LagTable.tsx';
import css from './pipeline.module.css';
import { StageTable } from './StageTable.tsx';
import { usePipeline } from './usePipeline.ts';
import { useWords } from './words.ts';

export function PipelinePage(): ReactNode {
  const t = useWords();
  const { status, samples, error, retry } = usePipeline();
  if (error) return <ErrorState error={error} onRetry={retry} />;
  if (!status) return <Skeleton rows={12} />;
  return (
    <div className={css.page}>
      <h1 className="hidden-text">{t('title')}</h1>
      <Findings status={status} samples={samples} />
      <Numbers status={status} />
      <div className={css.columns}>
        <Panel title={t('stages.title')} flush>
          <StageTable status={status} />
        </Panel>
        <div className={css.side}>
          <Panel>
            <Rate samples={samples} />
          </Panel>
          <Panel title={t('lag.title')} flush>
            <LagTable status={status} samples={samples} />
          </Panel>
        </div>
      </div>
      <AgencyTable status={status} />
    </div>
  );
}

function Numbers({ status }: { status: PipelineStatus }): ReactNode {
  const t = useWords();
  const language = useLanguage();
  const waiting = status.lag.reduce((sum, { records }) => sum + records, 0);
  const facts = [
    [t('now.rate'), formatNumber(status.eventsPerSecond, language), ''],
    [t('now.waiting'), formatNumber(waiting, language), ''],
    [t('now.rules'), formatNumber(status.rules, language), ''],
    [t('now.store'), formatBytes(status.store.bytes, language), t('now.stored', { count: status.store.events })],
    [t('now.log'), formatBytes(status.log.bytes, language), ''],
  ] as const;
  return (
    <dl className={css.numbers}>
      {facts.map(([name, value, more]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <b>{value}</b> {more !== '' && <span className="dim">{more}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Rate({ samples }: { samples: readonly Sample[] }): ReactNode {
  const t = useWords();
  const language = useLanguage();
  return (
    <Chart
      title={t('chart.title')}
      unit={t('now.rate.unit')}
      kind="lines"
      height={132}
      points={samples.map(({ at, eventsPerSecond }) => ({ x: at, values: { rate: eventsPerSecond } }))}
      series={[{ key: 'rate', label: t('now.rate.unit'), color: 'var(--vg-text)' }]}
      formatX={(x) => formatClock(x)}
      formatY={(y) => formatNumber(y, language)}
    />
  );
}
