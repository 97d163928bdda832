import { useMemo, type ReactNode } from 'react';
import { Select } from '@mantine/core';
import { inTreeOrder, useAgencies } from '../../client/agencies.ts';
import { useLanguage } from '../../i18n/words.ts';
import { fold } from '../format.ts';
import css from './intake.module.css';
import { useWords } from './words.ts';

interface AgencySelectProps {
  value: string | null;
  onChange: (code: string) => void;
  label?: string;
  /** Codes that cannot be chosen: an agency cannot be part of itself. */
  without?: ReadonlySet<string>;
  disabled?: boolean;
}

const MAX_SHOWN = 300;
const STEP = 14;

/** One agency of the tree, found by typing a part of its name or code, with or without Vietnamese marks. */
export function AgencySelect({ value, onChange, label, without, disabled = false }: AgencySelectProps): ReactNode {
  const t = useWords();
  const language = useLanguage();
  const agencies = useAgencies();
  const tree = useMemo(
    () => inTreeOrder(agencies, language).filter(({ agency }) => without?.has(agency.code) !== true),
    [agencies, language, without],
  );
  const depths = useMemo(() => new Map(tree.map(({ agency, depth }) => [agency.code, depth])), [tree]);
  return (
    <Select
      label={label ?? t('agency.label')}
      data={tree.map(({ agency }) => ({ value: agency.code, label: agency.name[language] }))}
      value={value}
      onChange={(code) => code !== null && onChange(code)}
      searchable
      allowDeselect={false}
      disabled={disabled}
      limit={MAX_SHOWN}
      maxDropdownHeight={320}
      nothingFoundMessage={t('agency.none')}
      filter={({ options, search }) => {
        const wanted = fold(search.trim());
        return options.filter((option) => 'value' in option && fold(`${option.label} ${option.value}`).includes(wanted));
      }}
      renderOption={({ option }) => (
        <span className={css.option} style={{ paddingLeft: (depths.get(option.value) ?? 0) * STEP }}>
          <span className="cut">{option.label}</span>
          <span className="mono dim">{option.value}</span>
        </span>
      )}
    />
  );
}
