import type { ReactNode } from 'react';
import type { PipelineStatus } from '@vong/engine/contracts';
import { useLanguage } from '../../i18n/words.ts';
import { formatDuration, formatNumber } from '../../ui/format.ts';
import { isSlow, onScale, STAGES, TARGET_MS, type Stage } from './judge.ts';
import css from './pipeline.module.css';
import { PERCENTILES } from './view.ts';
import { useWords } from './words.ts';

/** The stages in the order an event goes through them. */
export function StageTable({ status }: { status: PipelineStatus }): ReactNode {
  const t = useWords();
  const language = useLanguage();
  return (
    <table className={css.table}>
      <thead>
        <tr>
          <th>{t('stages.stage')}</th>
          {PERCENTILES.map((percentile) => (
            <th key={percentile} title={t(`percentile.${percentile}`)}>
              {percentile}
            </th>
          ))}
          <th className={css.scale}>
            <span className="hidden-text">{t('stages.spread')}</span>
          </th>
          <th>{t('stages.target')}</th>
          <th>{t('stages.count')}</th>
        </tr>
      </thead>
      <tbody>
        {STAGES.map((stage) => {
          const row = status.stages.find((one) => one.stage === stage && one.agency === '*');
          return (
            <tr key={stage} className={stage === 'total' ? css.sum : undefined}>
              <td>{t(`stage.${stage}`)}</td>
              {row ? (
                PERCENTILES.map((percentile) => (
                  <td key={percentile}>
                    <Delay stage={stage} ms={row[percentile]} judged={percentile === 'p95'} />
                  </td>
                ))
              ) : (
                <td colSpan={3} className="dim">
                  {t('stages.none')}
                </td>
              )}
              <td className={css.scale}>{row && <Spread stage={stage} low={row.p50} high={row.p99} />}</td>
              <td className="dim">{formatDuration(TARGET_MS[stage], language)}</td>
              <td className="dim">{formatNumber(row?.count ?? 0, language)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** From the median to the 99th percentile on a scale of powers of ten, with the target as a line. */
function Spread({ stage, low, high }: { stage: Stage; low: number; high: number }): ReactNode {
  const t = useWords();
  const language = useLanguage();
  const [from, to, target] = [low, high, TARGET_MS[stage]].map((ms) => onScale(ms) * 100);
  const title = t('stages.spread.title', { low: formatDuration(low, language), high: formatDuration(high, language) });
  return (
    <span className={css.spread} title={title}>
      <span className={css.range} style={{ left: `${from}%`, width: `max(3px, ${(to ?? 0) - (from ?? 0)}%)` }} />
      <span className={css.target} style={{ left: `${target}%` }} />
    </span>
  );
}

/** A delay; beyond the target it is marked by colour and a diamond. */
export function Delay({ stage, ms, judged }: { stage: Stage; ms: number; judged: boolean }): ReactNode {
  const t = useWords();
  const text = formatDuration(ms, useLanguage());
  if (!judged || !isSlow(stage, ms)) return text;
  return (
    <span className={css.late} title={t('stage.late')}>
      <span className={css.diamond} aria-label={t('stage.late')} role="img" />
      {text}
    </span>
  );
}
