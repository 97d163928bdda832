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
/** Most intervals of one histogram. */
const DAYS_AT_ONCE = 1000;
const FINER = new Map([
  [DAY_MS, HOUR_MS],
  [HOUR_MS, MINUTE_MS],
]);

/** Days, hours or minutes that hold events, in order. */
export async function* slotsOf(pages: EventPages, most = SLOT_EVENTS): AsyncGenerator<Slot> {
  const edges = await pages.edges();
  if (edges === undefined) return;
  const end = (Math.floor(edges.last / DAY_MS) + 1) * DAY_MS;
  const step = DAYS_AT_ONCE * DAY_MS;
  for (let from = Math.floor(edges.first / DAY_MS) * DAY_MS; from < end; from += step) {
    for (const day of await cut(pages, { from, to: Math.min(end, from + step) }, DAY_MS))
      yield* refined(pages, day, { width: DAY_MS, most });
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
