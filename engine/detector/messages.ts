/** What the main thread and a detector's worker thread tell each other. */
import type { TopicConfig } from '@vong/platform/log';
import type { StageDelta } from '@vong/platform/metrics';

/** One enabled rule, as stored in the rulebook. */
export interface RuleText {
  readonly id: string;
  readonly file: string;
  readonly version: string;
  readonly yaml: string;
}

export interface DetectorSettings {
  readonly logPath: string;
  readonly topics: readonly TopicConfig[];
  /** Partitions of `events` this worker reads. */
  readonly partitions: readonly number[];
  /** Text of each processing pipeline. */
  readonly pipelines: readonly string[];
}

export type ToDetector =
  | { readonly kind: 'rules'; readonly generation: number; readonly rules: readonly RuleText[] }
  | { readonly kind: 'stop' };

export type FromDetector =
  | ({ readonly kind: 'loaded'; readonly generation: number } & RulesLoaded)
  | { readonly kind: 'fault'; readonly rule: string; readonly reason: string }
  | { readonly kind: 'stats'; readonly stats: DetectorStats }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'stopped' };

export interface RulesLoaded {
  /** Rules taken, those without a log source included. */
  readonly rules: number;
  /** Ids of rules whose log source no pipeline knows: they never match. */
  readonly withoutLogsource: readonly string[];
  readonly failed: readonly FailedRule[];
  readonly ms: number;
}

export interface FailedRule {
  readonly id: string;
  readonly file: string;
  readonly code: string;
  readonly reason: string;
  readonly line?: number;
  readonly column?: number;
}

/** Since the last report. */
export interface DetectorStats {
  readonly events: number;
  readonly signals: number;
  readonly unreadable: number;
  /** Milliseconds spent matching. */
  readonly busyMs: number;
  readonly matches: readonly (readonly [string, number])[];
  readonly stages: StageDelta;
}
