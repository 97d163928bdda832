/** A rule or a filter as a row of the rulebook. */
import { hash } from 'node:crypto';
import { placeholdersOf, type SigmaFilter, type SigmaRule } from 'sigma-rules-ts';
import type { RuleRow } from './schema.ts';
import type { RuleFile } from './upload.ts';

export function toRow(document: SigmaRule | SigmaFilter, file: RuleFile, now: number): RuleRow {
  const { id, title, logsource } = document;
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
    placeholders: JSON.stringify(placeholdersOf(document)),
    fault: null,
    updated_at: now,
  };
}

/** A filter has neither level nor status nor tags (specification: Global Filter, Syntax). */
function ownOf(document: SigmaRule | SigmaFilter): Pick<RuleRow, 'kind' | 'level' | 'status' | 'tags'> {
  if (!('conditions' in document)) return { kind: 'filter', level: 'informational', status: 'stable', tags: '[]' };
  return { kind: 'rule', level: document.level, status: document.status, tags: JSON.stringify(document.tags) };
}
