/** The typed form of a Sigma filter (specification 2.1: Global Filter): one tuning for many rules. Plain data. */
import type { Place } from '../errors.ts';
import type { Condition, LogSource, NamedDetection } from '../model.ts';

export interface SigmaFilter {
  /** The filter's `id`; without one its file, with the number of the document where there are several. */
  readonly id: string;
  readonly title: string;
  readonly description?: string;
  readonly date?: string;
  readonly modified?: string;
  readonly taxonomy: string;
  readonly logsource: LogSource;
  /** Rules it is added to, by `id` or `name`; `any`: every rule its log source fits. */
  readonly rules: readonly RuleReference[] | 'any';
  /** Detections by name, in the order of the file. */
  readonly detections: readonly NamedDetection[];
  /** What an event must fulfil besides the rule's own condition. */
  readonly condition: Condition;
  readonly file: string;
  readonly line: number;
  /** The YAML text of the filter. */
  readonly source: string;
}

/** A rule named by a filter, and where. */
export interface RuleReference {
  readonly rule: string;
  readonly place: Place;
}
