/** What the checks of a rule file say. Plain data. */
import type { Pipelines } from '../pipelines/model.ts';
import type { ProcessingPipeline } from '../processing/model.ts';
import type { LintCode } from './catalogue.ts';

export type LintSeverity = 'error' | 'warning' | 'info';

/** Replaces the UTF-16 code units `from` (included) to `to` (excluded) of the file's text. */
export interface LintEdit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** A change that leaves what the rule matches as it is, or that can only be what was meant. */
export interface LintFix {
  readonly description: string;
  readonly edits: readonly LintEdit[];
}

export interface Finding {
  readonly code: LintCode;
  readonly severity: LintSeverity;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
  readonly message: string;
  /** `id` of the rule, else its title. */
  readonly rule?: string;
  readonly fix?: LintFix;
}

export interface LintFile {
  /** Name used in findings. */
  readonly file: string;
  readonly text: string;
}

/** What some checks need to know; without it they are silent. */
export interface LintContext {
  /** Log sources and fields are compared with those of these pipelines. */
  readonly pipelines?: Pipelines;
  /** Change log sources and field names before they are compared. */
  readonly processing?: readonly ProcessingPipeline[];
  /** `YYYY-MM-DD`; a later date is in the future. */
  readonly today?: string;
  /** Ids and names of rules that correlations and filters may refer to, beside those of the files. */
  readonly knownRules?: ReadonlySet<string>;
  /** Told after each file how many were read. */
  readonly onFile?: (done: number) => void;
}
