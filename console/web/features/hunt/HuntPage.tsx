import { useCallback, useEffect, useRef, useState, type ReactNode } from 'react';
import { ActionIcon } from '@mantine/core';
import { IconLayoutSidebarLeftExpand } from '@tabler/icons-react';
import { useView } from '../../client/view.ts';
import { PivotContext } from '../../ui/pivot.ts';
import { Split } from '../../ui/Split.tsx';
import { FieldList } from './FieldList.tsx';
import css from './hunt.module.css';
import { HuntChart } from './HuntChart.tsx';
import { rememberHunt } from './last-hunt.ts';
import { EventPane } from './EventPane.tsx';
import { QueryBar } from './QueryBar.tsx';
import { Results } from './Results.tsx';
import { useEventCursor } from './useEventCursor.ts';
import { useHunt } from './useHunt.ts';
import { useHuntKeys } from './useHuntKeys.ts';
import { useHuntPivots } from './usePivots.ts';
import type { HuntView } from './view.ts';
import { useWords } from './words.ts';

const HIDDEN_KEY = 'vong.hunt.fields';
const WIDE = 1600;

/** The query above; fields, counts and events on the left; the event that is read on the right. */
export function HuntPage(): ReactNode {
  const t = useWords();
  const [view, change] = useView<HuntView>();
  const hunt = useHunt(view);
  const cursor = useEventCursor(hunt.rows);
  const box = useRef<HTMLTextAreaElement>(null);
  const fieldBox = useRef<HTMLInputElement>(null);
  const [shut, setShut] = useState(() => localStorage.getItem(HIDDEN_KEY) === 'hidden');
  const hide = useCallback((hidden: boolean): void => {
    setShut(hidden);
    localStorage.setItem(HIDDEN_KEY, hidden ? 'hidden' : 'shown');
  }, []);
  const hideFields = useCallback(() => {
    hide(true);
    change({ field: undefined }, { replace: true });
  }, [hide, change]);
  useEffect(() => rememberHunt(view), [view]);
  const pivots = useHuntPivots();
  // Beside an open event a small screen has no room for the field list; it comes back with it closed.
  const fields = (!shut || view.field !== undefined) && (cursor.open === undefined || window.innerWidth >= WIDE);
  useHuntKeys({
    hunt,
    cursor,
    onQuery: () => box.current?.focus(),
    onField: () => {
      hide(false);
      if (!fields) cursor.show(undefined);
      setTimeout(() => fieldBox.current?.focus(), 0);
    },
  });
  return (
    <PivotContext value={pivots}>
      <h1 className="hidden-text">{t('title')}</h1>
      <div className={css.page}>
        <QueryBar hunt={hunt} box={box} />
        <div className={css.work}>
          <Split
            name="hunt"
            initial={540}
            left={
              <div className={css.left}>
                {fields && <FieldList fields={hunt.fields} query={hunt.query} old={hunt.old} search={fieldBox} onHide={hideFields} />}
                {!fields && shut && (
                  <div className={css.toggle}>
                    <ActionIcon size={18} onClick={() => hide(false)} aria-label={t('fields.show')} title={t('fields.show')}>
                      <IconLayoutSidebarLeftExpand size={16} />
                    </ActionIcon>
                  </div>
                )}
                <div className={css.middle}>
                  <HuntChart hunt={hunt} />
                  <Results hunt={hunt} cursor={cursor} />
                </div>
              </div>
            }
            right={
              cursor.open === undefined ? undefined : <EventPane key={cursor.open} id={cursor.open} cursor={cursor} rows={hunt.rows} />
            }
          />
        </div>
      </div>
    </PivotContext>
  );
}
