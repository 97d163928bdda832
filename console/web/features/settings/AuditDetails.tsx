import type { ReactNode } from 'react';
import type { AuditEntry } from '@vong/platform/identity';
import { FactList, Section } from '../../ui/list/DetailPane.tsx';
import { detailLines, isDetailName, plainText, valueWord, type DetailLine } from './audit-details.ts';
import own from './settings.module.css';
import { useWords } from './words.ts';

const LONGEST_LINE = 400;

/** What an entry says beside who, what and when: in words, and as it is stored for whoever compares. */
export function AuditDetails({ details }: Pick<AuditEntry, 'details'>): ReactNode {
  const t = useWords();
  const lines = detailLines(details);
  if (lines.length === 0) return null;
  return (
    <Section title={t('audit.details')}>
      <FactList facts={lines.map((line) => [nameText(t, line.name), <Line key="line" line={line} />])} />
      <details className={own.stored}>
        <summary>{t('audit.stored')}</summary>
        <pre className={own.json}>{JSON.stringify(details, null, 2)}</pre>
      </details>
    </Section>
  );
}

/** All of it on one line of a list. */
export function DetailsLine({ details }: Pick<AuditEntry, 'details'>): ReactNode {
  const t = useWords();
  const text = detailLines(details)
    .map(({ name, ...line }) => {
      const before = 'before' in line ? `${valueText(t, { name, value: line.before })} → ` : '';
      return `${nameText(t, name)}: ${before}${valueText(t, { name, value: line.value })}`;
    })
    .join(', ')
    .slice(0, LONGEST_LINE);
  return (
    <span className="cut dim" title={text}>
      {text}
    </span>
  );
}

function Line({ line: { name, value, ...line } }: { line: DetailLine }): ReactNode {
  const t = useWords();
  return (
    <span className={own.detail}>
      {'before' in line && (
        <>
          <span className="dim">{valueText(t, { name, value: line.before })}</span>
          {' → '}
        </>
      )}
      {valueText(t, { name, value })}
    </span>
  );
}

type T = ReturnType<typeof useWords>;

function nameText(t: T, name: string): string {
  return isDetailName(name) ? t(`audit.detail.${name}`) : name;
}

function valueText(t: T, { name, value }: Pick<DetailLine, 'name' | 'value'>): string {
  if (value === null || value === undefined || value === '') return t('audit.value.none');
  if (typeof value === 'boolean') return t(value ? 'audit.value.yes' : 'audit.value.no');
  const word = valueWord(name, value);
  return word === undefined ? plainText(value) : t(word);
}
