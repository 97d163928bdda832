import { useEffect, useState, type ReactNode } from 'react';
import { useQuery } from '@tanstack/react-query';
import type { LintFile } from 'sigma-rules-ts/lint';
import { byFile, findingsOfFiles, pipelinesQuery, type FileFindings } from './findings.ts';
import css from './checks.module.css';
import { Findings } from './Findings.tsx';
import { useWords } from './words.ts';

const MAX_SHOWN = 100;

interface FileChecksProps {
  /** Reads the files. `unread`: those that cannot be read here. */
  readonly read: () => Promise<{ readonly files: readonly LintFile[]; readonly unread: readonly string[] }>;
}

interface Checked {
  readonly done: number;
  readonly total: number;
  readonly unread: readonly string[];
  readonly found?: readonly FileFindings[];
}

/** What the checks say of files, one by one: errors open, warnings folded. They keep nobody from importing. */
export function FileChecks({ read }: FileChecksProps): ReactNode {
  const t = useWords();
  const { data: pipelines, isPending } = useQuery({ ...pipelinesQuery, refetchInterval: false });
  const [state, setState] = useState<Checked>();
  useEffect(() => {
    const control = new AbortController();
    const run = async (): Promise<void> => {
      const { files, unread } = await read();
      const known = { total: files.length, unread };
      const onFile = (done: number): void => setState((before) => ({ ...before, ...known, done }));
      const found = await findingsOfFiles(files, { pipelines: pipelines?.texts, onFile, signal: control.signal });
      if (!control.signal.aborted) setState({ ...known, done: files.length, found: byFile(found) });
    };
    if (!isPending) void run();
    return () => control.abort();
  }, [read, isPending, pipelines?.texts]);
  if (state === undefined) return null;
  const { found, done, total, unread } = state;
  if (found === undefined) return <p role="status">{t('files.running', { done, total })}</p>;
  return (
    <section aria-label={t('files.title')}>
      <h3 style={{ margin: '0 0 6px', fontSize: 14 }}>{t('files.title')}</h3>
      {unread.map((file) => (
        <p key={file}>{t('files.unread', { file })}</p>
      ))}
      {found.length === 0 && total > 0 && <p className="dim">{t('files.none', { count: total })}</p>}
      <div className={css.files}>
        {found.slice(0, MAX_SHOWN).map((each) => (
          <OneFile key={each.file} {...each} />
        ))}
        {found.length > MAX_SHOWN && <p>{t('files.more', { count: found.length - MAX_SHOWN })}</p>}
      </div>
    </section>
  );
}

function OneFile({ file, errors, others }: FileFindings): ReactNode {
  const t = useWords();
  return (
    <div>
      <h4>{file}</h4>
      <Findings findings={errors} />
      {others.length > 0 && (
        <details>
          <summary>{t('files.warnings', { count: others.length })}</summary>
          <Findings findings={others} />
        </details>
      )}
    </div>
  );
}
