/** What the main thread and a detector's worker thread tell each other. */
import type { GroupRequest, LogSource } from '@vong/platform/log';
import type { StageDelta } from '@vong/platform/metrics';

/** One enabled rule, as stored in the rulebook. */
export interface RuleText {
  readonly id: string;
  readonly file: string;
  readonly version: string;
  readonly yaml: string;
  /** What was parsed of the YAML, as `encodeParsed` writes it; with it nothing is parsed again. */
  readonly parsed?: string;
}

/** Values for `|expand`, by the placeholder's name. */
export type PlaceholderValues = Readonly<Record<string, readonly string[]>>;

/** Which values the rules see in the events of an agency. An agency that is not named has those of `sets[0]`. */
export interface AgencyValues {
  readonly sets: readonly PlaceholderValues[];
  /** Agency to its place in `sets`. */
  readonly agencies: Readonly<Record<string, number>>;
}

export interface DetectorSettings {
  readonly log: LogSource;
  /** Of the partitions of `events`, among the threads of this process. */
  readonly share: NonNullable<GroupRequest['share']>;
  /** Text of each pipeline that says what events look like. */
  readonly pipelines: readonly string[];
}

/** One processing pipeline as its file holds it. */
export interface PipelineText {
  readonly file: string;
  readonly text: string;
}

/** What differs from the generation sent before; a generation may come in several parts, and is used once its last one is there. */
export interface RulesChange {
  readonly generation: number;
  readonly changed: readonly RuleText[];
  readonly removed: readonly string[];
  readonly values: AgencyValues;
  /** Processing pipelines of the administrator, where they are others than before. */
  readonly processing?: readonly PipelineText[];
  readonly last: boolean;
}

export type ToDetector = ({ readonly kind: 'rules' } & RulesChange) | { readonly kind: 'stop' };

export type FromDetector =
  | ({ readonly kind: 'loaded' } & ThreadLoaded)
  | { readonly kind: 'fault'; readonly rule: string; readonly version: string; readonly reason: string }
  | { readonly kind: 'stats'; readonly stats: DetectorStats }
  | { readonly kind: 'failed'; readonly generation: number; readonly reason: string }
  | { readonly kind: 'stopped' };

/** A thread uses a generation from its next batch on. */
export interface ThreadLoaded {
  readonly generation: number;
  /** Milliseconds since the epoch: no batch that was begun later sees an older generation. */
  readonly at: number;
  /** Rules taken, those without a log source included. */
  readonly rules: number;
  /** Ids of rules whose log source no pipeline knows: they never match. */
  readonly withoutLogsource: readonly string[];
  readonly failed: readonly FailedRule[];
  /** Milliseconds it took to compile. */
  readonly ms: number;
}

/** Every thread uses the generation. */
export interface RulesLoaded extends ThreadLoaded {
  /** The rules of the generation: id to version. */
  readonly versions: ReadonlyMap<string, string>;
  /** The processing pipelines that changed them. */
  readonly processing: readonly PipelineText[];
}

export interface FailedRule {
  readonly id: string;
  readonly file: string;
  readonly code: string;
  readonly reason: string;
  readonly line?: number;
  readonly column?: number;
}

/** Measured on a sample of events. */
export interface RuleCosts {
  /** Events measured. */
  readonly events: number;
  /** Rule and the milliseconds it took on them in all. */
  readonly rules: readonly (readonly [string, number])[];
}

/** Since the last report. */
export interface DetectorStats {
  readonly events: number;
  readonly signals: number;
  readonly unreadable: number;
  /** Milliseconds spent matching. */
  readonly busyMs: number;
  /** Rule, agency, matches. */
  readonly matches: readonly (readonly [string, string, number])[];
  readonly costs: RuleCosts;
  readonly stages: StageDelta;
}
