/**
 * The JSON schemas of the specification (2.1) as data: what attributes a document may have and what they hold. A test holds these
 * tables to the schema files.
 */
import { LEVELS, STATUSES } from '../model.ts';
import type { DocumentKind } from './document.ts';

export interface Attribute {
  /** `texts`: a list of texts. `related`: a list of maps with `id` and `type`. */
  readonly type: 'text' | 'texts' | 'map' | 'boolean' | 'related';
  readonly required?: true;
  /** Most UTF-16 code units. */
  readonly longest?: number;
  readonly words?: readonly string[];
  readonly format?: 'uuid' | 'date';
  /** Entries of a list must differ. */
  readonly unique?: true;
  /** Fewest code units of an entry. */
  readonly shortest?: number;
}

export type Schema = Readonly<Record<string, Attribute>>;

export const RELATED_TYPES: readonly string[] = ['derived', 'obsolete', 'merged', 'renamed', 'similar'];

const title: Attribute = { type: 'text', required: true, longest: 256 };
const described: Schema = {
  id: { type: 'text', format: 'uuid' },
  description: { type: 'text', longest: 65_535 },
  date: { type: 'text', format: 'date' },
  modified: { type: 'text', format: 'date' },
  taxonomy: { type: 'text', longest: 256 },
};
const rated: Schema = {
  status: { type: 'text', words: STATUSES },
  author: { type: 'text' },
  references: { type: 'texts', unique: true },
  level: { type: 'text', words: LEVELS },
  falsepositives: { type: 'texts', unique: true, shortest: 2 },
};
/** Attributes the specification's text gives to every rule, whatever the schema of its kind lists. */
const shared: Schema = {
  name: { type: 'text', longest: 256 },
  tags: { type: 'texts', unique: true },
  license: { type: 'text' },
  related: { type: 'related' },
  fields: { type: 'texts', unique: true },
  scope: { type: 'texts', shortest: 2 },
};

export const SCHEMAS: Readonly<Record<DocumentKind, Schema>> = {
  rule: {
    title,
    ...described,
    ...rated,
    ...shared,
    logsource: { type: 'map', required: true },
    detection: { type: 'map', required: true },
  },
  correlation: { title, ...described, ...rated, ...shared, correlation: { type: 'map', required: true }, generate: { type: 'boolean' } },
  filter: {
    title,
    ...described,
    ...rated,
    ...shared,
    logsource: { type: 'map', required: true },
    filter: { type: 'map', required: true },
  },
};

/** Attributes of `logsource`; others are allowed and have no effect. */
export const LOGSOURCE: readonly string[] = ['product', 'service', 'category', 'definition'];
