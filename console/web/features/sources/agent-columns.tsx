import { useMemo, type ReactNode } from 'react';
import type { AgentView } from '@vong/collector/contracts';
import { agencyName, useAgencies } from '../../client/agencies.ts';
import { useLanguage } from '../../i18n/words.ts';
import type { DataColumn } from '../../ui/DataTable.tsx';
import { StateMark } from '../../ui/StateMark.tsx';
import { Bytes, Duration, Num, TimeText } from '../../ui/values.tsx';
import { standingOf, TONES } from './view.ts';
import { useWords } from './words.ts';

type Column = DataColumn<AgentView>;

const none = <span className="dim">–</span>;

function cut(text: string): ReactNode {
  return (
    <span className="cut" title={text}>
      {text}
    </span>
  );
}

export function Standing({ agent }: { agent: AgentView }): ReactNode {
  const t = useWords();
  const standing = standingOf(agent);
  return <StateMark tone={TONES[standing]}>{t(`state.${standing}`)}</StateMark>;
}

export function useAgentColumns(compact: boolean): readonly Column[] {
  const t = useWords();
  const language = useLanguage();
  const agencies = useAgencies();
  return useMemo(() => {
    const end = (id: string, header: string, size: number, cell: Column['cell']): Column => ({ id, header, size, align: 'end', cell });
    const state: Column = { id: 'state', header: t('column.state'), size: 138, cell: (agent) => <Standing agent={agent} /> };
    const name: Column = { id: 'name', header: t('column.name'), size: 150, grow: true, cell: (agent) => cut(agent.name) };
    const agency: Column = {
      id: 'agency',
      header: t('column.agency'),
      size: 170,
      grow: true,
      cell: (agent) => cut(agencyName(agencies, agent.agency, language)),
    };
    const rate = end('rate', t('column.rate'), 84, ({ eventsPerSecond }) => <Num value={eventsPerSecond} />);
    const letters = end('letters', t('column.letters'), 100, ({ deadLettered }) =>
      deadLettered === 0 ? none : <Num value={deadLettered} />,
    );
    if (compact) return [state, name, agency, rate, letters];
    return [
      state,
      name,
      agency,
      {
        id: 'seen',
        header: t('column.seen'),
        size: 158,
        cell: ({ lastSeenAt }) => (lastSeenAt === undefined ? none : <TimeText at={lastSeenAt} />),
      },
      rate,
      end('lag', t('column.lag'), 88, ({ lagMs }) => (lagMs === undefined ? none : <Duration ms={lagMs} />)),
      end('received', t('column.received'), 104, ({ received }) => <Num value={received} />),
      letters,
      end('spool', t('column.spool'), 92, ({ status }) => (status === undefined ? none : <Bytes value={status.spool.bytes} />)),
      { id: 'version', header: t('column.version'), size: 92, cell: ({ status }) => (status === undefined ? none : cut(status.version)) },
    ];
  }, [t, compact, agencies, language]);
}
