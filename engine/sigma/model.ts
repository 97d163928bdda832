/** The typed form of a Sigma detection rule (specification 2.1). Plain data: it can be sent to a worker or stored. */
import type { Place } from './errors.ts';

export type Level = 'informational' | 'low' | 'medium' | 'high' | 'critical';
export const LEVELS: readonly Level[] = ['informational', 'low', 'medium', 'high', 'critical'];
export type Status = 'stable' | 'test' | 'experimental' | 'deprecated' | 'unsupported';
export const STATUSES: readonly Status[] = ['stable', 'test', 'experimental', 'deprecated', 'unsupported'];

export interface LogSource {
  readonly product?: string;
  readonly service?: string;
  readonly category?: string;
  readonly definition?: string;
}

export interface SigmaRule {
  /** The rule's `id`; a rule without one is known by its `name`, else by its file (specification: Identification is optional). */
  readonly id: string;
  readonly title: string;
  readonly name?: string;
  readonly taxonomy: string;
  /** `experimental` where the rule says nothing. */
  readonly status: Status;
  /** `medium` where the rule says nothing. */
  readonly level: Level;
  readonly description?: string;
  readonly license?: string;
  readonly author?: string;
  readonly date?: string;
  readonly modified?: string;
  readonly references: readonly string[];
  readonly tags: readonly string[];
  readonly fields: readonly string[];
  readonly falsepositives: readonly string[];
  readonly scope: readonly string[];
  readonly related: readonly { readonly id: string; readonly type: string }[];
  readonly logsource: LogSource;
  /** Detections by name, in the order of the file. */
  readonly detections: readonly NamedDetection[];
  /** One tree per condition; the rule matches when any of them does. */
  readonly conditions: readonly Condition[];
  readonly file: string;
  readonly line: number;
  /** The YAML text of the rule. */
  readonly source: string;
}

export interface NamedDetection {
  readonly name: string;
  readonly detection: Detection;
}

export type Condition =
  | { readonly kind: 'and'; readonly children: readonly Condition[] }
  | { readonly kind: 'or'; readonly children: readonly Condition[] }
  | { readonly kind: 'not'; readonly child: Condition }
  | { readonly kind: 'selection'; readonly name: string }
  /** At least `count` of the named detections; `all` of them. `text` is the term as written. */
  | { readonly kind: 'of'; readonly count: number | 'all'; readonly names: readonly string[]; readonly text: string };

export type Detection =
  | { readonly kind: 'and'; readonly children: readonly Detection[] }
  | { readonly kind: 'or'; readonly children: readonly Detection[] }
  | Item;

/** One line of a detection: a field (or the whole event), modifiers, values. */
export interface Item {
  readonly kind: 'item';
  /** Null: a keyword search over the whole event. */
  readonly field: string | null;
  readonly modifiers: readonly string[];
  readonly tests: readonly Test[];
  /** `all`: every test must hold. */
  readonly link: 'any' | 'all';
  /** `neq`: the item holds when the tests do not. */
  readonly negated: boolean;
  /** Part of a date that is compared instead of the value. */
  readonly datePart?: DatePart;
  readonly place: Place;
}

export type DatePart = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year';

/** Literal text, a wildcard, or a placeholder that the compiler fills. */
export type Part = string | typeof ANY | typeof ONE | { readonly placeholder: string };
/** `*`: any number of characters. */
export const ANY = 1 as const;
/** `?`: exactly one character. */
export const ONE = 2 as const;

export type Position = 'equals' | 'startswith' | 'endswith' | 'contains';

/** What a value must satisfy. `text` is the value as the rule writes it. */
export type Test =
  | StringTest
  | { readonly kind: 'regex'; readonly text: string; readonly pattern: string; readonly flags: string }
  | { readonly kind: 'cidr'; readonly text: string; readonly network: readonly number[]; readonly bits: number }
  | { readonly kind: 'compare'; readonly text: string; readonly operator: 'gt' | 'gte' | 'lt' | 'lte'; readonly value: number }
  | { readonly kind: 'null'; readonly text: string }
  | { readonly kind: 'exists'; readonly text: string; readonly expected: boolean }
  | { readonly kind: 'fieldref'; readonly text: string; readonly field: string; readonly position: Position; readonly cased: boolean };

export interface StringTest {
  readonly kind: 'string';
  readonly text: string;
  /** Adjacent literals are joined; `contains` and its like are already ANY at the ends. */
  readonly parts: readonly Part[];
  readonly cased: boolean;
  /** `windash`: the five dash characters are one and the same. */
  readonly dashes: boolean;
}

/** Why a rule was not taken in. Lines and columns count from 1. */
export interface RuleFailure {
  file: string;
  line?: number;
  column?: number;
  code: string;
  reason: string;
}
