/** Reads back what was moved and holds it to the node. */
import { Checksum } from '@vong/platform/state';
import { startProgress } from '../progress.ts';
import { eventsIn } from './copy.ts';
import { compareEvents, copySlot, type DayCompared } from './events.ts';
import { remains, type StoppedNode } from './node.ts';
import { pagesOfStore } from './pages.ts';
import type { ProgressFile } from './progress-file.ts';
import { compareProducers, compareRecords, type Plan, type RecordsCompared } from './records.ts';
import { isEqual, type MoveReport } from './report.ts';
import type { Slot } from './slots.ts';
import { compareState, LEFT_BEHIND } from './tables.ts';
import type { Target } from './target.ts';

interface Sides {
  readonly node: StoppedNode;
  readonly target: Target;
  readonly plan: Plan;
  /** Given, slots that were just read are not read again, and what differs is copied once more. */
  readonly done?: ProgressFile;
}

export async function compareAll(directory: string, sides: Sides): Promise<MoveReport> {
  const { node, target, plan } = sides;
  const logs = { source: node.log, target: target.log };
  const records: RecordsCompared[] = [];
  for (const topic of plan) records.push(await compareRecords(logs, topic));
  const parts = {
    source: directory,
    target: target.name,
    tables: await compareState({ from: node.state, to: target.tables }),
    leftBehind: LEFT_BEHIND,
    days: await compareDays(sides),
    records,
    producers: await compareProducers(node.logPath, target.log),
    notes: remains(directory),
  };
  return { equal: isEqual(parts), ...parts };
}

async function compareDays({ node, target, done }: Sides): Promise<DayCompared[]> {
  const source = pagesOfStore(node.events);
  const bar = startProgress('events', await eventsIn(source));
  let events = 0;
  const onEvents = (count: number): void => bar.update((events += count));
  const copying = done && {
    known: ({ from, to, events: now }: Slot) => {
      const read = done.slot(from, to);
      return read?.cursor === null && read.events === now ? new Checksum(read.checksum, read.events) : undefined;
    },
    repair: async (slot: Slot) => await copySlot({ from: source, to: target.events, done, onEvents: () => undefined }, slot),
  };
  const days = await compareEvents({ source, target: pagesOfStore(target.events), onEvents, ...copying });
  bar.stop();
  const { events: stored } = await node.events.stats();
  const left = stored - days.reduce((sum, day) => sum + day.source.count, 0);
  // Read by no day: never equal, for nobody looked at them.
  if (left !== 0) days.push({ day: 'none', source: { count: left, checksum: '' }, target: { count: 0, checksum: '' }, equal: false });
  return days;
}
