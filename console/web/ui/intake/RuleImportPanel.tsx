import { useCallback, type ReactNode } from 'react';
import { Button } from '@mantine/core';
import type { RuleFailure, RuleImportResult } from '@vong/engine/contracts';
import { FileChecks } from '../checks/FileChecks.tsx';
import { Progress } from '../Progress.tsx';
import { ErrorState } from '../states.tsx';
import { Num } from '../values.tsx';
import { textsOf } from './checked-files.ts';
import { FileDrop } from './FileDrop.tsx';
import css from './intake.module.css';
import { useRuleImport, type ImportState } from './useRuleImport.ts';
import { useWords } from './words.ts';

/** Takes rules from a person's machine: an archive, files or a folder; says what came of each. For administrators. */
export function RuleImportPanel(): ReactNode {
  const t = useWords();
  const { state, start, stop, reset } = useRuleImport();
  const { phase } = state;
  if (phase === 'reading' || phase === 'sending') return <Sending state={state} onStop={stop} />;
  if (phase === 'done' || phase === 'stopped') return <Outcome state={state} onAgain={reset} />;
  return (
    <div className={css.stack}>
      <FileDrop
        label={t('rules.drop')}
        choose={t('rules.files')}
        folder={t('rules.folder')}
        accept=".zip,.yml,.yaml"
        multiple
        onFiles={start}
      />
      {phase === 'empty' && <p role="alert">{t('rules.none')}</p>}
    </div>
  );
}

function Sending({ state, onStop }: { state: ImportState; onStop: () => void }): ReactNode {
  const t = useWords();
  const { phase, total, done, part } = state;
  const text =
    phase === 'reading'
      ? t('rules.reading')
      : part >= 1
        ? t('rules.checking', { total })
        : t('rules.progress', { done: Math.max(done, Math.floor(part * total)), total });
  return (
    <div className={css.stack}>
      <span role="status">{text}</span>
      <Progress part={part} label={text} />
      <div className={css.row}>
        <Button variant="default" onClick={onStop}>
          {t('rules.cancel')}
        </Button>
      </div>
    </div>
  );
}

function Outcome({ state, onAgain }: { state: ImportState; onAgain: () => void }): ReactNode {
  const t = useWords();
  const { result, ignored, phase, error, files } = state;
  const read = useCallback(async () => await textsOf(files), [files]);
  return (
    <div className={css.stack}>
      {error !== undefined && <ErrorState error={error} />}
      {phase === 'stopped' && <p>{t('rules.stopped')}</p>}
      <Counts result={result} />
      {ignored > 0 && <p className="dim">{t('rules.ignored', { count: ignored })}</p>}
      {result.failed.length > 0 && <FailureList failures={result.failed} />}
      {files.length > 0 && <FileChecks read={read} />}
      <div className={css.row}>
        <Button variant="default" onClick={onAgain}>
          {t('rules.again')}
        </Button>
      </div>
    </div>
  );
}

function Counts({ result }: { result: RuleImportResult }): ReactNode {
  const t = useWords();
  const counts = [
    ['imported', result.imported],
    ['updated', result.updated],
    ['unchanged', result.unchanged],
    ['failed', result.failed.length],
  ] as const;
  return (
    <dl className={css.counts} style={{ margin: 0 }} role="status">
      {counts.map(([name, count]) => (
        <div key={name}>
          <dd>
            <Num value={count} />
          </dd>
          <dt>{t(`rules.${name}`)}</dt>
        </div>
      ))}
    </dl>
  );
}

const MAX_SHOWN = 500;

function FailureList({ failures }: { failures: readonly RuleFailure[] }): ReactNode {
  const t = useWords();
  return (
    <div className={css.failures} tabIndex={0} role="region" aria-label={t('rules.failed.label')}>
      <table>
        <thead>
          <tr>
            <th style={{ width: '40%' }}>{t('rules.file')}</th>
            <th style={{ width: 48 }}>{t('rules.line')}</th>
            <th>{t('rules.reason')}</th>
          </tr>
        </thead>
        <tbody>
          {failures.slice(0, MAX_SHOWN).map(({ file, line, code, reason }, at) => (
            <tr key={`${file}${at}`}>
              <td className="mono">{file}</td>
              <td className="mono">{line ?? '–'}</td>
              <td title={code}>{reason}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {failures.length > MAX_SHOWN && <p style={{ padding: 8 }}>{t('rules.more', { count: failures.length - MAX_SHOWN })}</p>}
    </div>
  );
}
