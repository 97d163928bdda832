import { useState, type ReactNode } from 'react';
import { Button } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { AgentCreated, AgentView } from '@vong/collector/contracts';
import { api } from '../../client/api.ts';
import { useLiveChanges } from '../../client/live-react.ts';
import { useLanguage } from '../../i18n/words.ts';
import { copyText } from '../copy.ts';
import { formatDuration } from '../format.ts';
import { useNow } from '../now.ts';
import { StateMark } from '../StateMark.tsx';
import { arrivalOf, furthest } from './enrol.ts';
import css from './intake.module.css';
import { useWords } from './words.ts';

const ASK_MS = 3000;

/** The agent as it is now: told live, and asked for while waiting in case nothing was told. */
function useArriving(first: AgentView): AgentView {
  const [agent, setAgent] = useState(first);
  const take = (came: AgentView): void => setAgent((known) => furthest(known, came));
  useLiveChanges('agent', (changes) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the body of an `agent` change is an AgentView by contract
    for (const change of changes) if (change.key === first.id) take(change.body as AgentView);
  });
  useQuery({
    queryKey: ['agents', 'arriving', first.id],
    refetchInterval: arrivalOf(agent) === 'arrived' ? false : ASK_MS,
    queryFn: async ({ signal }) => {
      const { items } = await api.get<{ items: AgentView[] }>('/api/agents', { signal });
      const came = items.find(({ id }) => id === first.id);
      if (came) take(came);
      return came ?? null;
    },
  });
  return agent;
}

export function AgentArrival({ created, onAnother }: { created: AgentCreated; onAnother: () => void }): ReactNode {
  const t = useWords();
  const agent = useArriving(created.agent);
  const [copied, setCopied] = useState(false);
  return (
    <div className={css.stack}>
      <h3>{t('agent.command')}</h3>
      <pre className={css.command}>{created.command}</pre>
      <p className="dim">{t('agent.once')}</p>
      <div role="status">
        <ArrivalMark agent={agent} />
      </div>
      <div className={css.row}>
        <Button
          leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
          onClick={() => void copyText(created.command).then(setCopied)}
        >
          {copied ? t('agent.copied') : t('agent.copy')}
        </Button>
        <Button variant="default" onClick={onAnother}>
          {t('agent.another')}
        </Button>
      </div>
    </div>
  );
}

function ArrivalMark({ agent }: { agent: AgentView }): ReactNode {
  const t = useWords();
  const language = useLanguage();
  const now = useNow();
  const { name } = agent;
  const arrival = arrivalOf(agent);
  if (arrival === 'arrived') return <StateMark tone="ok">{t('agent.arrived', { name, count: agent.received })}</StateMark>;
  if (arrival === 'greeted') return <StateMark tone="ok">{t('agent.greeted', { name })}</StateMark>;
  if (arrival === 'revoked') return <StateMark tone="failed">{t('agent.revoked', { name })}</StateMark>;
  const waited = Math.max(0, Math.floor((now - agent.createdAt) / 1000) * 1000);
  return <StateMark tone="waiting">{t('agent.waiting', { name, time: formatDuration(waited, language) })}</StateMark>;
}
