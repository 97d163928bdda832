/** Copying with a bar for whoever watches. */
import type { StateFile } from '@vong/platform/state';
import { startProgress } from '../progress.ts';
import { copyEvents } from './events.ts';
import type { EventPages } from './pages.ts';
import type { ProgressFile } from './progress-file.ts';
import { copyState } from './tables.ts';
import type { Target } from './target.ts';

export async function copyAllEvents(
  from: EventPages,
  { target, done }: { readonly target: Target; readonly done: ProgressFile },
): Promise<void> {
  const bar = startProgress('events', await eventsIn(from));
  let events = 0;
  await copyEvents({ from, to: target.events, done, onEvents: (count) => bar.update((events += count)) });
  bar.stop();
}

/** For the bar only: 0 where counting all at once takes too long. */
export async function eventsIn(pages: EventPages): Promise<number> {
  const edges = await pages.edges();
  if (edges === undefined) return 0;
  return await pages.histogram({ from: edges.first, to: edges.last + 1 }, 1).then(
    ({ total }) => total,
    () => 0,
  );
}

export async function copyAllState(from: StateFile, target: Target): Promise<void> {
  const bar = startProgress('rows');
  let rows = 0;
  await copyState({ from, to: target.tables, onRows: (count) => bar.update((rows += count)) });
  bar.stop();
}
