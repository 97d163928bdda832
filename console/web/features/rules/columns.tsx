import { useMemo, type ReactNode } from 'react';
import { Switch } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { RuleSummary } from '@vong/engine/contracts';
import type { DataColumn } from '../../ui/DataTable.tsx';
import { MiddleTruncate } from '../../ui/MiddleTruncate.tsx';
import { SeverityMark } from '../../ui/SeverityMark.tsx';
import { Num } from '../../ui/values.tsx';
import { logsourceText } from './view.ts';
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

/** All columns, or the few that fit beside an open rule. */
export function useRuleColumns(compact: boolean, may: boolean, onSwitch: Switcher): readonly DataColumn<RuleSummary>[] {
  const t = useWords();
  return useMemo(() => {
    const first: DataColumn<RuleSummary>[] = [
      { id: 'enabled', header: t('column.enabled'), size: 52, cell: (rule) => <RuleSwitch rule={rule} onSwitch={onSwitch} may={may} /> },
      { id: 'level', header: t('column.level'), size: 112, cell: ({ level }) => <SeverityMark level={level} /> },
      {
        id: 'title',
        header: t('column.title'),
        size: 220,
        grow: true,
        cell: ({ title, fault }) => (
          <>
            {fault !== undefined && (
              <span title={fault} style={{ color: 'var(--vg-critical)', display: 'inline-flex', flex: 'none', marginRight: 6 }}>
                <IconAlertTriangle size={14} aria-label={fault} />
              </span>
            )}
            {cut(title)}
          </>
        ),
      },
    ];
    const matches: DataColumn<RuleSummary> = {
      id: 'matches',
      header: t('column.matches'),
      size: 96,
      align: 'end',
      cell: ({ matches24h }) => (matches24h === 0 ? none : <Num value={matches24h} />),
    };
    if (compact) return [...first, matches];
    return [
      ...first,
      { id: 'logsource', header: t('column.logsource'), size: 190, cell: ({ logsource }) => cut(logsourceText(logsource)) },
      {
        id: 'tags',
        header: t('column.tags'),
        size: 190,
        cell: ({ tags }) => cut(tags.map((tag) => tag.replace(/^attack\./, '')).join(', ')),
      },
      matches,
      { id: 'origin', header: t('column.origin'), size: 170, cell: ({ origin }) => <MiddleTruncate text={origin} mono /> },
    ];
  }, [t, compact, may, onSwitch]);
}
