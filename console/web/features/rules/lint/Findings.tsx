import type { ReactNode } from 'react';
import { IconAlertTriangle, IconCircleX, IconInfoCircle } from '@tabler/icons-react';
import type { Finding } from 'sigma-rules-ts/lint';
import { Breakable } from '../../../ui/Breakable.tsx';
import css from '../rules.module.css';
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
            <div className="mono dim" lang="en">
              <Breakable text={finding.message} />
            </div>
          </span>
        </li>
      ))}
    </ul>
  );
}

function Mark({ severity }: Pick<Finding, 'severity'>): ReactNode {
  const t = useWords();
  const Icon = ICONS[severity];
  return <Icon size={14} className={css[`finding-${severity}`]} aria-label={t(`severity.${severity}`)} />;
}
