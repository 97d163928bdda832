/** Replays as this page lists them. Pure. */
import type { ReplayView } from '@vong/range/contracts';

/** Times as fast as recorded; 0 is as fast as the server takes it. */
export const SPEEDS = [1, 10, 100, 1000, 0] as const;

/** Newest first, each once; what came replaces what was known unless it tells of an earlier moment. */
export function mergeReplays(known: readonly ReplayView[], came: readonly ReplayView[]): ReplayView[] {
  const byId = new Map(known.map((replay) => [replay.id, replay]));
  for (const replay of came) {
    const before = byId.get(replay.id);
    if (before === undefined || isLater(replay, before)) byId.set(replay.id, replay);
  }
  return [...byId.values()].sort((a, b) => b.startedAt - a.startedAt);
}

function isLater(replay: ReplayView, before: ReplayView): boolean {
  if (before.state !== 'running') return replay.state !== 'running';
  return replay.state !== 'running' || replay.sent >= before.sent;
}

/** 0 to 1; 0 while the recording's events are still being counted. */
export function partOf({ sent, total, state }: ReplayView): number {
  if (state === 'done') return 1;
  return total > 0 ? Math.min(1, sent / total) : 0;
}

/** Name of a recording without its folders. */
export function shortName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}
