import type { ReactNode } from 'react';
import type { AlertSummary } from '@vong/engine/contracts';
import { useLanguage } from '../../../i18n/words.ts';
import { formatDuration, formatTime } from '../../../ui/format.ts';
import { useWords } from '../words.ts';
import css from './detail.module.css';

const STAGES = ['happened', 'collected', 'received', 'detected', 'alerted'] as const;

/** How long the first event took from stage to stage. */
export function DelayStrip({ times }: { times: AlertSummary['times'] }): ReactNode {
  const t = useWords();
  const language = useLanguage();
  const total = formatDuration(times.alerted - times.happened, language);
  return (
    <div className={css.strip} title={t('delay.total', { time: total })}>
      {STAGES.map((stage, at) => {
        const before = STAGES[at - 1];
        return (
          <span key={stage} className={css.stage} title={formatTime(times[stage], 'milliseconds')}>
            {before && <span className={css.delay}>{formatDuration(times[stage] - times[before], language)}</span>}
            {t(`delay.${stage}`)}
          </span>
        );
      })}
    </div>
  );
}
