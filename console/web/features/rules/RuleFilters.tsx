import { useEffect, useState, type ReactNode, type RefObject } from 'react';
import { Select, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import type { RuleSummary } from '@vong/engine/contracts';
import { useView } from '../../client/view.ts';
import { useWords as useUiWords } from '../../ui/words/index.ts';
import { KINDS, LEVELS, productsOf, STATES, type RulesView } from './view.ts';
import { useWords } from './words.ts';

const TYPING_MS = 250;

interface RuleFiltersProps {
  rules: readonly RuleSummary[];
  search: RefObject<HTMLInputElement | null>;
}

export function RuleFilters({ rules, search }: RuleFiltersProps): ReactNode {
  const t = useWords();
  const ui = useUiWords();
  const [view, change] = useView<RulesView>();
  return (
    <>
      <SearchBox search={search} />
      <Select
        w={110}
        aria-label={t('column.kind')}
        placeholder={t('filter.kind.any')}
        clearable
        data={KINDS.map((kind) => ({ value: kind, label: t(kind === 'rule' ? 'kind.detection' : `kind.${kind}`) }))}
        value={view.kind ?? null}
        onChange={(kind) => change({ kind: KINDS.find((one) => one === kind) })}
      />
      <Select
        w={120}
        aria-label={t('filter.level')}
        placeholder={t('filter.level.any')}
        clearable
        data={LEVELS.map((level) => ({ value: level, label: ui(`severity.${level}`) }))}
        value={view.level ?? null}
        onChange={(level) => change({ level: LEVELS.find((one) => one === level) })}
      />
      <Select
        w={130}
        aria-label={t('filter.product')}
        placeholder={t('filter.product.any')}
        clearable
        searchable
        data={productsOf(rules, view.product)}
        value={view.product ?? null}
        onChange={(product) => change({ product: product ?? undefined })}
      />
      <Select
        w={138}
        aria-label={t('filter.state')}
        placeholder={t('filter.state.any')}
        clearable
        data={STATES.map((state) => ({ value: state, label: t(`state.${state}`) }))}
        value={view.state ?? null}
        onChange={(state) => change({ state: STATES.find((one) => one === state) })}
      />
    </>
  );
}

/** Typing changes the URL when it pauses, without a step of the history for each letter. */
function SearchBox({ search }: { search: RefObject<HTMLInputElement | null> }): ReactNode {
  const t = useWords();
  const [{ q = '' }, change] = useView<RulesView>();
  const [typed, setTyped] = useState(q);
  useEffect(() => setTyped(q), [q]);
  useEffect(() => {
    if (typed === q) return undefined;
    const timer = setTimeout(() => change({ q: typed === '' ? undefined : typed }, { replace: true }), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, q, change]);
  return (
    <TextInput
      ref={search}
      w={132}
      aria-label={t('search')}
      title={t('search')}
      placeholder={t('search.short')}
      maxLength={255}
      leftSection={<IconSearch size={14} />}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
    />
  );
}
