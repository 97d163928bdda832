import { useMemo, type ReactNode } from 'react';
import { Switch } from '@mantine/core';
import type { RuleSummary } from '@vong/engine/contracts';
import type { DataColumn } from '../../ui/DataTable.tsx';
import { SeverityMark } from '../../ui/SeverityMark.tsx';
import { Sparkline } from '../../ui/Sparkline.tsx';
import { StateMark } from '../../ui/StateMark.tsx';
import { Num, TimeText } from '../../ui/values.tsx';
import { useLanguage } from '../../i18n/words.ts';
import css from './rules.module.css';
import { costText, logsourceText, techniquesText, toneOf } from './view.ts';
import { useWords } from './words.ts';

type Switcher = (rules: readonly RuleSummary[], enabled: boolean) => void;

const none = <span className="dim">–</span>;

function cut(text: string): ReactNode {
  return text === '' ? (
    none
  ) : (
    <span className="cut" title={text}>
      {text}
    </span>
  );
}

export function RuleSwitch({ rule, onSwitch, may }: { rule: RuleSummary; onSwitch: Switcher; may: boolean }): ReactNode {
  const t = useWords();
  return (
    <span onClick={(event) => event.stopPropagation()} style={{ display: 'inline-flex' }}>
      <Switch
        checked={rule.enabled}
        color="var(--vg-icon)"
        disabled={!may}
        aria-label={t(rule.enabled ? 'switch.off' : 'switch.on', { name: rule.title })}
        onChange={(event) => onSwitch([rule], event.currentTarget.checked)}
      />
    </span>
  );
}

export function RuleStateMark({ rule }: { rule: RuleSummary }): ReactNode {
  const t = useWords();
  return (
    <span title={rule.reason} style={{ display: 'inline-flex' }}>
      <StateMark tone={toneOf(rule.state)}>{t(`state.${rule.state}`)}</StateMark>
    </span>
  );
}

/** Whether it is a detection rule, a correlation or a filter. */
export function RuleKind({ rule: { kind } }: { rule: Pick<RuleSummary, 'kind'> }): ReactNode {
  const t = useWords();
  return <span className={css.kind}>{t(`kind.${kind ?? 'detection'}`)}</span>;
}

function Matches({ rule: { matches24h, hourly } }: { rule: RuleSummary }): ReactNode {
  const t = useWords();
  if (matches24h === 0) return none;
  return (
    <span className={css.matches} title={t('spark', { count: matches24h })}>
      {hourly !== undefined && <Sparkline counts={hourly} />}
      <Num value={matches24h} />
    </span>
  );
}

function Cost({ cost }: { cost: RuleSummary['cost'] | undefined }): ReactNode {
  const language = useLanguage();
  return cost === undefined ? none : <span>{costText(cost.ns, language)}</span>;
}

/** Its kind is said where it is not a detection rule, as nearly all are. */
function Title({ rule }: { rule: RuleSummary }): ReactNode {
  return (
    <span className="cut" title={rule.title}>
      {rule.kind !== undefined && (
        <>
          <RuleKind rule={rule} />{' '}
        </>
      )}
      {rule.title}
    </span>
  );
}

/** All columns, or the few that fit beside an open rule. */
export function useRuleColumns(compact: boolean, may: boolean, onSwitch: Switcher): readonly DataColumn<RuleSummary>[] {
  const t = useWords();
  return useMemo(() => {
    const first: DataColumn<RuleSummary>[] = [
      { id: 'enabled', header: t('column.enabled'), size: 52, cell: (rule) => <RuleSwitch rule={rule} onSwitch={onSwitch} may={may} /> },
      { id: 'level', header: t('column.level'), size: 108, sortable: true, cell: ({ level }) => <SeverityMark level={level} /> },
      { id: 'title', header: t('column.title'), size: 220, grow: true, sortable: true, cell: (rule) => <Title rule={rule} /> },
      { id: 'state', header: t('column.state'), size: 112, sortable: true, cell: (rule) => <RuleStateMark rule={rule} /> },
    ];
    const matches: DataColumn<RuleSummary> = {
      id: 'matches',
      header: t('column.matches'),
      size: 132,
      align: 'end',
      sortable: true,
      cell: (rule) => <Matches rule={rule} />,
    };
    if (compact) return first;
    return [
      ...first,
      { id: 'logsource', header: t('column.logsource'), size: 178, cell: ({ logsource }) => cut(logsourceText(logsource)) },
      {
        id: 'tags',
        header: t('column.tags'),
        size: 104,
        cell: ({ tags }) => cut(techniquesText(tags)),
      },
      matches,
      {
        id: 'last',
        header: t('column.last'),
        size: 148,
        align: 'end',
        sortable: true,
        cell: ({ lastMatch }) => (lastMatch === undefined ? none : <TimeText at={lastMatch} />),
      },
      { id: 'cost', header: t('column.cost'), size: 84, align: 'end', sortable: true, cell: ({ cost }) => <Cost cost={cost} /> },
    ];
  }, [t, compact, may, onSwitch]);
}
