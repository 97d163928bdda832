/** What the numbers of the pipeline mean, in findings a page can say in words. Pure. */
import type { PipelineStatus } from '@vong/engine/contracts';

export const STAGES = ['collect', 'receive', 'detect', 'index', 'alert', 'show', 'total'] as const;
export type Stage = (typeof STAGES)[number];
export const GROUPS = ['detector', 'indexer', 'alerter'] as const;
export type Group = (typeof GROUPS)[number];

/** The 95th percentile a stage should stay below, milliseconds. Collecting and sending depend on the agents' own intervals. */
export const TARGET_MS: Readonly<Record<Stage, number>> = {
  collect: 10_000,
  receive: 5000,
  detect: 1000,
  index: 5000,
  alert: 1000,
  show: 2000,
  total: 3000,
};

/** Records a consumer takes up in a moment; more than this for several seconds is a queue. */
export const LAG_RECORDS = 2000;

export interface Sample {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly eventsPerSecond: number;
  readonly lag: Readonly<Record<string, number>>;
}

export type Finding =
  | { readonly kind: 'fine' }
  | { readonly kind: 'quiet' }
  | { readonly kind: 'no-rules' }
  | { readonly kind: 'slow'; readonly stage: Stage; readonly p95: number; readonly target: number }
  /** `agency` has this stage slow while all together do not. */
  | { readonly kind: 'agency'; readonly stage: Stage; readonly agency: string; readonly p95: number; readonly target: number }
  /** `left`: milliseconds until it is through at this pace; undefined when it is not getting shorter. */
  | { readonly kind: 'queue'; readonly group: Group; readonly records: number; readonly left: number | undefined };

const KEEP_MS = 300_000;

/** The samples of the last five minutes with this one; the same moment is not kept twice. */
export function remembered(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  if (samples.at(-1)?.at === sample.at) return samples;
  return [...samples.filter(({ at }) => at > sample.at - KEEP_MS && at < sample.at), sample];
}

export function sampleOf(status: PipelineStatus, at: number): Sample {
  return { at, eventsPerSecond: status.eventsPerSecond, lag: Object.fromEntries(status.lag.map(({ group, records }) => [group, records])) };
}

const TREND_MS = 20_000;

/** Records per second by which the queue of a group grows; negative when it gets shorter; undefined when it is not known yet. */
export function trend(samples: readonly Sample[], group: string): number | undefined {
  const last = samples.at(-1);
  const first = last && samples.find(({ at }) => at >= last.at - TREND_MS);
  if (!last || !first || last.at - first.at < 4000) return undefined;
  return (((last.lag[group] ?? 0) - (first.lag[group] ?? 0)) / (last.at - first.at)) * 1000;
}

export function timeLeft(records: number, perSecond: number | undefined): number | undefined {
  return perSecond === undefined || perSecond >= -0.5 ? undefined : (records / -perSecond) * 1000;
}

const MOST = 3;

/** What stands out, the cause before its consequences; `fine` or `quiet` when nothing does. */
export function findings(status: PipelineStatus, samples: readonly Sample[]): Finding[] {
  const found: Finding[] = [];
  if (status.rules === 0) found.push({ kind: 'no-rules' });
  for (const group of GROUPS) {
    const records = status.lag.find((one) => one.group === group)?.records ?? 0;
    if (records > LAG_RECORDS) found.push({ kind: 'queue', group, records, left: timeLeft(records, trend(samples, group)) });
  }
  for (const stage of STAGES) {
    const all = status.stages.find((row) => row.stage === stage && row.agency === '*');
    if (all && isSlow(stage, all.p95)) found.push({ kind: 'slow', stage, p95: all.p95, target: TARGET_MS[stage] });
    else found.push(...slowAgencies(status, stage));
  }
  if (found.length > 0) return found;
  return [{ kind: status.eventsPerSecond === 0 ? 'quiet' : 'fine' }];
}

function slowAgencies(status: PipelineStatus, stage: Stage): Finding[] {
  return status.stages
    .filter((row) => row.stage === stage && row.agency !== '*' && isSlow(stage, row.p95))
    .sort((a, b) => b.p95 - a.p95)
    .slice(0, MOST)
    .map(({ agency, p95 }) => ({ kind: 'agency', stage, agency, p95, target: TARGET_MS[stage] }));
}

export function isSlow(stage: Stage, ms: number): boolean {
  return ms > TARGET_MS[stage];
}

const SLOWEST_MS = 100_000;

/** Where a delay stands between 1 ms (0) and 100 s (1), by powers of ten. */
export function onScale(ms: number): number {
  return Math.min(1, Math.max(0, Math.log10(Math.max(1, ms)) / Math.log10(SLOWEST_MS)));
}

export interface AgencyRow {
  readonly agency: string;
  readonly events: number;
  readonly stages: Readonly<Partial<Record<Stage, PipelineStatus['stages'][number]>>>;
}

/** One row for each agency, the one furthest beyond its targets first, then by name. */
export function agencyRows(status: PipelineStatus): AgencyRow[] {
  const byAgency = Map.groupBy(
    status.stages.filter(({ agency }) => agency !== '*'),
    ({ agency }) => agency,
  );
  const rows = [...byAgency].map(([agency, list]) => ({
    agency,
    events: list.reduce((most, { count }) => Math.max(most, count), 0),
    stages: Object.fromEntries(list.map((row) => [row.stage, row])),
  }));
  return rows.sort((a, b) => excess(b) - excess(a) || (a.agency < b.agency ? -1 : 1));
}

/** How many times over its target the worst stage is; 0 when all are within. */
function excess({ stages }: AgencyRow): number {
  return STAGES.reduce((most, stage) => {
    const p95 = stages[stage]?.p95 ?? 0;
    return isSlow(stage, p95) ? Math.max(most, p95 / TARGET_MS[stage]) : most;
  }, 0);
}
