import type { ReactNode } from 'react';
import { IconAlertTriangle, IconCircleX, IconInfoCircle } from '@tabler/icons-react';
import type { Finding } from 'sigma-rules-ts/lint';
import { useLanguage } from '../../i18n/words.ts';
import { Breakable } from '../Breakable.tsx';
import css from './checks.module.css';
import { quoted } from './findings.ts';
import { useWords } from './words.ts';

const ICONS = { error: IconCircleX, warning: IconAlertTriangle, info: IconInfoCircle } as const;

/** The findings of a rule, as a list below its text; each line of the text that has one is marked there. */
export function Findings({ findings }: { findings: readonly Finding[] }): ReactNode {
  const t = useWords();
  if (findings.length === 0) return null;
  return (
    <ul className={css.findings} aria-label={t('title')}>
      {findings.map((finding) => (
        <li key={`${finding.code} ${finding.line} ${finding.column}`}>
          <Mark severity={finding.severity} />
          <span>
            <span className="dim">{t('line', { line: finding.line })}</span> {t(`check.${finding.code}`)}
            <Detail message={finding.message} />
          </span>
        </li>
      ))}
    </ul>
  );
}

/** The checks speak English; in Vietnamese the sentence for the check stands with what it is about. */
function Detail({ message }: { message: string }): ReactNode {
  const t = useWords();
  const { about, instead } = quoted(message);
  const subject = about.join(' · ');
  const own = instead === undefined ? subject : t('detail.instead', { subject, instead });
  const text = useLanguage() === 'en' ? message : own;
  if (text === '') return null;
  return (
    <div className="mono dim">
      <Breakable text={text} />
    </div>
  );
}

function Mark({ severity }: Pick<Finding, 'severity'>): ReactNode {
  const t = useWords();
  const Icon = ICONS[severity];
  return <Icon size={14} className={css[`finding-${severity}`]} aria-label={t(`severity.${severity}`)} />;
}
