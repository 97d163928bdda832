import type { ReactNode } from 'react';
import type { PipelineStatus } from '@vong/engine/contracts';
import { agencyName, useAgencies } from '../../client/agencies.ts';
import { useLanguage } from '../../i18n/words.ts';
import { formatDuration, formatNumber } from '../../ui/format.ts';
import { StateMark, type StateTone } from '../../ui/StateMark.tsx';
import { findings, type Finding, type Sample } from './judge.ts';
import css from './pipeline.module.css';
import { useWords } from './words.ts';

const TONES: Readonly<Record<Finding['kind'], StateTone>> = {
  fine: 'ok',
  quiet: 'waiting',
  'no-rules': 'failed',
  slow: 'late',
  agency: 'late',
  queue: 'late',
};

/** What stands out, in sentences. */
export function Findings({ status, samples }: { status: PipelineStatus; samples: readonly Sample[] }): ReactNode {
  const t = useWords();
  const say = useSentence();
  return (
    <ul className={css.findings} aria-label={t('now.title')} aria-live="polite">
      {findings(status, samples).map((finding) => {
        const key = `${finding.kind} ${'stage' in finding ? finding.stage : ''} ${'agency' in finding ? finding.agency : ''} ${'group' in finding ? finding.group : ''}`;
        return (
          <li key={key}>
            <StateMark tone={TONES[finding.kind]}>
              <span className={css.sentence}>{say(finding)}</span>
            </StateMark>
          </li>
        );
      })}
    </ul>
  );
}

function useSentence(): (finding: Finding) => string {
  const t = useWords();
  const language = useLanguage();
  const agencies = useAgencies();
  const time = (ms: number): string => formatDuration(ms, language);
  return (finding) => {
    if (finding.kind === 'fine') return t('say.fine');
    if (finding.kind === 'quiet') return t('say.quiet');
    if (finding.kind === 'no-rules') return t('say.rules');
    if (finding.kind === 'queue') {
      const behind = t('say.queue', { group: t(`group.${finding.group}`), records: formatNumber(finding.records, language) });
      return `${behind} ${finding.left === undefined ? t('say.queue.grows') : t('say.queue.left', { time: time(finding.left) })}`;
    }
    const numbers = { p95: time(finding.p95), target: time(finding.target) };
    if (finding.kind === 'slow') return t(`say.slow.${finding.stage}`, numbers);
    const agency = agencyName(agencies, finding.agency, language);
    return t('say.agency', { agency, stage: t(`stage.${finding.stage}`), ...numbers });
  };
}
