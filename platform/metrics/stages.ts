/**
 * How long each stage of an event's way took, per agency, over the last five minutes. Log-scaled buckets (8 per doubling, so a
 * percentile is within 9 %), one ring of one-minute histograms per stage and agency: bounded memory, no sample kept.
 */
import type { Clock } from '../clock/index.ts';

/** happened→collected, collected→received, received→detected, received→indexed, detected→alerted, alerted→shown, received→shown. */
export const STAGES = ['collect', 'receive', 'detect', 'index', 'alert', 'show', 'total'] as const;
export type Stage = (typeof STAGES)[number];

export interface StageSummary {
  readonly stage: Stage;
  readonly agency: string;
  readonly count: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Counts by bucket, as sent between threads: [stage, agency, [bucket, count]…]. */
export type StageDelta = readonly (readonly [Stage, string, readonly (readonly [number, number])[]])[];

const BUCKETS_PER_DOUBLING = 8;
const BUCKETS = 32 * BUCKETS_PER_DOUBLING;
const MINUTES = 5;
/** More agencies than this share the name `other`, so that one sender cannot grow the table. */
const MAX_AGENCIES = 5000;

interface Ring {
  readonly stage: Stage;
  readonly agency: string;
  readonly minutes: Uint32Array[];
  readonly stamps: number[];
}

interface Entry {
  readonly stage: Stage;
  readonly agency: string;
  readonly bucket: number;
  readonly count: number;
}

interface Pending {
  readonly stage: Stage;
  readonly agency: string;
  readonly counts: Map<number, number>;
}

export class StageLatencies {
  readonly #clock: Clock;
  readonly #rings = new Map<string, Ring>();
  readonly #pending = new Map<string, Pending>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Negative times (a source's clock ahead of ours) count as zero. */
  record(stage: Stage, agency: string, ms: number): void {
    const entry = { stage, agency, bucket: bucketOf(ms), count: 1 };
    this.#add(entry);
    this.#note(entry);
  }

  /** What was recorded since the last call, for `merge` on another thread. */
  takeDelta(): StageDelta {
    const delta = [...this.#pending.values()].map(({ stage, agency, counts }) => [stage, agency, [...counts]] as const);
    this.#pending.clear();
    return delta;
  }

  /** Takes in what was recorded elsewhere; with `pass` it is part of the next `takeDelta` here as well. */
  merge(delta: StageDelta, { pass = false }: { readonly pass?: boolean } = {}): void {
    for (const [stage, agency, counts] of delta)
      for (const [bucket, count] of counts) {
        this.#add({ stage, agency, bucket, count });
        if (pass) this.#note({ stage, agency, bucket, count });
      }
  }

  /** Percentiles per stage over the agencies for which `visible` holds, together (agency `*`) and one by one. */
  summary(visible: (agency: string) => boolean): StageSummary[] {
    const oldest = this.#minute() - MINUTES;
    const totals = new Map<Stage, Uint32Array>();
    const single: StageSummary[] = [];
    for (const ring of this.#rings.values()) {
      if (!visible(ring.agency)) continue;
      const sum = new Uint32Array(BUCKETS);
      ring.minutes.forEach((minute, i) => (ring.stamps[i] ?? 0) > oldest && addInto(sum, minute));
      let total = totals.get(ring.stage);
      if (total === undefined) totals.set(ring.stage, (total = new Uint32Array(BUCKETS)));
      addInto(total, sum);
      single.push(summarise(ring.stage, ring.agency, sum));
    }
    const together = [...totals].map(([stage, sum]) => summarise(stage, '*', sum));
    return [...together, ...single].filter((row) => row.count > 0);
  }

  #note({ stage, agency, bucket, count }: Entry): void {
    const key = `${stage}\0${agency}`;
    let pending = this.#pending.get(key);
    if (pending === undefined) this.#pending.set(key, (pending = { stage, agency, counts: new Map() }));
    pending.counts.set(bucket, (pending.counts.get(bucket) ?? 0) + count);
  }

  #minute(): number {
    return Math.floor(this.#clock.now() / 60_000);
  }

  #add(entry: Entry): void {
    const agency = this.#rings.size > MAX_AGENCIES * STAGES.length ? 'other' : entry.agency;
    const key = `${entry.stage}\0${agency}`;
    let ring = this.#rings.get(key);
    if (ring === undefined) {
      ring = { stage: entry.stage, agency, minutes: [], stamps: [] };
      this.#rings.set(key, ring);
    }
    const minute = this.#minute();
    const slot = minute % MINUTES;
    if (ring.stamps[slot] !== minute) {
      ring.stamps[slot] = minute;
      ring.minutes[slot] = new Uint32Array(BUCKETS);
    }
    const counts = ring.minutes[slot];
    if (counts !== undefined) counts[entry.bucket] = (counts[entry.bucket] ?? 0) + entry.count;
  }
}

function bucketOf(ms: number): number {
  return ms <= 0 ? 0 : Math.min(BUCKETS - 1, Math.ceil(Math.log2(ms + 1) * BUCKETS_PER_DOUBLING));
}

function valueOf(bucket: number): number {
  return Math.round((2 ** (bucket / BUCKETS_PER_DOUBLING) - 1) * 10) / 10;
}

function addInto(sum: Uint32Array, counts: Uint32Array): void {
  for (let i = 0; i < BUCKETS; i++) sum[i] = (sum[i] ?? 0) + (counts[i] ?? 0);
}

function summarise(stage: Stage, agency: string, counts: Uint32Array): StageSummary {
  const count = counts.reduce((a, b) => a + b, 0);
  const at = (share: number): number => {
    let left = Math.ceil(count * share);
    for (let i = 0; i < BUCKETS; i++) if ((left -= counts[i] ?? 0) <= 0) return valueOf(i);
    return valueOf(BUCKETS - 1);
  };
  return { stage, agency, count, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
