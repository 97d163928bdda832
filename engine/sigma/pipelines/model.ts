/** Pipelines as data: how an event's shape is recognised, which log sources an event belongs to, where its fields stand. */
import type { StringTest } from '../model.ts';
import type { Path } from './paths.ts';

/** A layout of events: ECS, flat, nested … */
export interface Shape {
  readonly name: string;
  /** An event has this shape when all of these are present. */
  readonly requires: readonly Path[];
  /** Where a field stands that `fields` does not name: the first place that has it counts. */
  readonly roots: readonly Path[];
  readonly fields: ReadonlyMap<string, readonly Path[]>;
  /** What a keyword search reads: every value at and below these places. */
  readonly keywords: readonly Path[];
  /** Fields that tell the log source outright, where present. */
  readonly hints?: { readonly product: Path; readonly service: Path; readonly category: Path };
}

/** A log source and the events that belong to it. An event may belong to several. */
export interface Source {
  readonly is: { readonly product?: string; readonly service?: string; readonly category?: string };
  /** Shapes it is about; empty: all. */
  readonly shapes: readonly string[];
  /** All must hold; in each, any of the patterns. Fields are Sigma names, looked up as the shape says. */
  readonly when: readonly { readonly field: string; readonly patterns: readonly StringTest[] }[];
  /** Sigma field name to names in the event, in order of preference; the Sigma name itself is always tried last. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
  /** Field names in these events may hold spaces: `Threat Name` is `ThreatName` (specification: Field Usage, 2). */
  readonly spaced: boolean;
}

export interface Pipelines {
  readonly shapes: readonly Shape[];
  readonly sources: readonly Source[];
}
