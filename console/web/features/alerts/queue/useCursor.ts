/** Where the keyboard stands, what is selected, and which alert is open. */
import { useCallback, useRef, useState } from 'react';
import type { AlertSummary } from '@vong/engine/contracts';
import { useView } from '../../../client/view.ts';
import type { RowSelection } from '../../../ui/DataTable.tsx';
import type { AlertsView } from '../view.ts';

export interface Cursor {
  readonly active: string | undefined;
  readonly open: string | undefined;
  readonly selected: ReadonlySet<string>;
  readonly selection: RowSelection;
  /** Selects the row the keyboard stands on, or takes it out. */
  readonly toggleActive: () => void;
  /** Opens the row the keyboard stands on. */
  readonly openActive: () => void;
  readonly move: (by: number) => void;
  readonly show: (id: string | undefined) => void;
  readonly select: (ids: readonly string[]) => void;
}

export function useCursor(rows: readonly AlertSummary[]): Cursor {
  const [{ alert: open }, change] = useView<AlertsView>();
  const [active, setActive] = useState(open);
  // Keys may come faster than the screen is drawn: the place is read from here, not from the last drawing.
  const place = useRef(active);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const anchor = useRef<string>(undefined);
  const show = useCallback(
    (id: string | undefined) => {
      if (id !== undefined) {
        place.current = id;
        setActive(id);
      }
      // Walking through alerts is one view, not one for each: only opening and leaving are steps of the history.
      change({ alert: id, event: undefined }, { replace: open !== undefined && id !== undefined });
    },
    [change, open],
  );
  const move = (by: number): void => {
    const at = rows.findIndex(({ id }) => id === place.current);
    const next = rows[at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + by))];
    if (!next) return;
    place.current = next.id;
    if (open === undefined) setActive(next.id);
    else show(next.id);
  };
  const toggle = (id: string, range: boolean): void => {
    const from = range ? rows.findIndex((row) => row.id === anchor.current) : -1;
    const to = rows.findIndex((row) => row.id === id);
    anchor.current = id;
    setSelected((before) => {
      if (from >= 0 && to >= 0) return before.union(new Set(rows.slice(Math.min(from, to), Math.max(from, to) + 1).map((row) => row.id)));
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  };
  const toggleActive = (): void => {
    if (place.current !== undefined) toggle(place.current, false);
  };
  const select = useCallback((ids: readonly string[]) => setSelected(new Set(ids)), []);
  return {
    active,
    open,
    selected,
    selection: { has: (id) => selected.has(id), toggle },
    toggleActive,
    openActive: () => show(place.current),
    move,
    show,
    select,
  };
}
