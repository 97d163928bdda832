/** Counts events in equal steps of time. Pure. */
export interface Bucket {
  readonly x: number;
  readonly own: number;
  readonly other: number;
}

const STEPS_MS = [1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 300_000, 900_000, 3_600_000];
const MAX_BUCKETS = 60;

/** `own` events are those of the alert. Covers from the first to the last event without gaps, at most 60 steps. */
export function countByTime(times: readonly { readonly at: number; readonly own: boolean }[]): { step: number; buckets: Bucket[] } {
  if (times.length === 0) return { step: 1000, buckets: [] };
  const from = times.reduce((least, { at }) => Math.min(least, at), Infinity);
  const to = times.reduce((most, { at }) => Math.max(most, at), -Infinity);
  const step = STEPS_MS.find((one) => (to - from) / one < MAX_BUCKETS) ?? Math.ceil((to - from) / MAX_BUCKETS);
  const start = Math.floor(from / step) * step;
  const buckets = Array.from({ length: Math.floor((to - start) / step) + 1 }, (_, at) => ({ x: start + at * step, own: 0, other: 0 }));
  for (const { at, own } of times) {
    const bucket = buckets[Math.floor((at - start) / step)];
    if (bucket) bucket[own ? 'own' : 'other'] += 1;
  }
  return { step, buckets };
}
