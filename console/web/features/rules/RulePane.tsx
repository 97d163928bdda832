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
import { now } from '../../ui/now.ts';
import { TimeHistogram } from '../../ui/TimeHistogram.tsx';
import { useLanguage } from '../../i18n/words.ts';
import { Num, TimeText } from '../../ui/values.tsx';
import { RuleKind, RuleStateMark, RuleSwitch } from './columns.tsx';
import { Memory } from './Memory.tsx';
import css from './rules.module.css';
import { ruleQuery, useSwitchRules } from './data.ts';
import { bucketsOf, costText, HOUR_MS, huntQuery, logsourceText, safeLink, shareText } from './view.ts';
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
      <Standing rule={rule} />
      <Section>
        <RuleFacts rule={rule} />
      </Section>
      {rule.memory !== undefined && <Memory memory={rule.memory} />}
      {rule.hourly !== undefined && (
        <Section title={t('detail.hourly')}>
          <TimeHistogram label={t('detail.hourly')} buckets={bucketsOf(rule.hourly, now())} intervalMs={HOUR_MS} height={88} />
        </Section>
      )}
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

/** True when something keeps the rule from running that a person ought to know of. */
function stands({ state }: RuleDetail): boolean {
  return state !== 'in_use' && state !== 'off';
}

/** What keeps the rule from running, and what can be done. */
function Standing({ rule }: { rule: RuleDetail }): ReactNode {
  const t = useWords();
  const { state, reason } = rule;
  if (state === 'in_use' || state === 'off') return null;
  const [placeholder] = rule.placeholders;
  return (
    <Section>
      <RuleStateMark rule={rule} />
      <p>{t(`about.${state}`)}</p>
      {reason !== undefined && <p className={`mono ${css.reason}`}>{reason}</p>}
      {state === 'needs_values' && placeholder !== undefined && <ValuesLink name={placeholder}>{t('about.values')}</ValuesLink>}
    </Section>
  );
}

function ValuesLink({ name, children }: { name: string; children: ReactNode }): ReactNode {
  const agency = useAgency();
  return (
    <Link to="/rules/values" search={{ ...(agency === undefined ? {} : { agency }), name }}>
      {children}
    </Link>
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
  const language = useLanguage();
  const { inUse, lastMatch, cost, placeholders } = rule;
  return (
    <FactList
      facts={[
        [t('column.kind'), <RuleKind key="kind" rule={rule} />],
        [t('column.state'), stands(rule) ? undefined : <RuleStateMark key="state" rule={rule} />],
        [
          t('detail.inUse'),
          inUse && (
            <>
              <TimeText at={inUse.since} />
              {inUse.version !== rule.version && <span className="dim"> {t('detail.inUse.version', { version: inUse.version })}</span>}
            </>
          ),
        ],
        [t('detail.level'), <SeverityMark key="level" level={rule.level} />],
        [t('detail.status'), rule.status],
        [t('detail.logsource'), logsourceText(rule.logsource)],
        [t('detail.matches'), <Num key="matches" value={rule.matches24h} />],
        [t('detail.lastMatch'), lastMatch === undefined ? undefined : <TimeText key="last" at={lastMatch} />],
        [t('detail.cost'), cost && t('detail.cost.text', { time: costText(cost.ns, language), share: shareText(cost.share, language) })],
        [t('detail.placeholders'), placeholders.length > 0 ? <PlaceholderLinks key="placeholders" names={placeholders} /> : undefined],
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

function PlaceholderLinks({ names }: { names: readonly string[] }): ReactNode {
  return (
    <span className={css.links}>
      {names.map((name) => (
        <ValuesLink key={name} name={name}>
          <span className="mono">%{name}%</span>
        </ValuesLink>
      ))}
    </span>
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
