import { useEffect, useState, type ReactNode, type RefObject } from 'react';
import { ActionIcon, TextInput } from '@mantine/core';
import { IconLayoutSidebarLeftCollapse, IconSearch } from '@tabler/icons-react';
import type { AlertList } from '@vong/engine/contracts';
import { useView } from '../../../client/view.ts';
import { SeverityMark } from '../../../ui/SeverityMark.tsx';
import { Num } from '../../../ui/values.tsx';
import { FilterChips } from '../../../ui/FilterChips.tsx';
import { AlertStatusMark } from '../AlertStatusMark.tsx';
import { LEVELS, levelsOf, STATUSES, statusesOf, type AlertsView } from '../view.ts';
import { useWords } from '../words.ts';
import { useChips } from './chips.ts';
import css from './queue.module.css';
import { TimeFacet } from './TimeFacet.tsx';

interface FacetsProps {
  total: number;
  counts: AlertList['counts'] | undefined;
  search: RefObject<HTMLInputElement | null>;
  onHide: () => void;
}

/** Every condition of the queue in one column, with how many each would show. */
export function Facets({ total, counts, search, onHide }: FacetsProps): ReactNode {
  const t = useWords();
  const [view, change] = useView<AlertsView>();
  const { chips, clear } = useChips();
  return (
    <aside className={css.facets} aria-label={t('queue.filters')}>
      <SearchBox search={search} onHide={onHide} />
      <div className={css.total} role="status">
        {t('queue.total', { count: total })}
      </div>
      <FilterChips chips={chips} onClear={clear} />
      <Ticks
        legend={t('filter.status')}
        all={STATUSES}
        chosen={statusesOf(view)}
        counts={counts?.status}
        mark={(status) => <AlertStatusMark status={status} />}
        onChange={(status) => change({ status })}
      />
      <Ticks
        legend={t('filter.severity')}
        all={LEVELS}
        chosen={levelsOf(view)}
        counts={counts?.severity}
        mark={(level) => <SeverityMark level={level} />}
        onChange={(severity) => change({ severity: severity === LEVELS.join(',') ? undefined : severity })}
      />
      <AssigneeFacet view={view} change={change} />
      <TimeFacet />
    </aside>
  );
}

const TYPING_MS = 250;

function SearchBox({ search, onHide }: Omit<FacetsProps, 'counts' | 'total'>): ReactNode {
  const t = useWords();
  const [{ q = '' }, change] = useView<AlertsView>();
  const [typed, setTyped] = useState(q);
  useEffect(() => setTyped(q), [q]);
  useEffect(() => {
    if (typed === q) return undefined;
    const timer = setTimeout(() => change({ q: typed.slice(0, 255) }, { replace: true }), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, q, change]);
  return (
    <div style={{ display: 'flex', gap: 4, alignItems: 'center' }}>
      <TextInput
        ref={search}
        size="xs"
        style={{ flex: 1 }}
        leftSection={<IconSearch size={14} />}
        leftSectionWidth={26}
        placeholder={t('queue.search')}
        aria-label={t('queue.search')}
        title={t('queue.search')}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
      />
      <ActionIcon size={22} onClick={onHide} aria-label={t('queue.filters.hide')} title={t('queue.filters.hide')}>
        <IconLayoutSidebarLeftCollapse size={16} />
      </ActionIcon>
    </div>
  );
}

interface TicksProps<Word extends string> {
  legend: string;
  all: readonly Word[];
  chosen: readonly Word[];
  counts: Partial<Record<Word, number>> | undefined;
  mark: (word: Word) => ReactNode;
  onChange: (chosen: string) => void;
}

function Ticks<Word extends string>({ legend, all, chosen, counts, mark, onChange }: TicksProps<Word>): ReactNode {
  const toggle = (word: Word): void => {
    const next = all.filter((one) => (one === word ? !chosen.includes(one) : chosen.includes(one)));
    // Nothing chosen would show nothing: the last one cannot be taken away.
    if (next.length > 0) onChange(next.join(','));
  };
  return (
    <fieldset className={css.group}>
      <legend>{legend}</legend>
      {all.map((word) => (
        <label key={word} className={css.facet} onDoubleClick={() => onChange(word)}>
          <input type="checkbox" checked={chosen.includes(word)} onChange={() => toggle(word)} />
          {mark(word)}
          {counts && (
            <span className={css.number}>
              <Num value={counts[word] ?? 0} />
            </span>
          )}
        </label>
      ))}
    </fieldset>
  );
}

interface AssigneeProps {
  view: AlertsView;
  change: (part: { assignee: string | undefined }) => void;
}

function AssigneeFacet({ view, change }: AssigneeProps): ReactNode {
  const t = useWords();
  const choices = [undefined, 'me', 'none'] as const;
  return (
    <fieldset className={css.group}>
      <legend>{t('filter.assignee')}</legend>
      {choices.map((choice) => (
        <label key={choice ?? ''} className={css.facet}>
          <input type="radio" name="assignee" checked={view.assignee === choice} onChange={() => change({ assignee: choice })} />
          {t(`assignee.${choice ?? 'any'}`)}
        </label>
      ))}
    </fieldset>
  );
}
