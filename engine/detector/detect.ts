/**
 * The detector's work on one batch of one partition: events in, signals out. **A signal's id depends only on event and rule**, so
 * detecting a batch again after a crash gives the same signals, and the alerter drops what it has.
 */
import { stableId } from '@vong/platform/ids';
import type { EcsEvent } from '@vong/platform/events';
import type { LogRecord, StoredRecord } from '@vong/platform/log';
import type { StageLatencies } from '@vong/platform/metrics';
import type { Severity, Signal } from '../contracts.ts';
import type { RuleCosts } from './messages.ts';
import { type EventTimes, type IncomingEvent, readEvent } from './read-event.ts';

/** What the detector needs of a compiled rule set. */
export interface Matcher {
  match(event: IncomingEvent): readonly { readonly rule: MatchedRule }[];
  /** What rules cost since the last call. */
  takeCosts?(): RuleCosts;
  /** What the signal of a rule carries for correlations. */
  correlated?(ruleId: string, event: EcsEvent): Signal['correlated'];
}

export interface MatchedRule {
  readonly id: string;
  readonly title: string;
  readonly level: Severity;
  readonly version: string;
  readonly tags: readonly string[];
}

export interface Detected {
  readonly signals: LogRecord[];
  /** Rule and agency of each signal. */
  readonly matches: readonly (readonly [rule: string, agency: string])[];
  /** Records that were not events (a bug elsewhere): skipped, counted. */
  readonly unreadable: number;
}

const encoder = new TextEncoder();

export interface DetectOptions {
  readonly matcher: Matcher;
  readonly now: () => number;
  readonly stages?: StageLatencies;
}

/** Detects over the records, in order. */
export function detect(records: readonly StoredRecord[], options: DetectOptions): Detected {
  const signals: LogRecord[] = [];
  const matches: [string, string][] = [];
  let unreadable = 0;
  for (const record of records) {
    const event = readEvent(record.value);
    if (event === undefined) {
      unreadable++;
      continue;
    }
    const { agency, times } = event;
    const now = options.now();
    if (options.stages !== undefined) recordStages(options.stages, { agency, times, now });
    for (const { rule } of options.matcher.match(event)) {
      matches.push([rule.id, agency]);
      const correlated = options.matcher.correlated?.(rule.id, event.event);
      const signal = { ...toSignal(event.event, rule, { ...times, detected: now }), ...(correlated === undefined ? {} : { correlated }) };
      // What may be correlated stays in the order in which it was detected: one partition for each agency.
      const key = correlated === undefined ? signal.group : signal.agency;
      signals.push({ key, value: encoder.encode(JSON.stringify(signal)) });
    }
  }
  return { signals, matches, unreadable };
}

function recordStages(stages: StageLatencies, seen: { agency: string; times: EventTimes; now: number }): void {
  stages.record('collect', seen.agency, seen.times.collected - seen.times.happened);
  stages.record('receive', seen.agency, seen.times.received - seen.times.collected);
  stages.record('detect', seen.agency, seen.now - seen.times.received);
}

function toSignal(event: EcsEvent, rule: MatchedRule, times: EventTimes & { detected: number }): Signal {
  const agency = event.organization.id;
  const host = event.host?.name ?? '';
  const user = event.user?.name ?? '';
  return {
    id: stableId(event.event.id, rule.id),
    rule: { id: rule.id, title: rule.title, level: rule.level, version: rule.version, tags: [...rule.tags] },
    group: stableId(rule.id, agency, host, user),
    agency,
    host,
    user,
    event: { id: event.event.id, happened: times.happened, collected: times.collected, received: times.received },
    detected: times.detected,
  };
}
