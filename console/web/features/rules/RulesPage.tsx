import { useCallback, useEffect, useMemo, useRef, type ReactNode, type RefObject } from 'react';
import { Button } from '@mantine/core';
import type { RuleSummary } from '@vong/engine/contracts';
import { mayAdminister, useMe } from '../../client/session.ts';
import { useView } from '../../client/view.ts';
import { DataTable } from '../../ui/DataTable.tsx';
import { RuleImportPanel } from '../../ui/intake/RuleImportPanel.tsx';
import { BulkBar } from '../../ui/list/BulkBar.tsx';
import { DetailPane } from '../../ui/list/DetailPane.tsx';
import css from '../../ui/list/list.module.css';
import { useList } from '../../ui/list/useList.ts';
import { Split } from '../../ui/Split.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../ui/states.tsx';
import { useRuleColumns } from './columns.tsx';
import { useLiveRules, useRules, useSwitchRules } from './data.ts';
import { RuleFilters } from './RuleFilters.tsx';
import { RulePane } from './RulePane.tsx';
import { RulesBar } from './RulesBar.tsx';
import { IMPORT, orderOf, sortedBy, type RulesView } from './view.ts';
import { useWords } from './words.ts';

const AHEAD = 100;
const idOf = (rule: RuleSummary): string => rule.id;

export function RulesPage(): ReactNode {
  const t = useWords();
  const [view, change] = useView<RulesView>();
  const list = useRules(view);
  useLiveRules();
  const rules = useMemo(() => list.data?.pages.flatMap(({ items }) => items) ?? [], [list.data]);
  const search = useRef<HTMLInputElement>(null);
  const open = view.rule;
  const show = (rule: string | undefined): void => change({ rule }, { replace: open !== undefined && rule !== undefined });
  const total = list.data?.pages[0]?.total;
  const right =
    open === undefined ? undefined : open === IMPORT ? (
      <DetailPane title={t('import')} onLeave={() => show(undefined)}>
        <RuleImportPanel />
      </DetailPane>
    ) : (
      <RulePane key={open} id={open} onLeave={() => show(undefined)} />
    );
  const onRange = (_first: number, last: number): void => {
    if (last > rules.length - AHEAD && list.hasNextPage && !list.isFetchingNextPage && !list.isError) void list.fetchNextPage();
  };
  const empty = list.isPending ? <Skeleton rows={20} /> : <NoRules />;
  return (
    <div className={css.page}>
      <RulesBar here="rules" total={total} onImport={() => show(IMPORT)}>
        <RuleFilters rules={rules} search={search} />
      </RulesBar>
      <div className={css.main}>
        <Split
          name="rules"
          right={right}
          left={
            list.error && !list.data ? (
              <ErrorState error={list.error} onRetry={() => void list.refetch()} />
            ) : (
              <RuleTable rules={rules} total={total ?? 0} show={show} search={search} onRange={onRange} empty={empty} />
            )
          }
        />
      </div>
    </div>
  );
}

interface RuleTableProps {
  rules: readonly RuleSummary[];
  total: number;
  show: (rule: string | undefined) => void;
  search: RefObject<HTMLInputElement | null>;
  onRange: (first: number, last: number) => void;
  empty: ReactNode;
}

function RuleTable({ rules, total, show, search, onRange, empty }: RuleTableProps): ReactNode {
  const t = useWords();
  const may = mayAdminister(useMe());
  const [view, change] = useView<RulesView>();
  const ids = useMemo(() => rules.map(idOf), [rules]);
  const list = useList({ ids, open: view.rule === IMPORT ? undefined : view.rule, show, select: may, search });
  const apply = useSwitchRules();
  const latest = useRef(apply);
  useEffect(() => {
    latest.current = apply;
  });
  const onSwitch = useCallback((some: readonly RuleSummary[], enabled: boolean) => latest.current(some, enabled), []);
  const columns = useRuleColumns(view.rule !== undefined, may, onSwitch);
  const chosen = (enabled: boolean) => () => {
    onSwitch(
      rules.filter(({ id }) => list.selected.has(id)),
      enabled,
    );
    list.clear();
  };
  return (
    <div className={css.list}>
      <BulkBar count={list.selected.size} onClear={list.clear}>
        <Button variant="subtle" size="compact-xs" onClick={chosen(true)}>
          {t('act.on')}
        </Button>
        <Button variant="subtle" size="compact-xs" onClick={chosen(false)}>
          {t('act.off')}
        </Button>
      </BulkBar>
      <DataTable
        name={view.rule === undefined ? 'rules' : 'rules-compact'}
        label={t('label')}
        columns={columns}
        rows={rules}
        total={total}
        getId={idOf}
        active={list.active}
        onPick={({ id }) => list.pick(id)}
        selection={may ? list.selection : undefined}
        sort={{ ...orderOf(view), onSort: (column) => change(sortedBy(view, column)) }}
        rowState={(rule) => ({ faded: !rule.enabled })}
        onRange={onRange}
        empty={empty}
      />
    </div>
  );
}

function NoRules(): ReactNode {
  const t = useWords();
  const [, change] = useView<RulesView>();
  const clear = (): void => change({ q: undefined, level: undefined, product: undefined, state: undefined });
  return (
    <EmptyState
      title={t('empty.title')}
      action={
        <Button variant="default" onClick={clear}>
          {t('empty.clear')}
        </Button>
      }
    >
      {t('empty.text')}
    </EmptyState>
  );
}
