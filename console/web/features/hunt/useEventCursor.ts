/** Where the keyboard stands among the events, and which one is open. */
import { useCallback, useState } from 'react';
import type { EcsEvent } from '@vong/platform/events';
import { useView } from '../../client/view.ts';
import type { HuntView } from './view.ts';

export interface EventCursor {
  readonly active: string | undefined;
  readonly open: string | undefined;
  readonly move: (by: number) => void;
  readonly show: (id: string | undefined) => void;
}

export const eventId = (event: EcsEvent): string => event.event.id;

export function useEventCursor(rows: readonly EcsEvent[]): EventCursor {
  const [{ event: open }, change] = useView<HuntView>();
  const [active, setActive] = useState(open);
  const show = useCallback(
    (id: string | undefined) => {
      if (id !== undefined) setActive(id);
      // Walking through events is one view, not one for each: only opening and leaving are steps of the history.
      change({ event: id }, { replace: open !== undefined && id !== undefined });
    },
    [change, open],
  );
  const move = (by: number): void => {
    const at = rows.findIndex((event) => eventId(event) === (open ?? active));
    const next = rows[at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + by))];
    if (!next) return;
    if (open === undefined) setActive(eventId(next));
    else show(eventId(next));
  };
  return { active: open ?? active, open, move, show };
}
