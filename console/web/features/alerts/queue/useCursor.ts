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
  readonly move: (by: number) => void;
  readonly show: (id: string | undefined) => void;
  readonly select: (ids: readonly string[]) => void;
}

export function useCursor(rows: readonly AlertSummary[]): Cursor {
  const [{ alert: open }, change] = useView<AlertsView>();
  const [active, setActive] = useState(open);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const anchor = useRef<string>(undefined);
  const show = useCallback(
    (id: string | undefined) => {
      if (id !== undefined) setActive(id);
      // Walking through alerts is one view, not one for each: only opening and leaving are steps of the history.
      change({ alert: id, event: undefined }, { replace: open !== undefined && id !== undefined });
    },
    [change, open],
  );
  const move = (by: number): void => {
    const at = rows.findIndex(({ id }) => id === active);
    const next = rows[at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + by))];
    if (!next) return;
    if (open === undefined) setActive(next.id);
    else show(next.id);
  };
  const toggle = (id: string, range: boolean): void => {
    const next = new Set(selected);
    const from = rows.findIndex((row) => row.id === anchor.current);
    const to = rows.findIndex((row) => row.id === id);
    if (range && from >= 0 && to >= 0) for (const row of rows.slice(Math.min(from, to), Math.max(from, to) + 1)) next.add(row.id);
    else if (!next.delete(id)) next.add(id);
    anchor.current = id;
    setSelected(next);
  };
  const select = useCallback((ids: readonly string[]) => setSelected(new Set(ids)), []);
  return { active, open, selected, selection: { has: (id) => selected.has(id), toggle }, move, show, select };
}
