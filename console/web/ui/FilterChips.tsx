import type { ReactNode } from 'react';
import { Button } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import css from './values.module.css';
import { useWords } from './words/index.ts';

export interface Chip {
  readonly id: string;
  readonly name: string;
  readonly value: string;
  readonly onRemove: () => void;
}

/** The conditions in force, each with its way out. */
export function FilterChips({ chips, onClear }: { chips: readonly Chip[]; onClear?: () => void }): ReactNode {
  const t = useWords();
  if (chips.length === 0) return null;
  return (
    <div className={css.chips}>
      {chips.map((chip) => (
        <span key={chip.id} className={css.chip} title={`${chip.name}: ${chip.value}`}>
          <span className="cut">
            <span className="dim">{chip.name}</span> <b>{chip.value}</b>
          </span>
          <button type="button" onClick={chip.onRemove} aria-label={t('chip.remove', { name: chip.name })}>
            <IconX size={14} />
          </button>
        </span>
      ))}
      {onClear && chips.length > 1 && (
        <Button variant="subtle" size="compact-xs" onClick={onClear}>
          {t('chip.clear')}
        </Button>
      )}
    </div>
  );
}
