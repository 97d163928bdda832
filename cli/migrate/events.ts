/** Events into the cluster's store, each by its id: one that is there already stays as it is. */
import type { EcsEvent, EventStore } from '@vong/platform/events';
import { Checksum } from '@vong/platform/state';
import { Batches } from './batches.ts';
import type { EventPages } from './pages.ts';
import { inParallel } from './parallel.ts';
import type { ProgressFile } from './progress-file.ts';
import { dayOf, slotsOf, type Slot } from './slots.ts';

/** Slots compared at the same time. */
const AT_ONCE = 4;

export interface EventCopy {
  readonly from: EventPages;
  readonly to: Pick<EventStore, 'append'>;
  readonly done: ProgressFile;
  readonly onEvents: (count: number) => void;
  /** Stored together; default 5,000. */
  readonly batchEvents?: number;
}

/** Reads every slot that has not been read, or has not as many events as when it was. How many events it read. */
export async function copyEvents(copy: EventCopy): Promise<number> {
  const batches = batchesOf(copy);
  let read = 0;
  for await (const slot of slotsOf(copy.from)) {
    const known = copy.done.slot(slot.from, slot.to);
    if (known?.cursor === null && known.events === slot.events) copy.onEvents(slot.events);
    else read += await readSlot(copy, slot, batches);
  }
  await batches.end();
  return read;
}

/** One slot alone. */
export async function copySlot(copy: EventCopy, slot: Slot): Promise<void> {
  const batches = batchesOf(copy);
  await readSlot(copy, slot, batches);
  await batches.end();
}

function batchesOf({ to, done, batchEvents }: EventCopy): Batches {
  return new Batches({ to, note: (marks) => done.together(marks), events: batchEvents });
}

/** From where it was broken off; from its beginning when it had been read to the end. */
async function readSlot({ from, done, onEvents }: EventCopy, slot: Slot, batches: Batches): Promise<number> {
  const known = done.slot(slot.from, slot.to);
  const begun = known === undefined || known.cursor === null ? undefined : known;
  const sum = new Checksum(begun?.checksum, begun?.events);
  let read = 0;
  onEvents(sum.count);
  for (let page = from.page(slot, begun?.cursor ?? undefined); ;) {
    const { items, next } = await page;
    // The next page is read while this one is written.
    const ahead = next === undefined ? undefined : from.page(slot, next);
    ahead?.catch(() => undefined);
    let bytes = 0;
    for (const event of items) {
      const text = eventText(event);
      bytes += text.length;
      sum.add(text);
    }
    read += items.length;
    const place = { events: sum.count, checksum: sum.text, cursor: next ?? null };
    const mark = (): void => {
      done.save(slot.from, slot.to, place);
      onEvents(items.length);
    };
    await batches.add(items, { bytes, mark });
    if (ahead === undefined) return read;
    page = ahead;
  }
}

export interface DayCompared {
  /** `2026-11-22`, of `@timestamp`. */
  readonly day: string;
  /** Events, and the sum over their contents. */
  readonly source: { readonly count: number; readonly checksum: string };
  readonly target: { readonly count: number; readonly checksum: string };
  readonly equal: boolean;
}

export interface Comparison {
  readonly source: EventPages;
  readonly target: EventPages;
  /** What is known of a slot of the source without reading it again. */
  readonly known?: (slot: Slot) => Checksum | undefined;
  /** Called for a slot that differs; it is compared once more afterwards. */
  readonly repair?: (slot: Slot) => Promise<void>;
  readonly onEvents: (count: number) => void;
}

/** Every event of both stores, by day: how many, and a sum over their contents. */
export async function compareEvents(comparison: Comparison): Promise<DayCompared[]> {
  const { source, target, known, repair, onEvents } = comparison;
  const days = new Map<string, { source: Checksum; target: Checksum }>();
  await inParallel(slotsOf(source), AT_ONCE, async (slot) => {
    const read = known?.(slot);
    let ofSource = read ?? (await sumOf(source, slot));
    let ofTarget = await sumOf(target, slot);
    if (repair !== undefined && !equal(ofSource, ofTarget)) {
      await repair(slot);
      [ofSource, ofTarget] = [await sumOf(source, slot), await sumOf(target, slot)];
    }
    const day = dayIn(days, dayOf(slot));
    day.source.join(ofSource);
    day.target.join(ofTarget);
    onEvents(slot.events);
  });
  // What only the cluster has.
  for await (const slot of slotsOf(target)) {
    const day = dayIn(days, dayOf(slot));
    if (day.source.count === 0) day.target.join(await sumOf(target, slot));
  }
  return [...days]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([day, sums]) => ({
      day,
      source: plain(sums.source),
      target: plain(sums.target),
      equal: equal(sums.source, sums.target),
    }));
}

async function sumOf(pages: EventPages, slot: Slot): Promise<Checksum> {
  const sum = new Checksum();
  for (let cursor: string | undefined; ;) {
    const { items, next } = await pages.page(slot, cursor);
    for (const event of items) sum.add(eventText(event));
    if (next === undefined) return sum;
    cursor = next;
  }
}

function dayIn(days: Map<string, { source: Checksum; target: Checksum }>, day: string) {
  const known = days.get(day) ?? { source: new Checksum(), target: new Checksum() };
  days.set(day, known);
  return known;
}

function equal(left: Checksum, right: Checksum): boolean {
  return left.count === right.count && left.text === right.text;
}

function plain(sum: Checksum): DayCompared['source'] {
  return { count: sum.count, checksum: sum.text };
}

/** The same for events that hold the same: names in order, texts as both stores keep them. */
function eventText(event: EcsEvent): string {
  return JSON.stringify(event, (_name, value: unknown) => {
    if (typeof value === 'string') return value.toWellFormed();
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
  });
}
