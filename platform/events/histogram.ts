import { DAY_MS } from './bounds.ts';
import type { Histogram, TimeRange } from './contract.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Widths that people read at a glance, ms. */
const WIDTHS = [
  ...[1, 5, 10, 50, 100, 500].map((each) => each),
  ...[1, 5, 10, 30].map((each) => each * SECOND),
  ...[1, 5, 10, 30].map((each) => each * MINUTE),
  ...[1, 3, 6, 12].map((each) => each * HOUR),
  ...[1, 7, 30, 90, 365].map((each) => each * DAY_MS),
];
const DEFAULT_BUCKETS = 60;
const MAX_BUCKETS = 1000;

/** The smallest readable width that cuts the range into at most `buckets` (default 60, at most 1,000) whole intervals. */
export function intervalFor(range: TimeRange, buckets = DEFAULT_BUCKETS): number {
  const wanted = (range.to - range.from) / Math.min(MAX_BUCKETS, Math.max(1, buckets));
  const widest = WIDTHS.at(-1) ?? DAY_MS;
  return WIDTHS.find((width) => width >= wanted) ?? Math.ceil(wanted / widest) * widest;
}

/** Fills the gaps: every interval that touches the range has its bucket. */
export function histogramOf(range: TimeRange, intervalMs: number, counts: readonly (readonly [number, number])[]): Histogram {
  const byStart = new Map(counts);
  const buckets: { from: number; count: number }[] = [];
  let total = 0;
  for (let from = Math.floor(range.from / intervalMs) * intervalMs; from < range.to; from += intervalMs) {
    const count = byStart.get(from) ?? 0;
    total += count;
    buckets.push({ from, count });
  }
  return { intervalMs, total, buckets };
}
