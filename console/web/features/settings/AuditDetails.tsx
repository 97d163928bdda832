import type { ReactNode } from 'react';
import type { AuditEntry } from '@vong/platform/identity';
import { FactList, Section } from '../../ui/list/DetailPane.tsx';
import { useWords as useUiWords } from '../../ui/words/index.ts';
import { detailLines, isDetailName, ownWord, plainText, triageWordOf, type DetailLine } from './audit-details.ts';
import own from './settings.module.css';
import { useWords } from './words.ts';

const LONGEST_LINE = 400;

/** What an entry says beside who, what and when: in words, and as it is stored for whoever compares. */
export function AuditDetails({ details }: Pick<AuditEntry, 'details'>): ReactNode {
  const words = useBoth();
  const { t } = words;
  const lines = detailLines(details);
  if (lines.length === 0) return null;
  return (
    <Section title={t('audit.details')}>
      <FactList facts={lines.map((line) => [nameText(words, line.name), <Line key="line" line={line} />])} />
      <details className={own.stored}>
        <summary>{t('audit.stored')}</summary>
        <pre className={own.json}>{JSON.stringify(details, null, 2)}</pre>
      </details>
    </Section>
  );
}

/** All of it on one line of a list. */
export function DetailsLine({ details }: Pick<AuditEntry, 'details'>): ReactNode {
  const words = useBoth();
  const text = detailLines(details)
    .map(({ name, ...line }) => {
      const before = 'before' in line ? `${valueText(words, { name, value: line.before })} → ` : '';
      return `${nameText(words, name)}: ${before}${valueText(words, { name, value: line.value })}`;
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
  const words = useBoth();
  return (
    <span className={own.detail}>
      {'before' in line && (
        <>
          <span className="dim">{valueText(words, { name, value: line.before })}</span>
          {' → '}
        </>
      )}
      {valueText(words, { name, value })}
    </span>
  );
}

type Words = ReturnType<typeof useBoth>;

/** Words of the settings, and those that belong to no feature. */
function useBoth() {
  return { t: useWords(), ui: useUiWords() };
}

function nameText({ t }: Words, name: string): string {
  return isDetailName(name) ? t(`audit.detail.${name}`) : name;
}

function valueText({ t, ui }: Words, line: Pick<DetailLine, 'name' | 'value'>): string {
  const { value } = line;
  if (value === null || value === undefined || value === '') return t('audit.value.none');
  if (typeof value === 'boolean') return t(value ? 'audit.value.yes' : 'audit.value.no');
  const own = ownWord(line);
  if (own !== undefined) return t(own);
  const triage = triageWordOf(line);
  return triage === undefined ? plainText(value) : ui(triage);
}
