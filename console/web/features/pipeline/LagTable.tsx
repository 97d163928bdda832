import type { ReactNode } from 'react';
import type { PipelineStatus } from '@vong/engine/contracts';
import { useLanguage } from '../../i18n/words.ts';
import { formatDuration, formatNumber } from '../../ui/format.ts';
import { GROUPS, timeLeft, trend, type Sample } from './judge.ts';
import css from './pipeline.module.css';
import { useWords } from './words.ts';

const TOPICS = ['events', 'signals'] as const;

/** How much each consumer has not read yet, and when it will have. */
export function LagTable({ status, samples }: { status: PipelineStatus; samples: readonly Sample[] }): ReactNode {
  const t = useWords();
  const language = useLanguage();
  const left = (group: string, records: number): string => {
    if (records === 0) return t('lag.none');
    const change = trend(samples, group);
    const time = timeLeft(records, change);
    if (time !== undefined) return formatDuration(time, language);
    return t(change === undefined || change < 1 ? 'lag.unknown' : 'lag.growing');
  };
  return (
    <table className={css.table}>
      <thead>
        <tr>
          <th>{t('lag.group')}</th>
          <th>{t('lag.topic')}</th>
          <th>{t('lag.records')}</th>
          <th>{t('lag.left')}</th>
        </tr>
      </thead>
      <tbody>
        {status.lag.map(({ group, topic, records }) => {
          const known = GROUPS.find((one) => one === group);
          const read = TOPICS.find((one) => one === topic);
          return (
            <tr key={`${group} ${topic}`}>
              <td>{known ? t(`group.${known}`) : group}</td>
              <td>{read ? t(`topic.${read}`) : topic}</td>
              <td>{formatNumber(records, language)}</td>
              <td className="dim">{left(group, records)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
