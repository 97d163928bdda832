/** What a correlator costs with very many live groups; called by the benchmark command, never by tests. */
import { compileCorrelations, parseSigma } from '../index.ts';

export interface CorrelationBench {
  readonly groups: number;
  readonly events: number;
  /** One event for each new group, then one more for each in random order. */
  readonly events_per_s: number;
  readonly new_groups_per_s: number;
  readonly known_groups_per_s: number;
  readonly matches: number;
  /** Slowest of all single events, milliseconds. */
  readonly slowest_ms: number;
  /** Resident memory of the process with all groups, and what of it they take. */
  readonly rss_mb: number;
  readonly groups_mb: number;
  /** Storing what one thousand events changed, and taking everything back. */
  readonly changes_ms: number;
  readonly restore_s: number;
}

const RULE = `title: Failed logon
id: failed
logsource: {product: windows, service: security}
detection: {selection: {EventID: 4625}, condition: selection}
---
title: Many failed logons
id: many
correlation:
  type: event_count
  rules: [failed]
  group-by: [TargetUserName, IpAddress]
  timespan: 1h
  condition: {gte: 3}`;

/** `memory` gives resident bytes. */
export function benchCorrelation({ groups, memory }: { groups: number; memory: () => number }): CorrelationBench {
  const make = () => {
    const { rules, correlations } = parseSigma(RULE, 'bench.yml');
    return compileCorrelations(correlations, { rules, limits: { groups, events: 4 * groups } }).correlator;
  };
  const before = memory();
  const correlator = make();
  let [matches, slowest, serial] = [0, 0, 0];
  const push = (group: number, time: number): void => {
    const id = `${serial++}`.padStart(22, 'x');
    const fields = {
      TargetUserName: `user${group % 50_000}@agency.example`,
      IpAddress: `10.${group >> 16}.${(group >> 8) & 255}.${group & 255}`,
    };
    const start = performance.now();
    matches += correlator.push({ rule: 'failed', id, time, fields }).length;
    slowest = Math.max(slowest, performance.now() - start);
  };
  const first = timed(() => {
    for (let group = 0; group < groups; group++) push(group, group);
  });
  const second = timed(() => {
    for (let i = 0; i < groups; i++) push((i * 7_919 + 13) % groups, groups + i);
  });
  const rss = memory();
  const parts = correlator
    .changes()
    .flatMap(({ correlation, group, part, state }) =>
      group === null || part === null || state === null ? [] : [{ correlation, group, part, state }],
    );
  for (let i = 0; i < 1000; i++) push((i * 997) % groups, 2 * groups + i);
  const changes = timed(() => void correlator.changes());
  const again = make();
  const restore = timed(() => again.restore(parts));
  return {
    groups: correlator.stats()[0]?.groups ?? 0,
    events: 2 * groups,
    events_per_s: Math.round((2 * groups) / (first + second)),
    new_groups_per_s: Math.round(groups / first),
    known_groups_per_s: Math.round(groups / second),
    matches,
    slowest_ms: round(slowest),
    rss_mb: Math.round(rss / 1e6),
    groups_mb: Math.round((rss - before) / 1e6),
    changes_ms: round(changes * 1000),
    restore_s: round(restore),
  };
}

/** Seconds. */
function timed(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
