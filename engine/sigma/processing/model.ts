/** A processing pipeline in pySigma's YAML format, read: items that change rules, in order. Holds functions; it is loaded where it is used. */
import type { Place } from '../errors.ts';
import type { Item, RuleFailure, SigmaRule } from '../model.ts';
import type { Scalar } from '../parse/yaml.ts';
import type { Draft } from './draft.ts';

export interface ProcessingPipeline {
  readonly name: string;
  /** Pipelines with lower numbers come first; 0 where the file says nothing. */
  readonly priority: number;
  /** Values for `value_placeholders`, by name. */
  readonly vars: ReadonlyMap<string, readonly Scalar[]>;
  /** Backends of pySigma the file names; kept, as events here have no backend. */
  readonly allowedBackends: readonly string[];
  readonly items: readonly ProcessingItem[];
  /** What was read and has no effect here. */
  readonly notes: readonly ProcessingNote[];
  readonly file: string;
}

export interface ProcessingNote extends Place {
  readonly note: string;
}

export interface ProcessingItem {
  /** The file's `id`: what `processing_item_applied` refers to. */
  readonly id: string | undefined;
  readonly type: string;
  readonly file: string;
  readonly place: Place;
  readonly matchesRule: (draft: Draft) => boolean;
  /** Detection item and field name conditions, for a whole detection item. */
  readonly matchesItem: (item: Item, draft: Draft) => boolean;
  /** Field name conditions, for a name alone; null is a keyword search. */
  readonly matchesField: (field: string | null, draft: Draft) => boolean;
  readonly transform: Transform;
}

/** Changes the draft. Throws `SIGMA_TRANSFORMATION` for a rule it cannot change. */
export type Transform = (draft: Draft, item: ProcessingItem) => void;

export interface ProcessedRules<Rule extends SigmaRule> {
  /** Rules in the order given, changed; without those that failed. */
  readonly rules: readonly Rule[];
  readonly failures: readonly RuleFailure[];
  /** Ids of the items whose rule conditions held, by rule. */
  readonly applied: readonly { readonly rule: string; readonly items: readonly string[] }[];
}
