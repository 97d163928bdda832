import { useMemo, type ReactNode } from 'react';
import { Button, SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { DeadLetterView } from '@vong/collector/contracts';
import { agencyName, useAgencies } from '../../client/agencies.ts';
import { mayTriage, useMe } from '../../client/session.ts';
import { useView } from '../../client/view.ts';
import { useLanguage } from '../../i18n/words.ts';
import { formatBytes } from '../../ui/format.ts';
import { DetailPane, FactList } from '../../ui/list/DetailPane.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../ui/states.tsx';
import { Bytes, TimeText } from '../../ui/values.tsx';
import { rawPath, rawQuery, useReplayLetters } from './data.ts';
import { hexLines, MAX_SHOWN, textOf } from './hex.ts';
import { causeOf } from './causes.ts';
import { LetterMark, useAgentName } from './letter-columns.tsx';
import css from './sources.module.css';
import { FORMS, letterState, type Form, type LettersView } from './view.ts';
import { useWords } from './words.ts';

export function LetterPane({ letter, onLeave }: { letter: DeadLetterView | undefined; onLeave: () => void }): ReactNode {
  const t = useWords();
  const language = useLanguage();
  const agencies = useAgencies();
  const nameOf = useAgentName();
  const [{ form = 'preview' }, change] = useView<LettersView>();
  if (!letter) return <EmptyState title={t('letter.gone')}>{t('letter.gone.text')}</EmptyState>;
  const cause = causeOf(letter.code);
  return (
    <DetailPane title={t('letter.title')} onLeave={onLeave} actions={<Actions letter={letter} />}>
      <FactList
        facts={[
          [t('letter.reason'), cause === undefined ? letter.reason : t(`cause.${cause}`)],
          [t('letter.said'), cause === undefined ? undefined : letter.reason],
          [t('letter.again'), letter.replayError],
          [
            t('letter.code'),
            <span key="code" className="mono">
              {letter.code}
            </span>,
          ],
          [t('letter.at'), <TimeText key="at" at={letter.at} />],
          [t('letter.replayed'), letter.replayedAt === undefined ? undefined : <TimeText at={letter.replayedAt} />],
          [t('letter.agent'), nameOf(letter.agent)],
          [t('column.agency'), agencyName(agencies, letter.agency, language)],
          [t('letter.size'), <Bytes key="size" value={letter.bytes} />],
        ]}
      />
      <div>
        <SegmentedControl
          data={FORMS.map((one) => ({ value: one, label: t(`letter.${one}`) }))}
          value={form}
          onChange={(next) => change({ form: FORMS.find((one) => one === next && one !== 'preview') }, { replace: true })}
        />
        {form === 'preview' ? <pre className={`${css.raw} ${css.wrap}`}>{letter.preview}</pre> : <Raw letter={letter} form={form} />}
      </div>
    </DetailPane>
  );
}

function Actions({ letter }: { letter: DeadLetterView }): ReactNode {
  const t = useWords();
  const { replay, busy } = useReplayLetters();
  return (
    <>
      <LetterMark letter={letter} />
      {mayTriage(useMe()) && letterState(letter) !== 'replayed' && (
        <Button variant="default" loading={busy} onClick={() => replay({ ids: [letter.id] })}>
          {t('letters.some')}
        </Button>
      )}
      <a href={rawPath(letter.id)} download={`${letter.id}.bin`}>
        {t('letter.download')}
      </a>
    </>
  );
}

function Raw({ letter, form }: { letter: DeadLetterView; form: Exclude<Form, 'preview'> }): ReactNode {
  const t = useWords();
  const language = useLanguage();
  const raw = useQuery(rawQuery(letter.id));
  const shown = useMemo(() => (raw.data ? (form === 'hex' ? hexLines(raw.data).join('\n') : textOf(raw.data)) : ''), [raw.data, form]);
  if (raw.error) return <ErrorState error={raw.error} onRetry={() => void raw.refetch()} />;
  if (!raw.data) return <Skeleton rows={6} />;
  return (
    <>
      {letter.bytes > MAX_SHOWN && (
        <p className="dim">
          {t('letter.cut', { shown: formatBytes(raw.data.length, language), size: formatBytes(letter.bytes, language) })}
        </p>
      )}
      <pre className={`${css.raw} ${form === 'text' ? css.wrap : ''}`} tabIndex={0}>
        {shown}
      </pre>
    </>
  );
}
