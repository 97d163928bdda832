import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode, type RefObject } from 'react';
import type { FieldInfo } from '@vong/platform/events';
import css from './query.module.css';
import { completed, fieldSuggestions, jointSuggestions, placeAt, valueSuggestions, type Place, type Suggestion } from './completion.ts';
import { faultSpan } from './kql-error.ts';
import { Suggestions } from './Suggestions.tsx';
import { useFieldValues, type SearchQuery } from './useHunt.ts';
import { useWords } from './words.ts';

interface QueryBoxProps {
  box: RefObject<HTMLTextAreaElement | null>;
  typed: string;
  onType: (text: string) => void;
  onRun: () => void;
  fields: readonly FieldInfo[] | undefined;
  query: SearchQuery;
  /** Where the server could not read the query, for the text it was about. */
  fault: { readonly query: string; readonly position: number } | undefined;
}

const LIST = 'hunt-suggestions';
const VALUES = 100;

/** The query as text, with what could come next. Enter searches; a chosen suggestion goes in with Enter or Tab. */
export function QueryBox(props: QueryBoxProps): ReactNode {
  const { box, typed, onType, onRun } = props;
  const t = useWords();
  const [caret, setCaret] = useState<number>();
  const [at, setAt] = useState(-1);
  const place = caret === undefined ? undefined : placeAt(typed, caret);
  const list = useSuggestions(place, props);
  const open = place !== undefined && list.length > 0;
  const wanted = useRef<number>(undefined);
  useEffect(() => {
    if (wanted.current === undefined) return;
    box.current?.setSelectionRange(wanted.current, wanted.current);
    wanted.current = undefined;
  });
  const close = (): void => setCaret(undefined);
  const accept = (suggestion: Suggestion | undefined): void => {
    if (!suggestion || !place) return;
    const next = completed(typed, place, suggestion);
    onType(next.query);
    wanted.current = next.caret;
    setCaret(next.caret);
    setAt(-1);
    box.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.nativeEvent.isComposing) return;
    const key = event.key;
    if (key === 'Enter' && !event.shiftKey) {
      if (open && at >= 0) accept(list[at]);
      else {
        close();
        onRun();
      }
    } else if (key === 'Tab' && open && !event.shiftKey) accept(list[Math.max(0, at)]);
    else if (key === 'ArrowDown' && open) setAt(Math.min(at + 1, list.length - 1));
    else if (key === 'ArrowUp' && open) setAt(Math.max(at - 1, -1));
    else if ((key === 'ArrowDown' && !open && !typed.includes('\n')) || (key === ' ' && event.ctrlKey))
      setCaret(event.currentTarget.selectionStart);
    else if (key === 'Escape') {
      if (open) close();
      else event.currentTarget.blur();
    } else return;
    event.preventDefault();
  };
  return (
    <div className={css.box}>
      <Backdrop typed={typed} fault={props.fault} />
      <textarea
        ref={box}
        className={css.input}
        rows={1}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        value={typed}
        maxLength={4096}
        placeholder={t('query.placeholder')}
        aria-label={t('query.label')}
        role="combobox"
        aria-autocomplete="list"
        aria-expanded={open}
        aria-controls={LIST}
        aria-activedescendant={open && at >= 0 ? `${LIST}-${at}` : undefined}
        aria-invalid={props.fault !== undefined}
        onChange={(event) => {
          onType(event.currentTarget.value);
          setCaret(event.currentTarget.selectionStart);
          setAt(-1);
        }}
        onKeyDown={onKeyDown}
        onBlur={close}
      />
      {open && <Suggestions id={LIST} list={list} at={at} field={place.kind === 'value' ? place.field : undefined} onPick={accept} />}
    </div>
  );
}

function useSuggestions(place: Place | undefined, { fields, query }: QueryBoxProps): readonly Suggestion[] {
  const field = place?.kind === 'value' ? place.field : '';
  const values = useFieldValues(field, { ...query, q: undefined }, { limit: VALUES, enabled: field !== '' });
  if (!place) return [];
  if (place.kind === 'field') return fieldSuggestions(fields ?? [], place.typed);
  if (place.kind === 'value') return valueSuggestions(values.data?.values ?? [], place.typed);
  return place.kind === 'joint' ? jointSuggestions(place.typed) : [];
}

/** Lies behind the text and underlines what could not be read. */
function Backdrop({ typed, fault }: Pick<QueryBoxProps, 'typed' | 'fault'>): ReactNode {
  if (!fault || fault.query !== typed) return null;
  const [from, to] = faultSpan(typed, fault.position);
  return (
    <div className={css.backdrop} aria-hidden>
      {typed.slice(0, from)}
      <span className={css.wrong}>{typed.slice(from, to)}</span>
      {typed.slice(to)}
    </div>
  );
}
