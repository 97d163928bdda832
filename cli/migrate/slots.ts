/** Cuts the time of a store into pieces that are read, remembered and compared one by one. */
import type { TimeRange } from '@vong/platform/events';
import type { EventPages } from './pages.ts';

export interface Slot extends TimeRange {
  /** In it when it was looked at; at least one. */
  readonly events: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
/** A slot with more is cut: late events, and what comes while a day goes on, make only their own slot be read again. */
const SLOT_EVENTS = 100_000;
/** Days counted at once: few where events are many, so that the count ends in the time a query has; more across years without any. */
const DAYS = { few: 50, most: 1000 };
const FINER = new Map([
  [DAY_MS, HOUR_MS],
  [HOUR_MS, MINUTE_MS],
]);

/** Days, hours or minutes that hold events, in order. */
export async function* slotsOf(pages: EventPages, most = SLOT_EVENTS): AsyncGenerator<Slot> {
  const edges = await pages.edges();
  if (edges === undefined) return;
  const end = (Math.floor(edges.last / DAY_MS) + 1) * DAY_MS;
  let days = DAYS.few;
  for (let from = Math.floor(edges.first / DAY_MS) * DAY_MS; from < end;) {
    const to = Math.min(end, from + days * DAY_MS);
    const found = await cut(pages, { from, to }, DAY_MS);
    for (const day of found) yield* refined(pages, day, { width: DAY_MS, most });
    days = found.length > 0 ? DAYS.few : Math.min(DAYS.most, days * 2);
    from = to;
  }
}

async function* refined(pages: EventPages, slot: Slot, { width, most }: { width: number; most: number }): AsyncGenerator<Slot> {
  const finer = FINER.get(width);
  if (finer === undefined || slot.events <= most) yield slot;
  else for (const part of await cut(pages, slot, finer)) yield* refined(pages, part, { width: finer, most });
}

async function cut(pages: EventPages, range: TimeRange, width: number): Promise<Slot[]> {
  const { buckets, intervalMs } = await pages.histogram(range, Math.ceil((range.to - range.from) / width));
  if (intervalMs !== width) throw new Error(`the store counts in intervals of ${intervalMs} ms instead of ${width} ms`);
  return buckets.filter(({ count }) => count > 0).map(({ from, count }) => ({ from, to: from + width, events: count }));
}

/** The day of a slot, `2026-11-22`. */
export function dayOf({ from }: Pick<TimeRange, 'from'>): string {
  return new Date(from).toISOString().slice(0, -14);
}
