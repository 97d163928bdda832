import type { ReactNode } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { RuleDetail } from '@vong/engine/contracts';
import { ApiError } from '../../client/api.ts';
import { mayAdminister, useMe } from '../../client/session.ts';
import { useAgency } from '../../client/view.ts';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { DetailPane, FactList, Section } from '../../ui/list/DetailPane.tsx';
import { SeverityMark } from '../../ui/SeverityMark.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../ui/states.tsx';
import { StateMark } from '../../ui/StateMark.tsx';
import { Num, TimeText } from '../../ui/values.tsx';
import { RuleSwitch } from './columns.tsx';
import { ruleQuery, useSwitchRules } from './data.ts';
import { huntQuery, logsourceText, safeLink } from './view.ts';
import { useWords } from './words.ts';
import { Yaml } from './Yaml.tsx';

export function RulePane({ id, onLeave }: { id: string; onLeave: () => void }): ReactNode {
  const t = useWords();
  const rule = useQuery(ruleQuery(id));
  if (rule.error instanceof ApiError && rule.error.status === 404)
    return <EmptyState title={t('detail.gone')}>{t('detail.gone.text')}</EmptyState>;
  if (!rule.data) return rule.error ? <ErrorState error={rule.error} onRetry={() => void rule.refetch()} /> : <Skeleton rows={12} />;
  return <Detail rule={rule.data} onLeave={onLeave} />;
}

function Detail({ rule, onLeave }: { rule: RuleDetail; onLeave: () => void }): ReactNode {
  const t = useWords();
  const onSwitch = useSwitchRules();
  return (
    <DetailPane
      title={rule.title}
      onLeave={onLeave}
      actions={
        <>
          <RuleSwitch rule={rule} onSwitch={onSwitch} may={mayAdminister(useMe())} />
          <Links rule={rule} />
        </>
      }
    >
      {rule.fault !== undefined && (
        <Section>
          <StateMark tone="failed">{t('fault')}</StateMark>
          <p className="mono">{rule.fault}</p>
        </Section>
      )}
      <Section>
        <RuleFacts rule={rule} />
      </Section>
      {rule.description !== undefined && (
        <Section title={t('detail.description')}>
          <p style={{ whiteSpace: 'pre-line' }}>{rule.description}</p>
        </Section>
      )}
      <Section title={t('detail.yaml')}>
        <Yaml text={rule.yaml} />
      </Section>
      <TextList title={t('detail.falsepositives')} items={rule.falsepositives} />
      <TextList title={t('detail.references')} items={rule.references} />
    </DetailPane>
  );
}

function Links({ rule }: { rule: RuleDetail }): ReactNode {
  const t = useWords();
  const agency = useAgency();
  const reach = agency === undefined ? {} : { agency };
  const hunt = huntQuery(rule.logsource);
  return (
    <>
      <Link to="/alerts" search={{ ...reach, rule: rule.id, status: 'open,acknowledged,closed' }}>
        {t('detail.alerts')}
      </Link>
      {hunt !== undefined && (
        <Link to="/hunt" search={{ ...reach, q: hunt }}>
          {t('detail.hunt')}
        </Link>
      )}
    </>
  );
}

const mono = (text: string): ReactNode => <span className="mono">{text}</span>;

function RuleFacts({ rule }: { rule: RuleDetail }): ReactNode {
  const t = useWords();
  return (
    <FactList
      facts={[
        [t('detail.level'), <SeverityMark key="level" level={rule.level} />],
        [t('detail.status'), rule.status],
        [t('detail.logsource'), logsourceText(rule.logsource)],
        [t('detail.matches'), <Num key="matches" value={rule.matches24h} />],
        [t('detail.tags'), rule.tags.join(', ')],
        [t('detail.author'), rule.author],
        [t('detail.origin'), mono(rule.origin)],
        [t('detail.version'), mono(rule.version)],
        [t('detail.updated'), <TimeText key="updated" at={rule.updatedAt} />],
        [
          t('detail.id'),
          <span key="id" style={{ display: 'inline-flex', alignItems: 'center', gap: 4 }}>
            {mono(rule.id)}
            <CopyButton value={rule.id} />
          </span>,
        ],
      ]}
    />
  );
}

/** Text as its author wrote it; web addresses can be opened, apart from this page. */
function TextList({ title, items }: { title: string; items: readonly string[] }): ReactNode {
  if (items.length === 0) return null;
  return (
    <Section title={title}>
      <ul style={{ margin: 0, paddingLeft: 18, overflowWrap: 'anywhere' }}>
        {items.map((item) => {
          const href = safeLink(item);
          return (
            <li key={item}>
              {href === undefined ? (
                item
              ) : (
                <a href={href} target="_blank" rel="noopener noreferrer">
                  {item}
                </a>
              )}
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
