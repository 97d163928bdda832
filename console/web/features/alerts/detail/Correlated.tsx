import type { ReactNode } from 'react';
import type { AlertCorrelation } from '@vong/engine/contracts';
import { Breakable } from '../../../ui/Breakable.tsx';
import { formatDuration, formatNumber, formatTime } from '../../../ui/format.ts';
import { useLanguage } from '../../../i18n/words.ts';
import { useWords } from '../words.ts';
import css from './detail.module.css';

/** What a correlation saw: which rules, how often, for which group, in which time, and the condition that held. */
export function Correlated({ correlation }: { correlation: AlertCorrelation }): ReactNode {
  const t = useWords();
  const language = useLanguage();
  const { type, rules, groupBy, from, to, timespan, condition, result } = correlation;
  return (
    <section className={css.section}>
      <h3>{t('why.correlation')}</h3>
      <table className={css.table}>
        <tbody>
          {rules.map(({ id, title, count }) => (
            <tr key={id}>
              <td>{title}</td>
              <td className="mono">{t('why.correlation.count', { count })}</td>
            </tr>
          ))}
          {groupBy.map(({ field, value }) => (
            <tr key={field}>
              <td className="mono">
                <Breakable text={field} />
              </td>
              <td className="mono">
                <Breakable text={value} />
              </td>
            </tr>
          ))}
          <tr>
            <td>{t('why.correlation.window', { timespan: formatDuration(timespan, language) })}</td>
            <td className="mono">
              {formatTime(from)} – {formatTime(to)}
            </td>
          </tr>
          <tr>
            <td>{t('why.correlation.condition')}</td>
            <td className="mono">
              {type} ({condition}) → {formatNumber(result, language)}
            </td>
          </tr>
        </tbody>
      </table>
    </section>
  );
}
