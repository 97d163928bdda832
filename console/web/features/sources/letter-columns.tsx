import { useMemo, type ReactNode } from 'react';
import { useQuery } from '@tanstack/react-query';
import type { DeadLetterView } from '@vong/collector/contracts';
import type { DataColumn } from '../../ui/DataTable.tsx';
import { StateMark } from '../../ui/StateMark.tsx';
import { Bytes, TimeText } from '../../ui/values.tsx';
import { agentsQuery } from './data.ts';
import { causeOf } from './causes.ts';
import { LETTER_TONES, letterState } from './view.ts';
import { useWords } from './words.ts';

function cut(text: string): ReactNode {
  return (
    <span className="cut" title={text}>
      {text}
    </span>
  );
}

export function LetterMark({ letter }: { letter: DeadLetterView }): ReactNode {
  const t = useWords();
  const state = letterState(letter);
  return <StateMark tone={LETTER_TONES[state]}>{t(`letter.${state}`)}</StateMark>;
}

/** Names of agents by id. */
export function useAgentName(): (id: string) => string {
  const agents = useQuery(agentsQuery).data;
  return useMemo(() => {
    const names = new Map((agents ?? []).map(({ id, name }) => [id, name]));
    return (id) => names.get(id) ?? id;
  }, [agents]);
}

export function useLetterColumns(compact: boolean): readonly DataColumn<DeadLetterView>[] {
  const t = useWords();
  const nameOf = useAgentName();
  return useMemo(() => {
    const time: DataColumn<DeadLetterView> = {
      id: 'at',
      header: t('letter.at'),
      size: compact ? 84 : 158,
      cell: ({ at }) => <TimeText at={at} show={compact ? 'clock' : 'full'} />,
    };
    const reason: DataColumn<DeadLetterView> = {
      id: 'reason',
      header: t('letter.reason'),
      size: 220,
      grow: true,
      cell: ({ code, reason: said }) => {
        const cause = causeOf(code);
        return cut(cause === undefined ? said : t(`cause.${cause}`));
      },
    };
    const agent: DataColumn<DeadLetterView> = {
      id: 'agent',
      header: t('letter.agent'),
      size: 130,
      cell: (letter) => cut(nameOf(letter.agent)),
    };
    const size: DataColumn<DeadLetterView> = {
      id: 'size',
      header: t('letter.size'),
      size: 92,
      align: 'end',
      cell: ({ bytes }) => <Bytes value={bytes} />,
    };
    const state: DataColumn<DeadLetterView> = {
      id: 'state',
      header: t('letter.state'),
      size: 128,
      cell: (letter) => <LetterMark letter={letter} />,
    };
    if (compact) return [time, reason, state];
    const preview: DataColumn<DeadLetterView> = {
      id: 'preview',
      header: t('letter.preview'),
      size: 240,
      grow: true,
      cell: (letter) => <span className="mono cut">{letter.preview}</span>,
    };
    return [time, reason, preview, agent, size, state];
  }, [t, compact, nameOf]);
}
