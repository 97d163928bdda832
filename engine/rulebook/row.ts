/** A rule, a filter or a correlation as a row of the rulebook. */
import { hash } from 'node:crypto';
import { placeholdersOf, type SigmaCorrelation, type SigmaFilter, type SigmaRule } from 'sigma-rules-ts';
import type { RuleRow } from './schema.ts';
import type { RuleFile } from './upload.ts';

export function toRow(document: SigmaRule | SigmaFilter | SigmaCorrelation, file: RuleFile, now: number): RuleRow {
  const { id, title } = document;
  const logsource = 'logsource' in document ? document.logsource : {};
  return {
    id,
    ...ownOf(document),
    title,
    product: logsource.product ?? null,
    service: logsource.service ?? null,
    category: logsource.category ?? null,
    enabled: 1,
    origin: file.name,
    version: hash('sha256', file.text, 'hex').slice(0, 12),
    yaml: file.text,
    placeholders: JSON.stringify('timespanMs' in document ? [] : placeholdersOf(document)),
    fault: null,
    updated_at: now,
  };
}

/** A filter has neither level nor status nor tags (specification: Global Filter, Syntax). */
function ownOf(document: SigmaRule | SigmaFilter | SigmaCorrelation): Pick<RuleRow, 'kind' | 'level' | 'status' | 'tags'> {
  if ('timespanMs' in document) {
    const { level = 'medium', status, tags } = document;
    return { kind: 'correlation', level, status, tags: JSON.stringify(tags) };
  }
  if (!('conditions' in document)) return { kind: 'filter', level: 'informational', status: 'stable', tags: '[]' };
  return { kind: 'rule', level: document.level, status: document.status, tags: JSON.stringify(document.tags) };
}
