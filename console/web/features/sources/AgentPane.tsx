import { useState, type ReactNode } from 'react';
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { AgentStatus, AgentView } from '@vong/collector/contracts';
import { agencyName, useAgencies } from '../../client/agencies.ts';
import { mayAdminister, useMe } from '../../client/session.ts';
import { useAgency } from '../../client/view.ts';
import { useLanguage } from '../../i18n/words.ts';
import { ConfirmModal } from '../../ui/ConfirmModal.tsx';
import { formatBytes, formatTime } from '../../ui/format.ts';
import { DetailPane, FactList, Section } from '../../ui/list/DetailPane.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { Duration, Num, TimeText } from '../../ui/values.tsx';
import { Standing } from './agent-columns.tsx';
import { AgentSources } from './AgentSources.tsx';
import { useRevoke } from './data.ts';
import css from './sources.module.css';
import { useWords } from './words.ts';

export function AgentPane({ agent, onLeave }: { agent: AgentView | undefined; onLeave: () => void }): ReactNode {
  const t = useWords();
  const language = useLanguage();
  if (!agent) return <EmptyState title={t('detail.gone')}>{t('detail.gone.text')}</EmptyState>;
  const { status } = agent;
  return (
    <DetailPane title={agent.name} onLeave={onLeave} actions={<Actions agent={agent} />}>
      {status?.spool.full === true && agent.state !== 'revoked' && <p className={css.failed}>{t('spool.full')}</p>}
      {agent.state === 'silent' && agent.lastSeenAt !== undefined && (
        <p className={css.late}>{t('silent.text', { time: formatTime(agent.lastSeenAt) })}</p>
      )}
      <AgentFacts agent={agent} />
      {status && (
        <Section title={t('detail.counters')}>
          <Counters counters={status.counters} />
          <p className="dim">
            {t('column.spool')}:{' '}
            {t('spool.text', {
              size: formatBytes(status.spool.bytes, language),
              limit: formatBytes(status.spool.limit, language),
              count: status.spool.records,
            })}
          </p>
        </Section>
      )}
      <Section title={t('detail.sources')}>
        <AgentSources sources={status?.sources ?? []} />
      </Section>
    </DetailPane>
  );
}

function Actions({ agent }: { agent: AgentView }): ReactNode {
  const t = useWords();
  const me = useMe();
  const agency = useAgency();
  const reach = agency === undefined ? {} : { agency };
  const [asking, setAsking] = useState(false);
  const { revoke, busy } = useRevoke();
  return (
    <>
      <Standing agent={agent} />
      {mayAdminister(me) && agent.state !== 'revoked' && (
        <Button variant="default" onClick={() => setAsking(true)}>
          {t('revoke.action')}
        </Button>
      )}
      {agent.deadLettered > 0 && (
        <Link to="/sources/dead-letters" search={{ ...reach, agent: agent.id }}>
          {t('detail.letters', { count: agent.deadLettered })}
        </Link>
      )}
      <Link to="/hunt" search={{ ...reach, q: `agent.id: "${agent.id}"` }}>
        {t('detail.hunt')}
      </Link>
      <ConfirmModal
        opened={asking}
        title={t('revoke.title', { name: agent.name })}
        action={t('revoke.action')}
        busy={busy}
        onClose={() => setAsking(false)}
        onConfirm={() => revoke(agent, () => setAsking(false))}
      >
        {t('revoke.text')}
      </ConfirmModal>
    </>
  );
}

function AgentFacts({ agent }: { agent: AgentView }): ReactNode {
  const t = useWords();
  const language = useLanguage();
  const agencies = useAgencies();
  const { status, lastSeenAt, lagMs } = agent;
  return (
    <FactList
      facts={[
        [t('column.agency'), agencyName(agencies, agent.agency, language)],
        [t('detail.host'), status && <span className="mono">{status.host}</span>],
        [t('column.version'), status?.version],
        [t('column.seen'), lastSeenAt === undefined ? undefined : <TimeText at={lastSeenAt} />],
        [t('detail.started'), status && <TimeText at={Date.parse(status.started)} />],
        [t('detail.created'), <TimeText key="created" at={agent.createdAt} />],
        [t('column.rate'), <Num key="rate" value={agent.eventsPerSecond} />],
        [t('column.lag'), lagMs === undefined ? undefined : <Duration ms={lagMs} />],
        [t('column.received'), <Num key="received" value={agent.received} />],
        [t('detail.duplicates'), <Num key="duplicates" value={agent.duplicates} />],
        [t('column.letters'), <Num key="letters" value={agent.deadLettered} />],
        [t('detail.sequence'), agent.lastSequence < 0 ? undefined : <Num value={agent.lastSequence} />],
        [
          t('detail.id'),
          <span key="id" className="mono">
            {agent.id}
          </span>,
        ],
      ]}
    />
  );
}

const COUNTERS = ['read', 'spooled', 'sent', 'acknowledged', 'rejected'] as const;

function Counters({ counters }: { counters: AgentStatus['counters'] }): ReactNode {
  const t = useWords();
  return (
    <dl className={css.counters}>
      {COUNTERS.map((name) => (
        <div key={name} className={name === 'rejected' && counters.rejected > 0 ? css.bad : undefined}>
          <dd>
            <Num value={counters[name]} />
          </dd>
          <dt>{t(`counter.${name}`)}</dt>
        </div>
      ))}
    </dl>
  );
}
