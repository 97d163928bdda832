import type { ReactNode } from 'react';
import type { RuleDetail } from '@vong/engine/contracts';
import css from './detail.module.css';
import { useWords } from '../words.ts';

/** What the rule's author says about it: meaning, known false positives, where to read on. */
export function RuleNotes({ rule }: { rule: RuleDetail }): ReactNode {
  const t = useWords();
  return (
    <section className={css.section}>
      <h3>{t('why.about')}</h3>
      {rule.description !== undefined && <p style={{ margin: '0 0 6px', whiteSpace: 'pre-wrap' }}>{rule.description}</p>}
      <table className={css.table}>
        <tbody>
          <Note label={t('why.falsepositives')} lines={rule.falsepositives} />
          <Note label={t('why.tags')} lines={rule.tags} />
          <Note label={t('why.references')} lines={rule.references} />
          <Note label={t('why.author')} lines={rule.author === undefined ? [] : [rule.author]} />
        </tbody>
      </table>
    </section>
  );
}

const WEB = /^https?:\/\//;

function Note({ label, lines }: { label: string; lines: readonly string[] }): ReactNode {
  if (lines.length === 0) return null;
  return (
    <tr>
      <td>{label}</td>
      <td>
        {lines.map((line) => (
          <div key={line}>
            {WEB.test(line) ? (
              <a href={line} target="_blank" rel="noreferrer noopener">
                {line}
              </a>
            ) : (
              line
            )}
          </div>
        ))}
      </td>
    </tr>
  );
}
