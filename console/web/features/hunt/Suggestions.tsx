import { useEffect, useRef, type ReactNode } from 'react';
import { IconDatabase, IconLogicAnd, IconQuote } from '@tabler/icons-react';
import { Num } from '../../ui/values.tsx';
import type { Suggestion } from './completion.ts';
import css from './query.module.css';
import { useWords } from './words.ts';

const ICONS = { field: IconDatabase, value: IconQuote, joint: IconLogicAnd } as const;

interface SuggestionsProps {
  id: string;
  list: readonly Suggestion[];
  at: number;
  /** The field whose values these are. */
  field: string | undefined;
  onPick: (suggestion: Suggestion) => void;
}

export function Suggestions({ id, list, at, field, onPick }: SuggestionsProps): ReactNode {
  const t = useWords();
  const here = useRef<HTMLDivElement>(null);
  useEffect(() => here.current?.scrollIntoView({ block: 'nearest' }), [at]);
  return (
    <div className={css.suggestions}>
      {field !== undefined && <div className={css.hint}>{t('query.values', { field })}</div>}
      <div id={id} role="listbox" aria-label={t('query.suggestions')}>
        {list.map((suggestion, index) => {
          const Icon = ICONS[suggestion.kind];
          return (
            <div
              key={suggestion.label}
              id={`${id}-${index}`}
              ref={index === at ? here : undefined}
              role="option"
              aria-selected={index === at}
              className={`${css.suggestion} ${index === at ? css.at : ''}`}
              // The box must keep the focus: a blur would close the list before the click.
              onPointerDown={(event) => {
                event.preventDefault();
                onPick(suggestion);
              }}
            >
              <Icon size={14} color="var(--vg-icon)" aria-hidden />
              <span className="mono cut">{suggestion.label}</span>
              {suggestion.kind === 'value' && suggestion.count !== undefined && (
                <span className={`${css.count} dim`}>
                  <Num value={suggestion.count} />
                </span>
              )}
            </div>
          );
        })}
      </div>
      <div className={css.hint}>{t('query.accept')}</div>
    </div>
  );
}
