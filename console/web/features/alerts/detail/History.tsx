import { useState, type ReactNode } from 'react';
import { Button, Textarea } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import type { AlertHistoryEntry, AlertSummary } from '@vong/engine/contracts';
import { api } from '../../../client/api.ts';
import { mayTriage, useMe } from '../../../client/session.ts';
import { currentLanguage } from '../../../i18n/words.ts';
import { problemOf } from '../../../ui/problems.ts';
import { toasts } from '../../../ui/toasts.ts';
import { triageWord } from '../../../ui/triage-word.ts';
import { TimeText } from '../../../ui/values.tsx';
import { words as uiWords } from '../../../ui/words/index.ts';
import { detailKey } from '../cache.ts';
import { useWords, type words } from '../words.ts';
import css from './detail.module.css';
import { alertPath } from './useAlert.ts';

/** Who did what to the alert, and what they had to say; oldest first, as it happened. */
export function History({ alert, entries }: { alert: AlertSummary; entries: readonly AlertHistoryEntry[] }): ReactNode {
  const me = useMe();
  return (
    <>
      <ol className={css.entries}>
        {entries.map((entry, at) => (
          <Entry key={at} entry={entry} />
        ))}
      </ol>
      {mayTriage(me) && <CommentForm alert={alert} />}
    </>
  );
}

function Entry({ entry }: { entry: AlertHistoryEntry }): ReactNode {
  const t = useWords();
  return (
    <li className={css.entry}>
      <TimeText at={entry.at} />
      <div>
        <b style={{ fontWeight: 500 }}>{entry.actor.kind === 'system' ? t('history.system') : entry.actor.name}</b>
        {entry.kind === 'created' && <span className="dim"> {t('history.created')}</span>}
        {Object.entries(entry.changes ?? {}).map(([field, [before, after]]) => (
          <div key={field}>
            <span className="dim">{fieldWord(t, field)}</span> {valueWord(t, before)} → {valueWord(t, after)}
          </div>
        ))}
        {entry.comment !== undefined && <p>{entry.comment}</p>}
      </div>
    </li>
  );
}

type T = ReturnType<typeof words>;

function fieldWord(t: T, field: string): string {
  const known = (['status', 'assignee', 'verdict', 'verdictReason'] as const).find((one) => one === field);
  return known ? t(`history.${known}`) : field;
}

function valueWord(t: T, value: unknown): string {
  if (value === null || value === undefined || value === '') return t('history.none');
  const known = triageWord(value);
  if (known !== undefined) return uiWords()(known);
  if (typeof value === 'object' && 'name' in value) return String(value.name);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function CommentForm({ alert }: { alert: AlertSummary }): ReactNode {
  const t = useWords();
  const client = useQueryClient();
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const send = async (): Promise<void> => {
    setBusy(true);
    try {
      await api.post(`${alertPath(alert.id)}/comments`, { text: text.trim() });
      setText('');
      await client.invalidateQueries({ queryKey: detailKey(alert.id) });
    } catch (error) {
      toasts.failed(t('failed.change', { message: problemOf(error, currentLanguage()).message }));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      style={{ padding: '0 12px 12px' }}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <Textarea
        label={t('history.comment.label')}
        placeholder={t('history.comment.hint')}
        autosize
        minRows={2}
        maxRows={10}
        maxLength={10_000}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && text.trim() !== '') void send();
        }}
      />
      <Button type="submit" mt={8} loading={busy} disabled={text.trim() === ''}>
        {t('history.comment.action')}
      </Button>
    </form>
  );
}
