/** The typed form of a Sigma correlation (specification 2.1: Sigma Correlation Rules). Plain data. */
import type { Place } from '../errors.ts';
import type { Condition, Level, Status } from '../model.ts';

export type CorrelationType =
  | 'event_count'
  | 'value_count'
  | 'temporal'
  | 'temporal_ordered'
  | 'value_sum'
  | 'value_avg'
  | 'value_percentile';
export const CORRELATION_TYPES: readonly CorrelationType[] = [
  'event_count',
  'value_count',
  'temporal',
  'temporal_ordered',
  'value_sum',
  'value_avg',
  'value_percentile',
];

export type Operator = 'gt' | 'gte' | 'lt' | 'lte' | 'eq' | 'neq';
export const OPERATORS: readonly Operator[] = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'];

/** One comparison; all of a condition's must hold. */
export interface Criterion {
  readonly operator: Operator;
  readonly value: number;
}

export interface CorrelationCondition {
  readonly criteria: readonly Criterion[];
  /** Fields whose values are counted or summed; several stand for their combination. */
  readonly fields: readonly string[];
  /** `value_percentile`: which percentile of the values, 0 to 100. */
  readonly percentile?: number;
  /** `temporal` with a condition over the names of its rules instead of a count of them. */
  readonly expression?: Condition;
  /** The expression as written. */
  readonly text?: string;
}

/** A rule or correlation named by another document, and where. */
export interface CorrelationReference {
  readonly rule: string;
  readonly place: Place;
}

/** A field name that stands for different fields in the events of different rules. */
export interface CorrelationAlias {
  readonly name: string;
  readonly fields: readonly { readonly rule: string; readonly field: string; readonly place: Place }[];
}

export interface SigmaCorrelation {
  /** The `id`; without one the `name`, else the file with the number of the document in it. */
  readonly id: string;
  readonly title: string;
  readonly name?: string;
  readonly taxonomy: string;
  /** `experimental` where the correlation says nothing. */
  readonly status: Status;
  /** Where the correlation says nothing: the highest level of the rules it refers to. */
  readonly level?: Level;
  readonly description?: string;
  readonly author?: string;
  readonly date?: string;
  readonly modified?: string;
  readonly references: readonly string[];
  readonly tags: readonly string[];
  readonly falsepositives: readonly string[];
  readonly type: CorrelationType;
  /** In the order of the file, which `temporal_ordered` asks for. */
  readonly rules: readonly CorrelationReference[];
  /** Empty: one group for everything. */
  readonly groupBy: readonly string[];
  readonly timespanMs: number;
  readonly aliases: readonly CorrelationAlias[];
  readonly condition: CorrelationCondition;
  /** Whether the rules it refers to raise alerts of their own; undefined where the correlation says nothing. */
  readonly generate?: boolean;
  readonly file: string;
  readonly line: number;
  /** The YAML text of the correlation. */
  readonly source: string;
}
