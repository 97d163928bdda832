import { useEffect, useState, type ReactNode } from 'react';
import { Outlet } from '@tanstack/react-router';
import { connectLive, LiveContext } from '../../client/live-react.ts';
import type { LiveClient } from '../../client/live.ts';
import type { Feature } from '../../client/feature.ts';
import { queries } from '../../client/queries.ts';
import { useMe } from '../../client/session.ts';
import { useGo } from '../../client/view.ts';
import { useKeys } from '../../ui/keys.ts';
import { PivotContext } from '../../ui/pivot.ts';
import { Toasts } from '../../ui/UndoToast.tsx';
import { useWords } from '../words.ts';
import css from './frame.module.css';
import { KeyList } from './KeyList.tsx';
import { usePivots } from './pivots.ts';
import { Palette } from './Palette.tsx';
import { useAdoptPreferences } from './preferences.ts';
import { Rail } from './Rail.tsx';
import { TopBar } from './TopBar.tsx';

/** What surrounds every page of a signed-in person. */
export function Frame({ features }: { features: readonly Feature[] }): ReactNode {
  const me = useMe();
  const live = useConnection(me.id);
  const [palette, setPalette] = useState(false);
  const [keyList, setKeyList] = useState(false);
  useAdoptPreferences(me);
  useFrameKeys(features, { palette: () => setPalette(true), list: () => setKeyList(true) });
  return (
    <LiveContext value={live}>
      <PivotContext value={usePivots(features)}>
        <div className={css.frame}>
          <Rail features={features} />
          <TopBar onPalette={() => setPalette(true)} onKeys={() => setKeyList(true)} />
          <main className={css.work}>
            <Outlet />
          </main>
        </div>
        <Palette features={features} opened={palette} onClose={() => setPalette(false)} />
        <KeyList opened={keyList} onClose={() => setKeyList(false)} />
        <Toasts />
      </PivotContext>
    </LiveContext>
  );
}

/** Kind of change → first word of the query keys that show such things. */
const FIRST_WORDS = [
  ['alert', 'alerts'],
  ['agent', 'agents'],
  ['rule', 'rules'],
  ['replay', 'replays'],
  ['dead_letter', 'dead-letters'],
] as const;

/** One connection for as long as the frame is there. What no page listens to is at least marked as old. */
function useConnection(userId: string): LiveClient | undefined {
  const [live, setLive] = useState<LiveClient>();
  useEffect(() => {
    const client = connectLive(userId);
    const stops: (() => void)[] = FIRST_WORDS.map(([kind, word]) =>
      client.onChanges(kind, () => void queries.invalidateQueries({ queryKey: [word], refetchType: 'none' })),
    );
    stops.push(
      client.onResync(
        () => void queries.invalidateQueries({ predicate: ({ queryKey, meta }) => queryKey[0] !== 'session' && meta?.['own'] !== true }),
      ),
    );
    setLive(client);
    return () => {
      for (const stop of stops) stop();
      client.close();
    };
  }, [userId]);
  return live;
}

function useFrameKeys(features: readonly Feature[], open: { palette: () => void; list: () => void }): void {
  const t = useWords();
  const go = useGo();
  const pages = features.flatMap(({ rail }) => {
    if (!rail) return [];
    return [{ keys: `g ${rail.key}`, label: t('keys.go', { name: rail.useLabel() }), run: () => go(rail.path) }];
  });
  useKeys([
    { keys: 'Ctrl+k', label: t('keys.palette'), run: open.palette },
    { keys: '?', label: t('keys.list'), run: open.list },
    ...pages,
  ]);
}
