/** Counts events in equal steps of time. Pure. */
export interface Bucket {
  readonly x: number;
  readonly own: number;
  readonly other: number;
}

const STEPS_MS = [1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 300_000, 900_000, 3_600_000];
const MAX_BUCKETS = 60;

interface Moment {
  readonly at: number;
  /** Of the alert itself. */
  readonly own: boolean;
}

/** Covers the span (or more, if events lie outside of it) without gaps, in about 60 steps. */
export function countByTime(times: readonly Moment[], span: readonly [number, number]): { step: number; buckets: Bucket[] } {
  const from = times.reduce((least, { at }) => Math.min(least, at), span[0]);
  const to = times.reduce((most, { at }) => Math.max(most, at), span[1]);
  const step = STEPS_MS.find((one) => (to - from) / one < MAX_BUCKETS) ?? Math.ceil((to - from) / MAX_BUCKETS);
  const start = Math.floor(from / step) * step;
  const buckets = Array.from({ length: Math.floor((to - start) / step) + 1 }, (_, at) => ({ x: start + at * step, own: 0, other: 0 }));
  for (const { at, own } of times) {
    const bucket = buckets[Math.floor((at - start) / step)];
    if (bucket) bucket[own ? 'own' : 'other'] += 1;
  }
  return { step, buckets };
}
