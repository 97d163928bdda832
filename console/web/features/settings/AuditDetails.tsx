import type { ReactNode } from 'react';
import type { AuditEntry } from '@vong/platform/identity';
import { FactList, Section } from '../../ui/list/DetailPane.tsx';
import { detailLines, isDetailName, plainText, valueWord, type DetailLine } from './audit-details.ts';
import own from './settings.module.css';
import { useWords } from './words.ts';

/** What an entry says beside who, what and when: in words, and as it is stored for whoever compares. */
export function AuditDetails({ details }: Pick<AuditEntry, 'details'>): ReactNode {
  const t = useWords();
  const lines = detailLines(details);
  if (lines.length === 0) return null;
  return (
    <Section title={t('audit.details')}>
      <FactList
        facts={lines.map((line) => [isDetailName(line.name) ? t(`audit.detail.${line.name}`) : line.name, <Line key="line" line={line} />])}
      />
      <details className={own.stored}>
        <summary>{t('audit.stored')}</summary>
        <pre className={own.json}>{JSON.stringify(details, null, 2)}</pre>
      </details>
    </Section>
  );
}

function Line({ line }: { line: DetailLine }): ReactNode {
  return (
    <span className={own.detail}>
      {'before' in line && (
        <>
          <span className="dim">
            <Value name={line.name} value={line.before} />
          </span>
          {' → '}
        </>
      )}
      <Value name={line.name} value={line.value} />
    </span>
  );
}

function Value({ name, value }: Pick<DetailLine, 'name' | 'value'>): ReactNode {
  const t = useWords();
  if (value === null || value === undefined || value === '') return t('audit.value.none');
  if (typeof value === 'boolean') return t(value ? 'audit.value.yes' : 'audit.value.no');
  const word = valueWord(name, value);
  return word === undefined ? plainText(value) : t(word);
}
