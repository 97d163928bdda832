import type { ReactNode } from 'react';
import type { CorrelationMemory } from '@vong/engine/contracts';
import { FactList, Section } from '../../ui/list/DetailPane.tsx';
import { StateMark } from '../../ui/StateMark.tsx';
import { Num } from '../../ui/values.tsx';
import { useWords } from './words.ts';

const some = (count: number): ReactNode => (count === 0 ? undefined : <Num value={count} />);

/** What a correlation holds, what had to go for want of room, and what it could not count. */
export function Memory({ memory }: { memory: CorrelationMemory }): ReactNode {
  const t = useWords();
  const { groups, events, evictedGroups, evictedEvents, late, withoutGroup, withoutValue, matches } = memory;
  return (
    <Section title={t('memory.title')}>
      {evictedGroups + evictedEvents > 0 && (
        <>
          <StateMark tone="late">{t('memory.evicted', { groups: evictedGroups, events: evictedEvents })}</StateMark>
          <p>{t('memory.evicted.text')}</p>
        </>
      )}
      <FactList
        facts={[
          [t('memory.groups'), <Num key="groups" value={groups} />],
          [t('memory.events'), <Num key="events" value={events} />],
          [t('memory.matches'), <Num key="matches" value={matches} />],
          [t('memory.late'), some(late)],
          [t('memory.withoutGroup'), some(withoutGroup)],
          [t('memory.withoutValue'), some(withoutValue)],
        ]}
      />
    </Section>
  );
}
