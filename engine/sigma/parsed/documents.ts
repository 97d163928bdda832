/** Rules, filters, correlations and failures: everything a Sigma file becomes. */
import {
  CORRELATION_TYPES,
  type CorrelationAlias,
  type CorrelationReference,
  OPERATORS,
  type SigmaCorrelation,
} from '../correlation/model.ts';
import type { CorrelationCondition, Criterion } from '../correlation/model.ts';
import type { RuleReference, SigmaFilter } from '../filters/model.ts';
import { LEVELS, type RuleFailure, type SigmaRule, STATUSES } from '../model.ts';
import type { SigmaDocuments } from '../parse/documents.ts';
import { checked, either, flag, list, number, oneOf, optional, record, text, whole } from './codec.ts';
import { condition, detections, knows, logsource, place, source } from './searches.ts';

const line = whole(1);
const texts = list(text);
const namesOf = (named: readonly { readonly name: string }[]): ReadonlySet<string> => new Set(named.map(({ name }) => name));

const rule = checked(
  record<SigmaRule>({
    id: text,
    title: text,
    name: optional(text),
    description: optional(text),
    license: optional(text),
    author: optional(text),
    date: optional(text),
    modified: optional(text),
    taxonomy: text,
    status: oneOf(STATUSES),
    level: oneOf(LEVELS),
    references: texts,
    tags: texts,
    fields: texts,
    falsepositives: texts,
    scope: texts,
    related: list(record<SigmaRule['related'][number]>({ id: text, type: text })),
    logsource,
    detections,
    conditions: list(condition),
    file: text,
    line,
    source,
  }),
  (found) => found.conditions.every((tree) => knows(namesOf(found.detections), tree)),
);

const filter = checked(
  record<SigmaFilter>({
    id: text,
    title: text,
    description: optional(text),
    date: optional(text),
    modified: optional(text),
    taxonomy: text,
    logsource,
    rules: either<'any', RuleReference[]>(
      [oneOf(['any']), (value) => typeof value === 'string'],
      list(record<RuleReference>({ rule: text, place })),
    ),
    detections,
    condition,
    file: text,
    line,
    source,
  }),
  (found) => knows(namesOf(found.detections), found.condition),
);

const correlation = checked(
  record<SigmaCorrelation>({
    id: text,
    title: text,
    name: optional(text),
    level: optional(oneOf(LEVELS)),
    description: optional(text),
    author: optional(text),
    date: optional(text),
    modified: optional(text),
    generate: optional(flag),
    taxonomy: text,
    status: oneOf(STATUSES),
    references: texts,
    tags: texts,
    falsepositives: texts,
    type: oneOf(CORRELATION_TYPES),
    rules: list(record<CorrelationReference>({ rule: text, place })),
    groupBy: texts,
    timespanMs: whole(1),
    aliases: list(
      record<CorrelationAlias>({
        name: text,
        fields: list(record<CorrelationAlias['fields'][number]>({ rule: text, field: text, place })),
      }),
    ),
    condition: record<CorrelationCondition>({
      criteria: list(record<Criterion>({ operator: oneOf(OPERATORS), value: number })),
      fields: texts,
      percentile: optional(number),
      expression: optional(condition),
      text: optional(text),
    }),
    file: text,
    line,
    source,
  }),
  ({ condition: { expression }, rules }) => expression === undefined || knows(new Set(rules.map((each) => each.rule)), expression),
);

const failure = record<RuleFailure>({ file: text, line: optional(line), column: optional(line), code: text, reason: text });

export const documents = record<SigmaDocuments>({
  rules: list(rule),
  correlations: list(correlation),
  filters: list(filter),
  failures: list(failure),
});
