import type { ReactNode } from 'react';
import type { AgentStatus } from '@vong/collector/contracts';
import { MiddleTruncate } from '../../ui/MiddleTruncate.tsx';
import { StateMark } from '../../ui/StateMark.tsx';
import { Bytes, Num } from '../../ui/values.tsx';
import css from './sources.module.css';
import { useWords } from './words.ts';

/** What an agent reads, how far it is, and what stands in its way. */
export function AgentSources({ sources }: { sources: AgentStatus['sources'] }): ReactNode {
  const t = useWords();
  if (sources.length === 0) return <p className="dim">{t('detail.sources.none')}</p>;
  return (
    <table className={css.sources}>
      <thead>
        <tr>
          <th>{t('source.name')}</th>
          <th className={css.number}>{t('source.read')}</th>
          <th className={css.number}>{t('source.behind')}</th>
        </tr>
      </thead>
      <tbody>
        {sources.map(({ kind, name, read, behind, error }) => (
          <tr key={`${kind} ${name}`}>
            <td>
              <div className={css.source}>
                <span className="dim">{kind}</span>
                <MiddleTruncate text={name} mono />
              </div>
              {error !== undefined && <StateMark tone="failed">{error}</StateMark>}
            </td>
            <td className={css.number}>
              <Num value={read} />
            </td>
            <td className={css.number}>{behind === undefined ? '–' : <Bytes value={behind} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
