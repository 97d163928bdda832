import { join } from 'node:path';
import { DETECTOR_GROUP } from '@vong/engine/detector';
import { moveError, type MoveRow } from '@vong/platform/move';
import type { StoppedNode } from './node.ts';
import { PROGRESS_FILE } from './progress-file.ts';
import { planTopic, type Plan } from './records.ts';
import { placesIn } from './tables.ts';
import { noteMove, type Target } from './target.ts';

/**
 * From where the node's log is carried over: fixed once, for a part of it may be in the cluster already.
 * @throws MOVE_RAN_AGAIN when the node stands elsewhere than it did
 */
export async function planned(given: { directory: string; node: StoppedNode; target: Target; row: MoveRow }): Promise<Plan> {
  const { directory, node, target, row } = given;
  const logs = { source: node.log, target: target.log };
  const next = {
    events: await node.log.committed(DETECTOR_GROUP, 'events'),
    signals: placesIn(node.state, 'alert_offsets'),
    'dead-letters': placesIn(node.state, 'dead_letter_offsets'),
  } as const;
  const now: Plan = [
    await planTopic('events', logs, next.events),
    await planTopic('signals', logs, next.signals),
    await planTopic('dead-letters', logs, next['dead-letters']),
  ];
  if (row.plan === null) {
    await noteMove(target, { ...row, stage: 'ending', plan: JSON.stringify(now) });
    return now;
  }
  const before = planOf(row.plan);
  const place = (plan: Plan): string => JSON.stringify(plan.map(({ topic, from, end: to }) => [topic, from, to]));
  if (place(before) !== place(now)) throw ranAgain(directory);
  return before;
}

export function planOf(text: string): Plan {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written above
  return JSON.parse(text) as Plan;
}

export function ranAgain(directory: string): Error {
  return moveError('MOVE_RAN_AGAIN', { progress: join(directory, PROGRESS_FILE) });
}
