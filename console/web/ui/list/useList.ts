/** Where the keyboard stands in a list, what is selected, and the keys that move about. What is open is the caller's, in the URL. */
import { useRef, useState, type RefObject } from 'react';
import type { RowSelection } from '../DataTable.tsx';
import { useKeys, type KeyBinding } from '../keys.ts';
import { moved, toggled } from './selection.ts';
import { useWords } from './words.ts';

export interface ListOptions {
  readonly ids: readonly string[];
  readonly open: string | undefined;
  readonly show: (id: string | undefined) => void;
  /** Rows can be selected. */
  readonly select?: boolean;
  readonly search?: RefObject<HTMLInputElement | null>;
}

export interface ListState {
  readonly active: string | undefined;
  readonly selected: ReadonlySet<string>;
  readonly selection: RowSelection;
  readonly clear: () => void;
  readonly pick: (id: string) => void;
}

export function useList({ ids, open, show, select = false, search }: ListOptions): ListState {
  const t = useWords();
  const [active, setActive] = useState(open);
  // Keys may come faster than the screen is drawn: the place is read from here.
  const place = useRef(active);
  const anchor = useRef<string>(undefined);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const stand = (id: string): void => {
    place.current = id;
    setActive(id);
  };
  const pick = (id: string): void => {
    stand(id);
    show(id);
  };
  const move = (by: number): void => {
    const next = moved(ids, place.current, by);
    if (next === undefined) return;
    if (open === undefined) stand(next);
    else pick(next);
  };
  const toggle = (id: string, range: boolean): void => {
    const from = anchor.current;
    anchor.current = id;
    setSelected((before) => toggled(before, ids, { id, from, range }));
  };
  const clear = (): void => setSelected(new Set());
  const withPlace = (run: (id: string) => void) => () => {
    if (place.current !== undefined) run(place.current);
  };
  const leave = (): void => (selected.size > 0 ? clear() : show(undefined));
  const keys: KeyBinding[] = [
    { keys: 'j', label: t('key.down'), run: () => move(1) },
    { keys: 'k', label: t('key.up'), run: () => move(-1) },
    { keys: 'ArrowDown', label: t('key.down'), run: () => move(1) },
    { keys: 'ArrowUp', label: t('key.up'), run: () => move(-1) },
    { keys: 'o', label: t('key.open'), run: withPlace(pick) },
    { keys: 'Enter', label: t('key.open'), run: withPlace(pick) },
    { keys: 'Escape', label: t('key.leave'), run: leave },
  ];
  if (select) keys.push({ keys: 'x', label: t('key.select'), run: withPlace((id) => toggle(id, false)) });
  if (search) keys.push({ keys: '/', label: t('key.search'), run: () => search.current?.focus() });
  useKeys(keys);
  return { active: open ?? active, selected, selection: { has: (id) => selected.has(id), toggle }, clear, pick };
}
